"""The command line `lumbar`: composition root; every command lives in a module of its own."""

from __future__ import annotations

import importlib
import logging
import signal
import sys
from typing import NoReturn

import click

from monitor import __version__
from monitor.cli.spelling import spell_out
from monitor.model.errors import MonitorError

_COMMANDS = {
    "live": ("live", "Watch a set live: sensor in, angles, repetitions and alerts out."),
    "demo": ("demo", "Run a simulated leg day with its own broker: needs no hardware."),
    "scan": ("scan", "List the sensors in range: name, address, signal, protocol, battery."),
    "calibrate": ("calibrate", "Calibrate step by step: stand, bend, tilt; writes a profile."),
    "import": ("import_", "Turn CSV files or logs of a sensor into a recording."),
    "replay": ("replay", "Play a recording back, live window or console."),
    "export": ("export", "Write a recording for another program: CSV, Foxglove, BIDS, OpenSim, XDF."),
    "review": ("review", "Find, scrub, correct, compare and judge anew what was recorded."),
    "analyze": ("analyze", "Show repetitions, lift-offs, findings and alerts of a recording or CSV."),
    "whatif": ("whatif", "Show what other settings would have said of a session."),
    "report": ("report", "Write sessions as one HTML file for a physiotherapist or coach."),
    "history": ("history", "Show trends over your sessions: load, angles, lift-offs, tempo, pain."),
    "batch": ("batch", "Turn many recordings into a table of repetitions and one of findings."),
    "simulate": ("simulate", "Write a simulated session with its truth."),
    "doctor": ("doctor", "Say what works on this computer, and how to mend what does not."),
}
"""Command name to its module in this package and its line in `lumbar --help`."""


class _LazyGroup(click.Group):
    """Import a command's module only when it is run: Qt and radio stay out of the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"monitor.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_LazyGroup)
@click.version_option(__version__, prog_name="lumbar")
@click.option("--verbose", "-v", is_flag=True, help="Log what happens inside to the terminal.")
def lumbar(verbose: bool) -> None:
    """Lower-back motion on leg day: live angles, repetitions, likely causes, replay."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.ERROR,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


def main() -> None:
    """Run `lumbar`; a failure we can explain is one line on stderr and exit status 1."""
    spell_out()
    try:
        lumbar.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _stopped()
    except MonitorError as failure:
        click.echo(f"lumbar: {' '.join(str(failure).split())}", err=True)
        sys.exit(1)
    except OSError as failure:
        where = f"{failure.filename}: " if failure.filename else ""
        click.echo(f"lumbar: {where}{failure.strerror or failure}", err=True)
        sys.exit(1)
    except Exception as failure:
        if not _interrupted(failure):
            raise
        _stopped()


def _interrupted(failure: BaseException) -> bool:
    """Return whether something failed only because it was closed in the middle of an interruption."""
    before = failure.__context__
    return before is not None and (isinstance(before, KeyboardInterrupt) or _interrupted(before))


def _stopped() -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # pressed again, it would only spoil the closing
    click.echo("stopped", err=True)
    sys.exit(1)
