"""Times of arrival made times of measurement: a radio hands over samples in batches.

A log that stamps each sample as it arrives has several close together, then a pause. Nothing arrives
early, so the smallest delay around a batch says best when it was due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from monitor.model.samples import FloatArray

_CLOSE: Final = 0.3
"""Steps shorter than this share of the mean one are within a batch; jitter of a sensor's own clock is not."""
_LEAST_SHARE: Final = 0.3
_LOST_STEPS: Final = 1.75
_LATE_S: Final = 0.06
"""A retransmission delays a batch by two intervals of 30 ms; what is missing for longer is lost."""
_WINDOW_S: Final = 5.0


def evened(t_s: FloatArray) -> FloatArray | None:
    """Return the times of samples that were stamped in batches, evenly spaced; None if they were not.

    Parameters
    ----------
    t_s
        (N,) time in s, strictly increasing.
    """
    steps = np.diff(t_s)
    close = steps < _CLOSE * steps.mean()
    if close.mean() < _LEAST_SHARE:
        return None
    ends = np.append(np.flatnonzero(~close), len(t_s) - 1)
    counts, arrived_s = np.diff(ends, prepend=-1), t_s[ends]
    if len(ends) < 3:
        return None
    period_s = float(np.median(np.diff(arrived_s) / counts[1:]))
    lost = np.diff(arrived_s) > _LOST_STEPS * counts[1:] * period_s + _LATE_S
    made = np.empty_like(t_s)
    for part in np.split(np.arange(len(ends)), np.flatnonzero(lost) + 1):
        rows = np.arange(ends[part[0]] - counts[part[0]] + 1, ends[part[-1]] + 1)
        made[rows] = _on_a_line(ends[part], arrived_s[part], rows, period_s)
    return np.asarray(np.maximum.accumulate(made + np.arange(len(made)) * 1e-9))


def _on_a_line(ends: FloatArray, arrived_s: FloatArray, rows: FloatArray, period_s: float) -> FloatArray:
    """Return the times of `rows`, whose batches end in the rows `ends` and arrived at `arrived_s`."""
    if arrived_s[-1] - arrived_s[0] > 2 * _WINDOW_S:
        period_s = float(np.polyfit(ends, arrived_s, 1)[0])
    delay_s = arrived_s - period_s * ends
    first = np.searchsorted(arrived_s, arrived_s - _WINDOW_S)
    last = np.searchsorted(arrived_s, arrived_s + _WINDOW_S)
    least_s = np.array([delay_s[a:b].min() for a, b in zip(first, last, strict=True)])
    return np.asarray(period_s * rows + np.interp(rows, ends, least_s))
