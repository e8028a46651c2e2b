"""How it stands with a broker, in one line for a screen. Pure."""

from __future__ import annotations

from monitor.wording import counted


def standing(
    broker: str, connection: str, *, waiting: int = 0, late: int = 0, given_up: int = 0, trouble: str = ""
) -> str:
    """Return the line.

    Parameters
    ----------
    broker
        Host and port.
    connection
        How the connection stands, in a few words.
    waiting
        Messages that wait for it.
    late
        Messages that went out and were not confirmed in good time.
    given_up
        Alerts dropped because too many waited.
    trouble
        Why messages are not saved on disk.
    """
    parts = [connection]
    if waiting:
        parts.append(f"{counted(waiting, 'message')} waiting")
    if late:
        parts.append(f"does not confirm {counted(late, 'message')}, allow QoS 1 there or use another broker")
    if given_up:
        parts.append(f"{counted(given_up, 'alert')} given up, too many were waiting")
    if trouble:
        parts.append(trouble)
    return f"broker {broker}: {'; '.join(parts)}"
