"""Fewer points with the same picture: the smallest and largest value of every pixel column. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.model.samples import FloatArray

IntArray = NDArray[np.intp]
_HOLE_S = 0.1
"""Rows further apart than this have a gap between them."""
_MOST_COLUMNS = 700
"""On a wider screen a column of a crowded curve is up to two pixels: drawing costs by the column."""


def extremes(t_s: FloatArray, values: FloatArray, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the smallest and largest value between each pair of edges.

    Parameters
    ----------
    t_s, values
        (N,) rows, times rising; NaN values are left out.
    edges
        (M + 1,) rising.

    Returns
    -------
    tuple of arrays
        (M,) low and high; NaN where nothing is known.
    """
    borders = np.searchsorted(t_s, edges)
    return _reduced(np.fmin, values, borders), _reduced(np.fmax, values, borders)


def _reduced(reduce: np.ufunc, values: FloatArray, borders: IntArray) -> FloatArray:
    """Return what becomes of the rows between each pair of borders (M + 1,); NaN where there is none."""
    made = np.full(len(borders) - 1, np.nan)
    full = borders[1:] > borders[:-1]
    if full.any():
        # reduceat runs from each start to the next one: empty bins are left out, so that is their end.
        made[full] = reduce.reduceat(values[: borders[-1]], borders[:-1][full])
    return made


def envelope(
    t_s: FloatArray, values: FloatArray, start_s: float, stop_s: float, columns: int
) -> tuple[FloatArray, FloatArray]:
    """Return the points that draw a stretch of a curve in so many pixel columns.

    Parameters
    ----------
    t_s, values
        (N,) rows, times rising.
    start_s, stop_s
        The stretch; one row to either side belongs to it, so that the curve reaches the edges.
    columns
        Pixels.

    Returns
    -------
    tuple of arrays
        (M,) times and values: the rows themselves where there are few, else the smallest and
        largest value of each column, NaN where a column holds rows but no known value.
    """
    first, last = np.searchsorted(t_s, (start_s, stop_s))
    first, last = max(0, int(first) - 1), min(len(t_s), int(last) + 1)
    if last - first <= 2 * columns:
        return t_s[first:last], values[first:last]
    # Columns stand at fixed times, not at fixed pixels, or the curve would shimmer while it is moved.
    columns = min(columns, _MOST_COLUMNS)
    step = (stop_s - start_s) / columns
    begin = np.floor(start_s / step)
    edges = (begin + np.arange(columns + 2)) * step
    borders = np.searchsorted(t_s, edges)
    held = borders[1:] > borders[:-1]
    middle = (edges[1:] + edges[:-1]) / 2
    low, high = _reduced(np.fmin, values, borders), _reduced(np.fmax, values, borders)
    pairs = np.column_stack((low[held], high[held]))
    pairs[1::2] = pairs[1::2, ::-1]  # up one column and down the next: half the line to draw
    return np.repeat(middle[held], 2), pairs.ravel()


def columns(
    t_s: FloatArray, low: FloatArray, high: FloatArray, start_s: float, stop_s: float, pixels: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return how far a band reaches in every pixel column of a stretch.

    Parameters
    ----------
    t_s, low, high
        (N,) rows, times rising; NaN where unknown.
    start_s, stop_s, pixels
        The stretch and its pixels.

    Returns
    -------
    tuple of arrays
        (M,) middles of the columns that show something, lowest and highest value. Columns between
        two rows lie on the line between them; where rows are missing for longer there is none.
    """
    step = (stop_s - start_s) / pixels
    edges = (np.floor(start_s / step) + np.arange(pixels + 2)) * step
    first, last = np.searchsorted(t_s, (edges[0], edges[-1]))
    rows = slice(max(0, int(first) - 1), int(last) + 1)
    t_s, low, high = t_s[rows], low[rows], high[rows]
    middle = (edges[1:] + edges[:-1]) / 2
    borders = np.searchsorted(t_s, edges)
    lowest, highest = _reduced(np.fmin, low, borders), _reduced(np.fmax, high, borders)
    empty = np.diff(borders) == 0
    if len(t_s) and empty.any():
        after = np.clip(np.searchsorted(t_s, middle[empty]), 1, len(t_s) - 1) if len(t_s) > 1 else 0
        near = (
            (t_s[after] - t_s[after - 1] <= _HOLE_S) & (middle[empty] >= t_s[0]) & (middle[empty] <= t_s[-1])
        )
        lowest[empty] = np.where(near, np.interp(middle[empty], t_s, low), np.nan)
        highest[empty] = np.where(near, np.interp(middle[empty], t_s, high), np.nan)
    known = np.isfinite(lowest) & np.isfinite(highest)
    return middle[known], lowest[known], highest[known]


def coverage_steps(
    edges_s: FloatArray, shares: FloatArray, start_s: float, stop_s: float, columns: int
) -> tuple[FloatArray, FloatArray]:
    """Return the steps of a stretch, the least share of each pixel column where there are many.

    Parameters
    ----------
    edges_s, shares
        (M + 1,) edges and (M,) shares of the bins.
    start_s, stop_s, columns
        The stretch and its pixels.

    Returns
    -------
    tuple of arrays
        (K + 1,) edges and (K,) shares.
    """
    first = max(0, int(np.searchsorted(edges_s, start_s, side="right")) - 1)
    last = min(len(shares), int(np.searchsorted(edges_s, stop_s)))
    if last <= first:
        return np.zeros(1), np.empty(0)
    group = max(1, -(-(last - first) // columns))
    begin = first // group * group
    starts = np.arange(begin, last, group)
    return np.append(edges_s[starts], edges_s[last]), np.minimum.reduceat(shares[:last], starts)
