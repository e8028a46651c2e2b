"""`lumbar scan`: sensors in range, and which of them can be used."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from rich.live import Live
from rich.table import Table

from monitor.cli.tables import table_console
from monitor.model.errors import ConfigError, SensorError
from monitor.sensors.profiles.base import UNCOUNTED
from monitor.wording import counted

if TYPE_CHECKING:
    from rich.console import Console

    from monitor.sensors.ble import Sighting

_STRONG_DBM, _FAIR_DBM = -65, -80
"""Below the second, packets begin to be lost with a body in between (a usual rule of thumb)."""


@click.command(epilog="Example: lumbar scan --seconds 10 --battery")
@click.option(
    "--seconds", type=click.FloatRange(0.5, 600), default=8.0, show_default=True, help="How long to listen."
)
@click.option("--all", "every", is_flag=True, help="Show devices that are no known sensor, too.")
@click.option("--battery", is_flag=True, help="Connect to each known sensor and ask for its charge.")
@click.option("--identify", metavar="NAME|ADDRESS", help="Make this one blink or buzz, to tell two apart.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def command(seconds: float, every: bool, battery: bool, identify: str | None, as_json: bool) -> None:
    """List the sensors in range: name, address, signal, protocol, battery."""
    asyncio.run(_scan(seconds, every, battery, identify, as_json))


async def _scan(seconds: float, every: bool, battery: bool, identify: str | None, as_json: bool) -> None:
    # The radio is loaded only where it is used.
    from monitor.sensors.ble import scan  # noqa: PLC0415

    console = table_console()
    found: dict[str, Sighting] = {}
    with Live(console=console, transient=True, auto_refresh=False) as live:

        def heard(sighting: Sighting) -> None:
            found[sighting.address] = sighting
            if console.is_terminal and not as_json:
                live.update(_table(found.values(), every, {}), refresh=True)

        await scan(seconds, heard)
    charges = await _asked(found, battery, identify)
    if as_json:
        click.echo(json.dumps([_json(s, charges) for s in _chosen(found.values(), every)], indent=1))
        return
    _show(console, list(found.values()), every, charges)


async def _asked(found: dict[str, Sighting], battery: bool, identify: str | None) -> dict[str, float]:
    """Return the charges that sensors told when asked; says on stderr which did not answer."""
    from monitor.sensors.ble import ask, matching  # noqa: PLC0415

    named = matching(identify, found.values()) if identify else []
    if identify and not named:
        raise SensorError(f"no device called {identify} was heard: wake it and bring it nearer")
    if len(named) > 1:
        raise ConfigError(f"several devices are called {identify}: name one by its address")
    known = [s for s in found.values() if s.profile is not None] if battery else []
    charges = {}
    for sighting in {s.address: s for s in (*known, *named)}.values():
        try:
            charge = await ask(sighting, identify=sighting in named)
        except SensorError as failure:
            if sighting in named:
                raise
            click.echo(f"note: {failure}", err=True)
        else:
            if charge is not None:
                charges[sighting.address] = charge
    return charges


def _chosen(sightings: Iterable[Sighting], every: bool) -> list[Sighting]:
    """Return the sensors, the nearest first, then other devices if they are wanted."""
    kept = [s for s in sightings if every or s.profile is not None]
    return sorted(
        kept,
        key=lambda s: (s.profile is None, -(s.rssi_dbm if s.rssi_dbm is not None else -999.0), s.address),
    )


def _table(sightings: Iterable[Sighting], every: bool, charges: dict[str, float]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("name", "address", "signal", "protocol", "battery"):
        table.add_column(title, no_wrap=True)
    for sighting in _chosen(sightings, every):
        charge = charges.get(sighting.address, sighting.battery)
        table.add_row(
            sighting.name or "(no name)",
            sighting.address,
            _signal(sighting),
            _protocol(sighting),
            "" if charge is None else f"{charge:.0%}",
            style=None if sighting.profile is not None else "dim",
        )
    return table


def _protocol(sighting: Sighting) -> str:
    if sighting.profile is None:
        return "-"
    return sighting.profile.title + ("" if sighting.loss_counted else f", {UNCOUNTED}")


def _signal(sighting: Sighting) -> str:
    if sighting.connected:
        return "connected"
    if sighting.rssi_dbm is None:
        return ""
    strength = (
        "strong" if sighting.rssi_dbm >= _STRONG_DBM else "fair" if sighting.rssi_dbm >= _FAIR_DBM else "weak"
    )
    return f"{sighting.rssi_dbm:.0f} dBm {strength}"


def _show(console: Console, found: list[Sighting], every: bool, charges: dict[str, float]) -> None:
    sensors = _chosen(found, every=False)
    if sensors or (every and found):
        console.print(_table(found, every, charges))
    others = len(found) - len(sensors)
    more = f"{counted(others, 'other device')} (--all shows {'it' if others == 1 else 'them'})"
    if not sensors:
        click.echo(f"no known sensor in range, {more if others else 'and no other device'}")
        click.echo("wake the sensor, bring it nearer, and disconnect it from phones and other programs")
        return
    if others and not every:
        click.echo(f"and {more}")
    first = sensors[0]
    twice = sum(s.name == first.name for s in found) > 1
    click.echo(
        f"use it with: lumbar live --lower 'ble:{first.address if twice or not first.name else first.name}'"
    )


def _json(sighting: Sighting, charges: dict[str, float]) -> dict[str, Any]:
    return {
        "name": sighting.name,
        "address": sighting.address,
        "rssi_dbm": sighting.rssi_dbm,
        "protocol": sighting.profile.name if sighting.profile is not None else None,
        "battery": charges.get(sighting.address, sighting.battery),
        "loss_counted": sighting.loss_counted,
        "connected": sighting.connected,
    }
