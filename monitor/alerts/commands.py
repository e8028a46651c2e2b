"""What others may tell us on the command topic. Everything from the network is checked here. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from monitor.model.errors import DecodeError, MonitorError
from monitor.model.exercise import exercise
from monitor.model.red_flag import red_flag

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 1024
"""Longest command taken: a mark of 200 characters of four bytes each fits."""

MARK_LENGTH = 200
MAX_LOAD_KG = 1000.0
MAX_SNOOZE_S = 3600.0
MAX_PAIN = 10.0

Said = tuple[str, str | float]
"""Kind and value of an annotation."""


def parse_command(payload: bytes) -> tuple[Said, ...]:
    """Return what a command says, in its order.

    Parameters
    ----------
    payload
        A JSON object in UTF-8 with one or more of ``mark``, ``exercise``, ``load_kg``,
        ``snooze_s``, ``pain`` and ``red_flag``.

    Raises
    ------
    DecodeError
        If anything about it is not as it should be; then none of it counts.
    """
    if len(payload) > MAX_BYTES:
        raise DecodeError(f"command of {len(payload)} bytes: {MAX_BYTES} at most")
    try:
        told = json.loads(payload.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once)
    except UnicodeDecodeError as wrong:
        raise DecodeError("command is not UTF-8 text") from wrong
    except (json.JSONDecodeError, RecursionError) as wrong:
        raise DecodeError("command is not JSON") from wrong
    except ValueError as wrong:  # a number with more digits than Python takes
        raise DecodeError("command holds a number that is too long") from wrong
    if not isinstance(told, dict) or not told:
        raise DecodeError('command is not an object such as {"snooze_s": 60}')
    unknown = sorted(set(told) - set(_READERS))
    if unknown:
        raise DecodeError(f"command {unknown[0][:40]!r} is not known: use one of {', '.join(_READERS)}")
    return tuple((key, _READERS[key](key, value)) for key, value in told.items())


def _no_constant(text: str) -> None:
    raise DecodeError(f"command holds {text}, which is not a number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise DecodeError("command names a key twice")
    return made


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise DecodeError(f"command {key}: give a text")
    text = value.strip()
    if not text or len(text) > MARK_LENGTH or not text.isprintable():
        raise DecodeError(f"command {key}: give 1 to {MARK_LENGTH} printable characters")
    return text


def _exercise(key: str, value: Any) -> str:
    try:
        return exercise(_text(key, value)).name
    except MonitorError as wrong:
        raise DecodeError(f"command {key}: {wrong}") from wrong


def _red_flag(key: str, value: Any) -> str:
    try:
        return red_flag(_text(key, value)).value
    except MonitorError as wrong:
        raise DecodeError(f"command {key}: {wrong}") from wrong


def _number(most: float) -> Callable[[str, Any], float]:
    def read(key: str, value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= most:  # infinity and NaN fail here too
            raise DecodeError(f"command {key}: give a number from 0 to {most:g}")
        return float(value)

    return read


_READERS: dict[str, Callable[[str, Any], str | float]] = {
    "mark": _text,
    "exercise": _exercise,
    "load_kg": _number(MAX_LOAD_KG),
    "snooze_s": _number(MAX_SNOOZE_S),
    "pain": _number(MAX_PAIN),
    "red_flag": _red_flag,
}
