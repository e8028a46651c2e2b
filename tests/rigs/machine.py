"""A virtual machine with a real Linux kernel and the real bluetoothd.

Its Bluetooth controller is the kernel's hci_vhci, whose other end is a TCP port on the host; its
system bus is reached through a unix socket on the host. Everything in it comes from Debian
packages: the kernel out of a package file (see README.md here), programs and libraries as they
are installed on the host.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Self

BLUETOOTHD = Path("/usr/libexec/bluetooth/bluetoothd")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lumbar-monitor-rigs"
"""Where the kernel's package is looked for and unpacked."""
READY = "BLUETOOTH READY"
_BOOT_S = 180.0
"""It boots in 8 s on an idle machine without hardware virtualisation."""
_DBUS_PORT = 5555
_FIRST = -15
"""Niceness; others than root stay at theirs."""
_MODULES = (
    *("failover", "net_failover", "virtio_ring", "virtio"),
    *("virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_net"),
    *("crc16", "ecc", "ecdh_generic", "cmac", "ecb", "rfkill", "bluetooth", "hci_vhci"),
)
"""In the order they need each other."""
_INIT = """#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for module in {modules}; do insmod /modules/$module.ko || echo "no module $module"; done
ifconfig lo 127.0.0.1; ifconfig eth0 10.0.2.15 up
dbus-daemon --config-file=/etc/bus.conf --fork
bridge dbus {dbus_port} /run/dbus/system_bus_socket &
bridge hci 10.0.2.2 {hci_port} &
{bluetoothd} -n -f /etc/bluetooth/main.conf &
while ! dbus-send --system --print-reply --dest=org.bluez /org/bluez/hci0 \
  org.freedesktop.DBus.Properties.Get string:org.bluez.Adapter1 string:Powered 2>/dev/null | grep -q true
do sleep 0.1; done
echo {ready}
while true; do sleep 1000; done
"""
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/></policy></busconfig>
"""


def why_not() -> str | None:
    """Return None if the machine can run here, else one line on what is missing."""
    programs = {
        "qemu-system-x86_64": "qemu-system-x86",
        "busybox": "busybox-static",
        "cpio": "cpio",
        "gcc": "gcc",
        "dbus-daemon": "dbus",
        "dbus-send": "dbus",
    }
    packages = {package for program, package in programs.items() if shutil.which(program) is None}
    if not BLUETOOTHD.exists():
        packages.add("bluez")
    if packages:
        return f"not installed: {' '.join(sorted(packages))} (tests/rigs/get_machine.sh)"
    if not list(CACHE.glob("linux-image-*.deb")):
        return f"no kernel package in {CACHE} (tests/rigs/get_machine.sh)"
    return None


class Machine:
    """The running machine.

    Parameters
    ----------
    folder
        Where its image, sockets and log go.
    hci_port
        TCP port of the host that the other end of its controller listens on.
    """

    def __init__(self, folder: Path, hci_port: int) -> None:
        self.bus_address = f"unix:path={folder / 'bus'}"
        self.log = folder / "console.log"
        self._folder = folder
        self._hci_port = hci_port
        self._process: asyncio.subprocess.Process | None = None
        self._door: asyncio.Server | None = None
        self._dbus_port = _free_port()
        self._niceness = os.getpriority(os.PRIO_PROCESS, 0)

    async def __aenter__(self) -> Self:
        """Boot, and wait until its adapter is powered."""
        kernel = await asyncio.to_thread(build, self._folder, self._hci_port)
        # The machine's time does not wait for the host: it, and its air, go before other work.
        _go(_FIRST)
        self._process = await asyncio.create_subprocess_exec(
            *("nice", "-n", str(_FIRST), "qemu-system-x86_64"),
            *("-accel", "tcg", "-m", "256", "-display", "none", "-no-reboot"),
            *("-kernel", str(kernel), "-initrd", str(self._folder / "initrd")),
            *("-append", "console=ttyS0 loglevel=4 cryptomgr.notests panic=-1"),
            *("-serial", "stdio", "-monitor", "none"),
            *("-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{self._dbus_port}-:{_DBUS_PORT}"),
            *("-device", "virtio-net-pci,netdev=net,romfile="),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(_BOOT_S):
                await self._booted()
        except TimeoutError:
            await self.__aexit__()
            raise AssertionError(f"the machine did not boot:\n{self.log.read_text()[-3000:]}") from None
        self._reading = asyncio.create_task(self._read_on())
        self._door = await asyncio.start_unix_server(self._forward, self._folder / "bus")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Switch it off."""
        _go(self._niceness)
        if self._door is not None:
            self._door.close()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _booted(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self.log.open("wb") as log:
            while line := await self._process.stdout.readline():
                log.write(line)
                log.flush()
                if READY.encode() in line:
                    return
        raise AssertionError(f"the machine stopped:\n{self.log.read_text()[-3000:]}")

    async def _read_on(self) -> None:
        """Keep the console from filling up."""
        assert self._process is not None
        assert self._process.stdout is not None
        with self.log.open("ab") as log:
            while line := await self._process.stdout.readline():
                log.write(line)
                log.flush()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside = await asyncio.open_connection("127.0.0.1", self._dbus_port)
        await asyncio.gather(_pour(reader, inside[1]), _pour(inside[0], writer))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


def build(folder: Path, hci_port: int) -> Path:
    """Make the machine's file system in `folder` and return its kernel."""
    package = max(CACHE.glob("linux-image-*.deb"))
    unpacked = CACHE / package.stem
    if not unpacked.is_dir():
        subprocess.run(["dpkg", "-x", str(package), str(unpacked)], check=True)
    root = folder / "root"
    for name in (
        "bin",
        "proc",
        "sys",
        "dev",
        "run/dbus",
        "etc/bluetooth",
        "var/lib/bluetooth",
        "modules",
        "tmp",
    ):
        (root / name).mkdir(parents=True)
    (root / "var/run").symlink_to("/run")
    modules = {path.stem: path for path in (unpacked / "lib/modules").rglob("*.ko")}
    for name in _MODULES:
        shutil.copy(modules[name], root / "modules")
    _programs(root)
    init = _INIT.format(
        modules=" ".join(_MODULES),
        dbus_port=_DBUS_PORT,
        hci_port=hci_port,
        bluetoothd=BLUETOOTHD,
        ready=READY,
    )
    _write(root / "init", init, 0o755)
    _write(root / "etc/bus.conf", _BUS)
    _write(root / "etc/bluetooth/main.conf", "[Policy]\nAutoEnable=true\n")
    _write(root / "etc/passwd", "root:x:0:0::/:/bin/sh\n")
    with (folder / "initrd").open("wb") as image:
        names = "\n".join(str(path.relative_to(root)) for path in [root, *root.rglob("*")])
        subprocess.run(
            ["cpio", "--quiet", "-o", "-H", "newc"], cwd=root, input=names.encode(), stdout=image, check=True
        )
    return next((unpacked / "boot").glob("vmlinuz-*"))


def _programs(root: Path) -> None:
    bridge = root / "bin/bridge"
    source = Path(__file__).with_name("bridge.c")
    subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-static", str(source), "-o", str(bridge)], check=True)
    busybox = shutil.which("busybox")
    assert busybox is not None
    shutil.copy(busybox, root / "bin/busybox")
    for applet in ("sh", "mount", "insmod", "ifconfig", "grep", "sleep", "echo"):
        (root / "bin" / applet).symlink_to("busybox")
    for program in (BLUETOOTHD, *(Path(str(shutil.which(name))) for name in ("dbus-daemon", "dbus-send"))):
        for needed in (program, *_libraries(program)):
            there = root / str(needed).lstrip("/")
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(needed.resolve(), there)
    for name in ("dbus-daemon", "dbus-send"):
        (root / "bin" / name).symlink_to(str(shutil.which(name)))


def _libraries(program: Path) -> list[Path]:
    listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
    words = [word for line in listed.splitlines() for word in line.split()]
    return [Path(word) for word in words if word.startswith("/")]


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.write_text(text)
    path.chmod(mode)


def _go(niceness: int) -> None:
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
