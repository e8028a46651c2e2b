"""Data of the Polar Verity Sense: packed differences, and the times of the samples of a packet."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from monitor.model.errors import DecodeError
from monitor.model.samples import FloatArray
from monitor.sensors.profiles.base import G_MS2
from monitor.sensors.profiles.cadence import Cadence

WHO = "Polar"
ACC, GYR = 0x02, 0x05
"""Kinds of measurement."""
WORDS = {ACC: "acceleration", GYR: "angular rate"}
BITS, AXES = 16, 3

_COMPRESSED = 0x80
_MG_MS2 = G_MS2 / 1000
_MOST_OFF = 0.1
"""Of a packet's time, that the announced rate may be off, until the rate is measured."""
_SLACK = 0.75
"""Of a period, that a packet's time may be off after that: less than one missing sample."""


class Stamps:
    """Times of the samples of one stream, whose packets carry the time of their last one.

    Parameters
    ----------
    period_s
        Announced time from sample to sample in s.
    """

    def __init__(self, period_s: float) -> None:
        self.cadence = Cadence(period_s)
        self._last_s: float | None = None

    def place(self, last_s: float, count: int) -> FloatArray:
        """Return the (N,) times in s of `count` samples, the last of which was taken at `last_s`."""
        period_s = self.cadence.period_s
        if self._last_s is not None:
            elapsed_s = last_s - self._last_s
            expected_s = count * period_s
            slack_s = _SLACK * period_s if self.cadence.measured else _MOST_OFF * expected_s
            self.cadence.step(elapsed_s, count)
            if abs(elapsed_s - expected_s) <= slack_s:
                # Nothing missing: these samples fill the time since the packet before.
                period_s = elapsed_s / count
        self._last_s = last_s
        return np.asarray(last_s - period_s * np.arange(count - 1, -1, -1))


def measured(kind: int, layout: int, body: bytes, factor: float | None) -> FloatArray:
    """Return the values of one packet.

    Parameters
    ----------
    kind, layout
        `ACC` or `GYR`, and the frame type.
    body
        What follows the header.
    factor
        Scale told by the answer to the start command; None before it.

    Returns
    -------
    (N, 3) in m/s2 or rad/s.

    Raises
    ------
    DecodeError
        The layout is not known, the body is cut, or the scale is missing.
    """
    if (kind, layout) == (ACC, 0x01):
        if len(body) % (2 * AXES):
            raise DecodeError(f"{WHO}: {len(body)} bytes are no whole number of samples")
        return np.frombuffer(body, "<i2").reshape(-1, AXES).astype(np.float64) * _MG_MS2
    if layout not in {_COMPRESSED, _COMPRESSED | 0x01} or (kind == GYR and layout != _COMPRESSED):
        raise DecodeError(f"{WHO}: {WORDS[kind]} in layout 0x{layout:02x}, which is not known")
    counts = _unpacked(body).astype(np.float64)
    if factor is None:
        raise DecodeError(f"{WHO}: {WORDS[kind]} before the answer that tells its scale")
    if kind == GYR:
        return counts * (factor * math.radians(1))
    # Layout 0 counts in g, layout 1 in thousandths.
    return counts * (factor * (G_MS2 if layout == _COMPRESSED else _MG_MS2))


def _unpacked(body: bytes) -> npt.NDArray[np.int64]:
    """Return the (N, 3) counts of a compressed frame.

    A reference sample of three i16, then blocks: u8 bits a difference, u8 samples, differences
    packed from the lowest bit up, filled up to a whole byte.
    """
    if len(body) < 2 * AXES:
        raise DecodeError(f"{WHO}: {len(body)} bytes without a reference sample")
    blocks = [np.frombuffer(body, "<i2", count=AXES).astype(np.int64).reshape(1, AXES)]
    at = 2 * AXES
    while at < len(body):
        bits, count = body[at], body[at + 1] if at + 1 < len(body) else 0
        end = at + 2 + -(-bits * count * AXES // 8)
        if not 1 <= bits <= 32 or not count or end > len(body):
            raise DecodeError(f"{WHO}: a block of {count} differences of {bits} bits is cut or empty")
        packed = np.frombuffer(body, np.uint8, count=end - at - 2, offset=at + 2)
        raised = np.unpackbits(packed, bitorder="little")[: bits * count * AXES].reshape(-1, bits)
        weights = 1 << np.arange(bits, dtype=np.int64)
        # Two's complement: the highest bit counts negative.
        weights[-1] = -weights[-1] if bits > 1 else weights[-1]
        blocks.append((raised @ weights).reshape(count, AXES))
        at = end
    counts = np.cumsum(np.concatenate(blocks), axis=0)
    if np.abs(counts).max() > 1 << (BITS - 1):
        raise DecodeError(f"{WHO}: differences that leave {BITS} bits")
    return counts
