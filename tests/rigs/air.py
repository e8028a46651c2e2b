"""Peers on a virtual air, as bumble's controllers make it; one of them is the machine's own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any, Self

from bumble.controller import Controller
from bumble.core import AdvertisingData, PhysicalTransport
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address, LeFeatureMask
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink
from bumble.transport.tcp_server import open_tcp_server_transport_with_socket

from rigs.peer import Peer

_PERMISSIONS = Characteristic.READABLE | Characteristic.WRITEABLE
_NOT_MODELLED = LeFeatureMask.LL_PRIVACY | LeFeatureMask.LE_EXTENDED_ADVERTISING
"""Announced by bumble's controller without being carried out (google/bumble issue 841)."""
_OWN_ADDRESS = "00:1B:DC:00:00:01"
"""bluetoothd shows no adapter without a public address."""
_ACL_BYTES = 251
_BEACON_MS = 100.0
_LEGACY_BYTES = 31


class _Link(LocalLink):
    """A link on which data comes from the address that the connection was made with.

    The one of bumble 0.0.236 takes the sender's random address, which the kernel changes with
    every scan and does not connect with.
    """

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Deliver `data`, if the connection still stands."""
        connection = sender_controller.le_connections.get(destination_address)
        receiver = self.find_le_controller(destination_address)
        if connection is not None and receiver is not None:
            loop = asyncio.get_running_loop()
            loop.call_soon(receiver.on_link_acl_data, connection.self_address, transport, data)


class Air:
    """The air around the machine.

    Parameters
    ----------
    peers
        The devices on it.
    """

    def __init__(self, peers: Sequence[Peer]) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.hci_port: int = self._door.getsockname()[1]
        """Where the machine's controller connects to."""
        self._peers = list(peers)
        self._devices: dict[str, Device] = {}
        self._tasks: set[asyncio.Future[Any]] = set()

    async def __aenter__(self) -> Self:
        """Let the peers advertise and wait for the machine."""
        link = _Link()
        self._transport = await open_tcp_server_transport_with_socket(self._door)
        self._own = _controller("machine", link, self._transport.source, self._transport.sink)
        for peer in self._peers:
            controller = _controller(peer.name, link)
            host = Host()
            host.controller = controller
            controller.host = AsyncPipeSink(host)
            host.set_packet_sink(controller)
            device = Device(name=peer.name, address=Address(peer.address), host=host)
            self._devices[peer.address] = device
            self._serve(peer, device)
            await device.power_on()
            if peer.in_range:
                await self._advertise(peer)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Fall silent."""
        for peer in self._peers:
            peer.disconnected()
        await self._transport.close()

    async def drop(self, peer: Peer) -> None:
        """Break the link to `peer`."""
        for connection in list(self._devices[peer.address].connections.values()):
            await connection.disconnect()

    async def take_away(self, peer: Peer) -> None:
        """Carry `peer` out of range."""
        peer.in_range = False
        await self.drop(peer)

    async def bring_back(self, peer: Peer) -> None:
        """Bring `peer` back into range."""
        peer.in_range = True
        await self._advertise(peer)

    async def _advertise(self, peer: Peer) -> None:
        uuids = b"".join(bytes.fromhex(uuid.replace("-", ""))[::-1] for uuid in peer.services)
        # All in one: bumble's controllers report the advertisement in the place of a scan response.
        said = [
            (AdvertisingData.FLAGS, bytes((0x06,))),
            (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, uuids),
            (AdvertisingData.COMPLETE_LOCAL_NAME, peer.name.encode()),
        ]
        beacon = AdvertisingData([(kind, value) for kind, value in said if value])
        assert len(bytes(beacon)) <= _LEGACY_BYTES, f"the name {peer.name} does not fit the advertisement"
        await self._devices[peer.address].start_advertising(
            advertising_data=bytes(beacon),
            advertising_interval_min=_BEACON_MS,
            advertising_interval_max=_BEACON_MS,
        )

    def _serve(self, peer: Peer, device: Device) -> None:
        """Give `device` the characteristics of `peer`."""
        made: dict[str, Characteristic[bytes]] = {}
        for service, characteristics in peer.table.items():
            for uuid, flags in characteristics.items():
                properties = Characteristic.Properties(0)
                for flag in flags:
                    properties |= Characteristic.Properties[flag.upper().replace("-", "_")]
                value = CharacteristicValue(read=_reader(peer, uuid), write=_writer(peer, uuid))
                made[uuid] = Characteristic(uuid, properties, _PERMISSIONS, value)
            device.add_service(Service(service, [made[uuid] for uuid in characteristics]))

        def notify(uuid: str, payload: bytes) -> None:
            told = made[uuid].properties & Characteristic.Properties.NOTIFY
            send = device.notify_subscribers if told else device.indicate_subscribers
            self._do(send(made[uuid], payload))

        def gone(_: int) -> None:
            peer.disconnected()
            if peer.in_range:
                self._do(self._advertise(peer))

        def came(connection: Connection) -> None:
            connection.on("disconnection", gone)
            peer.connected(notify)

        device.on("connection", came)

    def _do(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _controller(name: str, link: LocalLink, source: Any = None, sink: Any = None) -> Controller:
    controller = Controller(name, source, sink, link, public_address=_OWN_ADDRESS if source else None)
    controller.le_features &= ~_NOT_MODELLED
    controller.le_acl_data_packet_length = _ACL_BYTES
    return controller


def _reader(peer: Peer, uuid: str) -> Callable[[Connection], bytes]:
    return lambda _: peer.read(uuid)


def _writer(peer: Peer, uuid: str) -> Callable[[Connection, bytes], None]:
    return lambda _, value: peer.write(uuid, bytes(value))
