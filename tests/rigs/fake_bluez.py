"""A stand-in for bluetoothd: the objects, methods and habits of org.bluez that bleak relies on.

It owns the name org.bluez on a private bus, so that the unmodified BlueZ backend of bleak talks
to it over a real dbus-daemon. Modelled after bluetoothd 5.66, with its unpleasant habits:

- a subscription (StartNotify) belongs to a D-Bus connection and survives the device's
  disconnection; a client that reconnects without closing its old D-Bus connection is therefore
  subscribed twice and gets every notification twice (hbldh/bleak issue 2002);
- discovery is refused with InProgress while another one starts or stops;
- an adapter that is switched off forgets discovery, and disconnects its devices;
- a silent device stays Connected.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self

import pytest

from rigs.peer import GENERIC_ATTRIBUTE, Peer

pytest.importorskip("dbus_fast", reason="dbus_fast is not installed: BlueZ is Linux's Bluetooth")
from dbus_fast import ErrorType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

ADAPTER = "/org/bluez/hci0"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_OBJECTS = "org.freedesktop.DBus.ObjectManager"
_ADAPTER1 = "org.bluez.Adapter1"
_DEVICE1 = "org.bluez.Device1"
_SERVICE1 = "org.bluez.GattService1"
_CHARACTERISTIC1 = "org.bluez.GattCharacteristic1"
_BEACON_S = 0.05
"""Real sensors advertise every 0.1 to 1 s."""
ABORTED = "le-connection-abort-by-local"
"""What bluetoothd says of interference while connecting."""
Interfaces = dict[str, dict[str, Variant]]


class BluezError(Exception):
    """An answer that is an error: a name under org.bluez.Error and a text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name if "." in name else f"org.bluez.Error.{name}"


class FakeBluez:
    """org.bluez with one adapter and some devices.

    Parameters
    ----------
    address
        D-Bus address of the private bus.
    peers
        The devices around.
    """

    def __init__(self, address: str, peers: Iterable[Peer] = ()) -> None:
        self.peers = list(peers)
        self.refuse: dict[str, list[BluezError]] = defaultdict(list)
        """Method name to the errors its next calls are answered with."""
        self.calls: list[str] = []
        """Methods called, in order."""
        self.already_connected: set[str] = set()
        """Addresses of devices that the system holds connected from the beginning."""
        self._address = address
        self._powered = True
        self._objects: dict[str, Interfaces] = {}
        self._discovering: set[str] = set()
        self._subscribed: dict[str, list[str]] = defaultdict(list)
        self._connecting: dict[str, asyncio.Event] = {}
        self._beacons: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._called = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Own the name and show the adapter."""
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._on_message)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=["type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"],
            )
        )
        self._objects[ADAPTER] = {
            _ADAPTER1: {
                "Address": Variant("s", "00:00:00:00:00:01"),
                "Powered": Variant("b", self._powered),
                "Discovering": Variant("b", False),
                "Roles": Variant("as", ["central", "peripheral"]),
            }
        }
        for peer in self.peers:
            if peer.address in self.already_connected:
                self._show(peer)
                self._link_up(peer)
        await self._bus.request_name("org.bluez")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave the bus."""
        for peer in self.peers:
            peer.disconnected()
        tasks = [*self._tasks, *([self._beacons] if self._beacons else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._bus.disconnect()

    # What a test makes happen.

    def power(self, on: bool) -> None:
        """Switch the adapter."""
        self._powered = on
        if not on:
            self._discovering.clear()
            for peer in self.peers:
                self.drop(peer)
        self._change(ADAPTER, _ADAPTER1, {"Powered": Variant("b", on), "Discovering": Variant("b", False)})

    async def until_called(self, method: str) -> None:
        """Wait for the first call of `method`."""
        async with asyncio.timeout(30):
            while method not in self.calls:
                self._called.clear()
                await self._called.wait()

    def drop(self, peer: Peer) -> None:
        """Break the link to `peer`."""
        path = _device_path(peer)
        if self._property(path, _DEVICE1, "Connected"):
            peer.disconnected()
            # Subscriptions stay, as in bluetoothd.
            self._change(path, _DEVICE1, {"Connected": Variant("b", False)})
            self._change(path, _DEVICE1, {"ServicesResolved": Variant("b", False)})

    def take_away(self, peer: Peer) -> None:
        """Carry `peer` out of range."""
        peer.in_range = False
        self.drop(peer)

    def bring_back(self, peer: Peer) -> None:
        """Bring `peer` back into range."""
        peer.in_range = True
        if (waiting := self._connecting.get(_device_path(peer))) is not None:
            waiting.set()

    # D-Bus.

    def _on_message(self, message: Message) -> Message | bool | None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, new = message.body
            if not new:
                self._forget(name)
            return None
        if message.message_type is not MessageType.METHOD_CALL or message.destination not in {
            "org.bluez",
            self._bus.unique_name,
        }:
            return None
        self.calls.append(message.member)
        self._called.set()
        task = asyncio.get_running_loop().create_task(self._answer(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _answer(self, message: Message) -> None:
        try:
            signature, body = await self._call(message)
        except BluezError as refused:
            self._bus.send(Message.new_error(message, refused.name, str(refused)))
        else:
            self._bus.send(Message.new_method_return(message, signature, body))

    async def _call(self, message: Message) -> tuple[str, list[Any]]:
        if waiting := self.refuse[message.member]:
            if str(waiting[0]) == ABORTED:
                # It was connected for a moment, and everybody is told.
                self._change(message.path, _DEVICE1, {"Connected": Variant("b", True)})
                self._change(message.path, _DEVICE1, {"Connected": Variant("b", False)})
            raise waiting.pop(0)
        method = getattr(self, f"_{message.member.lower()}", None)
        if method is None or (message.path != "/" and message.path not in self._objects):
            raise BluezError(ErrorType.UNKNOWN_OBJECT.value, f"{message.member} of {message.path}")
        return await method(message) or ("", [])

    def _change(self, path: str, interface: str, changed: dict[str, Variant]) -> None:
        if path in self._objects:
            self._objects[path][interface].update(changed)
            self._signal(path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, changed, []])

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self._bus.send(Message.new_signal(path, interface, member, signature, body))

    def _property(self, path: str, interface: str, name: str) -> Any:
        found = self._objects.get(path, {}).get(interface, {}).get(name)
        return found.value if found is not None else None

    def _forget(self, client: str) -> None:
        """Take down what a D-Bus client that went away had."""
        self._discovering.discard(client)
        for clients in self._subscribed.values():
            clients[:] = [c for c in clients if c != client]

    # org.freedesktop.DBus.

    async def _getmanagedobjects(self, _: Message) -> tuple[str, list[Any]]:
        return "a{oa{sa{sv}}}", [self._objects]

    async def _get(self, message: Message) -> tuple[str, list[Any]]:
        interface, name = message.body
        return "v", [self._objects[message.path][interface][name]]

    # org.bluez.Adapter1.

    async def _setdiscoveryfilter(self, _: Message) -> None:
        self._need_power()

    async def _startdiscovery(self, message: Message) -> None:
        self._need_power()
        if message.sender in self._discovering:
            raise BluezError("InProgress", "Operation already in progress")
        self._discovering.add(message.sender)
        self._change(ADAPTER, _ADAPTER1, {"Discovering": Variant("b", True)})
        if self._beacons is None or self._beacons.done():
            self._beacons = asyncio.create_task(self._advertise())

    async def _stopdiscovery(self, message: Message) -> None:
        self._need_power()
        if message.sender not in self._discovering:
            raise BluezError("Failed", "No discovery started")
        self._discovering.discard(message.sender)
        if not self._discovering:
            self._change(ADAPTER, _ADAPTER1, {"Discovering": Variant("b", False)})

    def _need_power(self) -> None:
        if not self._powered:
            raise BluezError("NotReady", "Resource Not Ready")

    async def _advertise(self) -> None:
        while self._discovering:
            for peer in self.peers:
                path = _device_path(peer)
                if not peer.in_range or self._property(path, _DEVICE1, "Connected"):
                    continue
                if path in self._objects:
                    self._change(path, _DEVICE1, {"RSSI": Variant("n", peer.rssi)})
                else:
                    self._show(peer)
            await asyncio.sleep(_BEACON_S)

    def _show(self, peer: Peer) -> None:
        self._add(
            _device_path(peer),
            {
                _DEVICE1: {
                    "Address": Variant("s", peer.address),
                    "AddressType": Variant("s", "random"),
                    "Adapter": Variant("o", ADAPTER),
                    "Alias": Variant("s", peer.name or peer.address.replace(":", "-")),
                    **({"Name": Variant("s", peer.name)} if peer.name else {}),
                    "Connected": Variant("b", False),
                    "Paired": Variant("b", False),
                    "ServicesResolved": Variant("b", False),
                    "UUIDs": Variant("as", [GENERIC_ATTRIBUTE, *peer.services]),
                    "RSSI": Variant("n", peer.rssi),
                }
            },
        )

    def _add(self, path: str, interfaces: Interfaces) -> None:
        self._objects[path] = interfaces
        self._signal("/", _OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    # org.bluez.Device1.

    async def _connect(self, message: Message) -> None:
        peer = self._peer(message.path)
        if not self._powered:
            raise BluezError("Failed", "Input/output error")
        if self._property(message.path, _DEVICE1, "Connected"):
            return
        if not peer.in_range:
            # bluetoothd tries on until somebody calls Disconnect.
            waiting = self._connecting[message.path] = asyncio.Event()
            await waiting.wait()
            del self._connecting[message.path]
            if not peer.in_range:
                raise BluezError("Failed", "br-connection-canceled")
        self._link_up(peer)

    async def _disconnect(self, message: Message) -> None:
        if (waiting := self._connecting.get(message.path)) is not None:
            waiting.set()
        self.drop(self._peer(message.path))

    def _link_up(self, peer: Peer) -> None:
        path = _device_path(peer)
        self._change(path, _DEVICE1, {"Connected": Variant("b", True)})
        handle = 10
        for service, characteristics in peer.table.items():
            service_path = f"{path}/service{handle:04x}"
            if service_path not in self._objects:
                self._add(service_path, {_SERVICE1: _service(service, path)})
            for uuid, flags in characteristics.items():
                handle += 2
                where = f"{service_path}/char{handle:04x}"
                if where not in self._objects:
                    self._add(where, {_CHARACTERISTIC1: _characteristic(uuid, service_path, flags)})
            handle += 2
        self._change(path, _DEVICE1, {"ServicesResolved": Variant("b", True)})
        peer.connected(lambda uuid, payload: self._notify(peer, uuid, payload))

    # org.bluez.GattCharacteristic1.

    async def _startnotify(self, message: Message) -> None:
        self._peer(message.path, connected=True)
        if message.sender in self._subscribed[message.path]:
            raise BluezError("InProgress", "Already notifying")
        self._subscribed[message.path].append(message.sender)

    async def _stopnotify(self, message: Message) -> None:
        self._subscribed[message.path].remove(message.sender)

    async def _readvalue(self, message: Message) -> tuple[str, list[Any]]:
        peer = self._peer(message.path, connected=True)
        value = peer.read(self._property(message.path, _CHARACTERISTIC1, "UUID"))
        # Value is a property: whoever watches it hears of a read as of a notification.
        self._change(message.path, _CHARACTERISTIC1, {"Value": Variant("ay", value)})
        return "ay", [value]

    async def _writevalue(self, message: Message) -> None:
        peer = self._peer(message.path, connected=True)
        peer.write(self._property(message.path, _CHARACTERISTIC1, "UUID"), bytes(message.body[0]))

    def _notify(self, peer: Peer, uuid: str, payload: bytes) -> None:
        device = _device_path(peer) + "/"
        for path, interfaces in self._objects.items():
            found = interfaces.get(_CHARACTERISTIC1)
            if found is not None and path.startswith(device) and found["UUID"].value == uuid:
                for _ in self._subscribed[path]:
                    self._change(path, _CHARACTERISTIC1, {"Value": Variant("ay", payload)})
                return

    def _peer(self, path: str | None, *, connected: bool = False) -> Peer:
        for peer in self.peers:
            device = _device_path(peer)
            if path is not None and (path == device or path.startswith(device + "/")):
                if connected and not self._property(device, _DEVICE1, "Connected"):
                    raise BluezError("Failed", "Not connected")
                return peer
        raise BluezError(ErrorType.UNKNOWN_OBJECT.value, str(path))


def _device_path(peer: Peer) -> str:
    return f"{ADAPTER}/dev_{peer.address.replace(':', '_')}"


def _service(uuid: str, device: str) -> dict[str, Variant]:
    return {"UUID": Variant("s", uuid), "Device": Variant("o", device), "Primary": Variant("b", True)}


def _characteristic(uuid: str, service: str, flags: tuple[str, ...]) -> dict[str, Variant]:
    return {
        "UUID": Variant("s", uuid),
        "Service": Variant("o", service),
        "Flags": Variant("as", list(flags)),
        "Value": Variant("ay", b""),
        "Notifying": Variant("b", False),
        "MTU": Variant("q", 247),
    }
