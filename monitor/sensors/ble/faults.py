"""What a radio can fail with, in one line a person can act on."""

from __future__ import annotations

import sys

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)
from bleak_retry_connector import BleakNotFoundError, BleakOutOfConnectionSlotsError

from monitor.model.errors import SensorError

RADIO_FAILURES = (BleakError, OSError, EOFError, TimeoutError, AttributeError, KeyError, AssertionError)
"""What calls into bleak raise. The last three: a link that breaks in the middle of a call leaves
bleak's own objects half gone, and a session does not end for that."""

_LINUX = sys.platform.startswith("linux")
_GROUP = "add yourself to the group bluetooth (sudo usermod -aG bluetooth $USER) and log in again"
_PRIVACY = "allow it in the system's privacy settings"
_OFF = "Bluetooth is off: switch it on" + (
    " (bluetoothctl power on; if that is blocked, rfkill unblock bluetooth)" if _LINUX else ""
)
_DENIED = f"no permission to use Bluetooth: {_GROUP if _LINUX else _PRIVACY}"
_NO_SERVICE = (
    "the Bluetooth service does not run: sudo systemctl start bluetooth (install it with apt install bluez)"
)
_NOT_AVAILABLE = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: "no Bluetooth adapter here: plug one in, or switch on"
    " the built-in one in the firmware settings",
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: "the Bluetooth adapter cannot speak Bluetooth"
    " Low Energy: use one of version 4.0 or later",
    BleakBluetoothNotAvailableReason.POWERED_OFF: _OFF,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: f"no permission to use Bluetooth: {_PRIVACY}",
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: _DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: _DENIED,
}
_NO_OWNER = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn",
    "org.freedesktop.systemd1.",
)
_PAIRING = {
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION,
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHORIZATION,
    BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION,
    BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE,
}


class BlockedError(SensorError):
    """Trying again does not help: a person has to do something first."""


class RadioError(BlockedError):
    """The computer's own Bluetooth does not work: no sensor can be reached until that is mended."""


def explained(failure: BaseException, device: str) -> SensorError:  # noqa: PLR0911 - one return a reason
    """Return `failure` of bleak as an error of ours.

    Parameters
    ----------
    failure
        One of `RADIO_FAILURES`.
    device
        What was being reached, as a person calls it; empty for the adapter itself.

    Returns
    -------
    `RadioError` where the computer's Bluetooth is at fault, else `SensorError`.
    """
    # bleak-retry-connector says how often it tried; what went wrong is its cause.
    cause = failure.__cause__ if isinstance(failure.__cause__, RADIO_FAILURES) else failure
    where = device or "Bluetooth"
    match cause:
        case BleakBluetoothNotAvailableError():
            said = _NOT_AVAILABLE.get(cause.reason, f"Bluetooth does not work here: {cause.args[0]}")
            return RadioError(said)
        case BleakDBusError():
            return _of_dbus(cause, where)
        case FileNotFoundError() | ConnectionRefusedError() if _LINUX:
            return RadioError("no D-Bus system bus here, which Bluetooth needs: start dbus and bluetooth")
        case PermissionError():
            return RadioError(_DENIED)
        case BleakGATTProtocolError() if cause.code in _PAIRING:
            return SensorError(
                f"{where} wants to be paired: pair it in the system's Bluetooth settings first"
            )
        case BleakCharacteristicNotFoundError():
            return SensorError(
                f"{where} lacks characteristic {cause.char_specifier}: is its firmware current?"
            )
        case BleakDeviceNotFoundError() | BleakNotFoundError() | TimeoutError():
            return SensorError(f"{where} does not answer: wake it and bring it nearer")
        case BleakOutOfConnectionSlotsError():
            return SensorError(
                f"{where}: the Bluetooth adapter has no connection left: disconnect other devices"
            )
    return SensorError(f"{where}: {_short(cause)}: bring it nearer, or switch it off and on")


def _of_dbus(failure: BleakDBusError, where: str) -> SensorError:  # noqa: PLR0911 - one return a reason
    name, details = failure.dbus_error, failure.dbus_error_details or ""
    if name.startswith(_NO_OWNER):
        return RadioError(_NO_SERVICE)
    if name == "org.freedesktop.DBus.Error.AccessDenied":
        return RadioError(_DENIED)
    if name == "org.bluez.Error.NotReady":
        return RadioError(_OFF)
    if name in {"org.bluez.Error.InProgress", "org.bluez.Error.Busy"}:
        return SensorError(
            f"{where}: another program is using Bluetooth right now: close it, or wait a little"
        )
    if name == "org.bluez.Error.NotPermitted" and "acquired" in details:
        return SensorError(f"{where} is in use by another program on this computer: close that program")
    if name in {"org.bluez.Error.NotPermitted", "org.bluez.Error.NotAuthorized"}:
        return SensorError(f"{where} wants to be paired: pair it in the system's Bluetooth settings first")
    if name == "org.freedesktop.DBus.Error.UnknownObject":
        return SensorError(f"{where} went out of sight: bring it nearer")
    return SensorError(f"{where}: {_short(failure)}: bring it nearer, or switch it off and on")


def _short(failure: BaseException) -> str:
    if isinstance(failure, BleakDBusError):
        return failure.dbus_error_details or failure.dbus_error.rpartition(".")[2]
    return " ".join(str(failure).split()) or type(failure).__name__
