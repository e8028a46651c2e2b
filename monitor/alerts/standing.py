"""How it stands with a broker, in one line for a screen. Pure."""

from __future__ import annotations


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
        parts.append(f"{_messages(waiting)} waiting")
    if late:
        parts.append(f"does not confirm {_messages(late)}, allow QoS 1 there or use another broker")
    if given_up:
        parts.append(f"{given_up} alerts given up, too many were waiting")
    if trouble:
        parts.append(trouble)
    return f"broker {broker}: {'; '.join(parts)}"


def _messages(count: int) -> str:
    return f"{count} message{'s' if count > 1 else ''}"
