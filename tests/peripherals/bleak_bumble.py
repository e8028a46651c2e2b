"""A backend of bleak over bumble: real bleak calls reach pretended devices on a LocalLink.

``client, scanner = backends(central)`` gives classes for ``BleakClient(device, backend=client)``
and ``BleakScanner(backend=scanner)``; within ``as_platform(central)`` every client and scanner
uses them, as if they were the operating system's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bleak
from bleak.args import SizedBuffer
from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.core import TimeoutError as BumbleTimeoutError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import Characteristic
from bumble.hci import Address
from bumble.link import LocalLink
from peripherals.device import powered

MTU = 247
"""What BlueZ and current phones settle on with devices of Bluetooth 4.2 and later is 185 to 517."""


async def radio(link: LocalLink, address: str = "F0:00:00:00:00:01") -> Device:
    """Return the computer's side of `link`, switched on."""
    central = powered(link, "computer", address)
    await central.power_on()
    return central


def backends(central: Device) -> tuple[type[BumbleClient], type[BumbleScanner]]:
    """Return a client and a scanner backend that use `central`."""
    own = {"central": central, "connecting": asyncio.Lock()}
    return type("OwnClient", (BumbleClient,), own), type("OwnScanner", (BumbleScanner,), own)


@contextmanager
def as_platform(central: Device) -> Iterator[None]:
    """Make `central` the backend that bleak takes where none is named."""
    client, scanner = backends(central)
    names = {
        "get_platform_client_backend_type": lambda: (client, "bumble"),
        "get_platform_scanner_backend_type": lambda: (scanner, "bumble"),
        "get_platform_adapter_backend_type": lambda: (BaseBleakAdapter, "bumble"),
    }
    kept = {name: getattr(bleak, name) for name in names}
    try:
        for name, made in names.items():
            setattr(bleak, name, made)
        yield
    finally:
        for name, original in kept.items():
            setattr(bleak, name, original)


class BumbleScanner(BaseBleakScanner):
    """Hear advertisements."""

    central: Device

    def __init__(
        self,
        detection_callback: Any,
        service_uuids: list[str] | None,
        _scanning_mode: str,
        **_other: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        """Listen."""
        self.seen_devices = {}
        self.central.on(Device.EVENT_ADVERTISEMENT, self._heard)
        await self.central.start_scanning(filter_duplicates=False)

    async def stop(self) -> None:
        """Listen no more."""
        self.central.remove_listener(Device.EVENT_ADVERTISEMENT, self._heard)
        await self.central.stop_scanning()

    def _heard(self, advertisement: Advertisement) -> None:
        data = advertisement.data
        raw = data.get(AdvertisingData.COMPLETE_LOCAL_NAME, raw=True)
        name = bytes(raw).decode() if isinstance(raw, bytes) else None
        lists = data.get_all(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS)
        uuids = [_text(uuid) for some in lists for uuid in some]  # type: ignore[union-attr]
        if not self.is_allowed_uuid(uuids):
            return
        said = AdvertisementData(name, {}, {}, uuids, None, advertisement.rssi, ())
        address = advertisement.address.to_string(with_type_qualifier=False)
        device = self.create_or_update_device(address, address, name, None, said)
        self.call_detection_callbacks(device, said)


class BumbleClient(BaseBleakClient):
    """One connection."""

    central: Device
    connecting: asyncio.Lock

    def __init__(self, address_or_ble_device: BLEDevice | str, **kwargs: Any) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._connection: Connection | None = None
        self._callbacks: dict[int, Any] = {}

    @property
    def name(self) -> str:
        """Address: bumble asks no name."""
        return self.address

    @property
    def mtu_size(self) -> int:
        """Negotiated MTU."""
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self) -> bool:
        """Whether the link is up."""
        return self._connection is not None

    async def connect(self, _pair: bool, **_kwargs: Any) -> None:
        """Connect, settle the MTU, find services; TimeoutError if it is not there."""
        async with self.connecting:
            try:
                self._connection = await self.central.connect(Address(self.address), timeout=self._timeout)
            except BumbleTimeoutError as late:
                raise TimeoutError from late
            except BaseBumbleError as failed:
                raise BleakError(str(failed)) from failed
        self._connection.on(Connection.EVENT_DISCONNECTION, self._disconnected)
        peer = Peer(self._connection)
        try:
            await peer.request_mtu(MTU)
            await peer.discover_all()
        except (BaseBumbleError, asyncio.CancelledError) as failed:
            raise BleakError(f"lost while connecting: {failed}") from failed
        self.services = _collected(peer)

    async def disconnect(self) -> None:
        """Disconnect; nothing if the link is down."""
        if self._connection is not None:
            await self._connection.disconnect()

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Do nothing: the pretended devices want no pairing."""

    async def unpair(self) -> None:
        """Do nothing."""

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_kwargs: Any) -> bytearray:
        """Read a value."""
        return bytearray(await self._asked(characteristic.obj.read_value()))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """Write a value."""
        await self._asked(characteristic.obj.write_value(bytes(data), with_response=response))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_kwargs: Any
    ) -> None:
        """Subscribe."""

        def heard(value: bytes) -> None:
            callback(bytearray(value))

        self._callbacks[characteristic.handle] = heard
        await self._asked(characteristic.obj.subscribe(heard))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        await self._asked(characteristic.obj.unsubscribe(self._callbacks.pop(characteristic.handle, None)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_kwargs: Any
    ) -> bytearray:
        """Not needed here."""
        raise NotImplementedError

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Not needed here."""
        raise NotImplementedError

    async def _asked(self, request: Any) -> Any:
        if self._connection is None:
            request.close()
            raise BleakError("Not connected")
        try:
            return await self._connection.cancel_on_disconnection(request)
        except BaseBumbleError as failed:
            raise BleakError(str(failed)) from failed
        except asyncio.CancelledError:
            if self.is_connected:
                raise
            raise BleakError("disconnected") from None

    def _disconnected(self, _reason: int) -> None:
        self._connection = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()


def _text(uuid: UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))


def _collected(peer: Peer) -> BleakGATTServiceCollection:
    found = BleakGATTServiceCollection()
    for service in peer.services:
        kept = BleakGATTService(service, service.handle, _text(service.uuid))
        found.add_service(kept)
        for characteristic in service.characteristics:
            names = [
                flag.name.lower().replace("_", "-")
                for flag in Characteristic.Properties
                if flag & characteristic.properties and flag.name
            ]
            found.add_characteristic(
                BleakGATTCharacteristic(
                    characteristic,
                    characteristic.handle,
                    _text(characteristic.uuid),
                    names,  # type: ignore[arg-type]
                    lambda: peer.connection.att_mtu - 3,
                    kept,
                )
            )
    return found
