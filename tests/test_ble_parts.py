"""Parts of the Bluetooth room that need no radio: words for failures, names, what comes twice, buzzes."""

from __future__ import annotations

import pytest
from bleak.backends.device import BLEDevice
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak_retry_connector import BleakConnectionError, BleakOutOfConnectionSlotsError
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.events import Alert, Cause, Confidence, Level
from monitor.model.session import Delivery, Output, SessionInfo
from monitor.sensors.ble import Sighting, VibrationSink, matching
from monitor.sensors.ble.faults import RadioError, explained
from monitor.sensors.ble.intake import Intake
from monitor.sensors.profiles import witmotion


@pytest.mark.parametrize("reason", list(BleakBluetoothNotAvailableReason))
def test_a_computer_without_working_bluetooth_is_told_in_one_line(
    reason: BleakBluetoothNotAvailableReason,
) -> None:
    said = explained(BleakBluetoothNotAvailableError("no", reason), "Lumbar")
    assert isinstance(said, RadioError)
    assert "Bluetooth" in str(said)
    assert "\n" not in str(said)


def dbus(name: str, *details: str) -> BleakDBusError:
    return BleakDBusError(name, list(details))


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (dbus("org.bluez.Error.NotReady", "Resource Not Ready"), "switch it on"),
        (dbus("org.bluez.Error.InProgress", "Operation already in progress"), "another program"),
        (dbus("org.bluez.Error.NotPermitted", "Not paired"), "pair it"),
        (dbus("org.bluez.Error.Failed", "Input/output error"), "Lumbar: Input/output error: bring it nearer"),
        (dbus("org.freedesktop.DBus.Error.UnknownObject", "x"), "out of sight"),
        (BleakGATTProtocolError(0x05), "pair it"),
        (BleakOutOfConnectionSlotsError("no slot"), "disconnect other devices"),
        (TimeoutError(), "does not answer"),
        (PermissionError(13, "Permission denied"), "no permission"),
        (KeyError("org.bluez.GattService1"), "Lumbar"),
        (BleakError("two\nlines"), "two lines"),
    ],
)
def test_failures_say_what_to_do(failure: Exception, words: str) -> None:
    said = str(explained(failure, "Lumbar"))
    assert words in said
    assert "\n" not in said


def test_the_cause_is_told_and_not_the_number_of_attempts() -> None:
    wrapped = BleakConnectionError("Lumbar: Failed to connect after 2 attempt(s): ...")
    wrapped.__cause__ = dbus("org.bluez.Error.NotReady", "Resource Not Ready")
    assert isinstance(explained(wrapped, "Lumbar"), RadioError)


def sighting(name: str, address: str) -> Sighting:
    return Sighting(name, address, BLEDevice(address, name, None))


def test_an_address_goes_before_a_name_and_a_name_before_its_beginning() -> None:
    short, long, other = sighting("Lumbar", "AA"), sighting("Lumbar 2", "BB"), sighting("bb", "CC")
    seen = [short, long, other]
    assert matching("lumbar", seen) == [short]
    assert matching("LUMB", seen) == [short, long]
    assert matching("bb", seen) == [long]
    assert matching("Kettle", seen) == []


@given(st.text(max_size=8), st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=5))
def test_matching_never_invents_a_device(wanted: str, devices: list[tuple[str, str]]) -> None:
    seen = [sighting(name, address) for name, address in devices]
    asked = wanted.casefold()
    for found in matching(wanted, seen):
        assert found.address.casefold() == asked or found.name.casefold().startswith(asked)


class Clock:
    now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def frame(value: int) -> bytes:
    """Return a frame of a sensor that sends neither time nor number."""
    return b"\x55\x61" + value.to_bytes(2, "little") * 9


def samples(intake: Intake, payload: bytes) -> int:
    taken = intake.take(witmotion.NOTIFY, payload)
    return sum(len(i.block) for i in taken.items if isinstance(i, Delivery))


def test_what_the_system_delivers_twice_counts_once_without_any_time_in_it() -> None:
    clock = Clock()
    intake = Intake("lower", 0, clock)
    intake.connected(witmotion.PROFILE.decoder(100.0))
    came = 0
    for k in range(20):
        clock.now_ns = k * 10_000_000
        came += samples(intake, frame(100 + k))
        clock.now_ns += 100_000
        came += samples(intake, frame(100 + k))
    assert came == 20


def test_a_sensor_at_rest_may_send_the_same_twice() -> None:
    clock = Clock()
    intake = Intake("lower", 0, clock)
    intake.connected(witmotion.PROFILE.decoder(100.0))
    came = 0
    for k in range(20):
        clock.now_ns = k * 10_000_000
        came += samples(intake, frame(100))
    assert came == 20


class Motor:
    def __init__(self) -> None:
        self.buzzes: list[tuple[float, float]] = []

    def buzz(self, strength: float = 1.0, duration_s: float = 0.3, sensor: str | None = None) -> None:
        assert sensor is None
        self.buzzes.append((strength, duration_s))


def alert(level: Level, *, audible: bool = True) -> Alert:
    cause, confidence = Cause.LACK_OF_SPINAL_SUPPORT, Confidence.MEDIUM
    return Alert("a-1", 1.0, "lift_off", cause, confidence, level, 3, "Stop a little higher.", audible)


def test_an_alert_is_felt_and_a_silent_one_is_not() -> None:
    motor = Motor()
    sink = VibrationSink(motor)
    sink.begin(SessionInfo())
    sink.take((), Output(events=(alert(Level.CAUTION), alert(Level.ALERT))))
    sink.take((), Output(events=(alert(Level.CAUTION),)))
    sink.take((), Output(events=(alert(Level.ALERT, audible=False),)))
    sink.end()
    (strong, long), (weak, short) = motor.buzzes
    assert strong > weak
    assert long > short
