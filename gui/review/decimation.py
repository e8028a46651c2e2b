"""Fewer points with the same picture: the smallest and largest value of every pixel column. Pure."""

from __future__ import annotations

import numpy as np

from monitor.model.samples import FloatArray


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
    count = len(edges) - 1
    low, high = np.full(count, np.nan), np.full(count, np.nan)
    borders = np.searchsorted(t_s, edges)
    full = borders[1:] > borders[:-1]
    if not full.any():
        return low, high
    # reduceat runs from each start to the next one: empty bins are left out, so that is their end.
    part = values[: borders[-1]]
    low[full] = np.fmin.reduceat(part, borders[:-1][full])
    high[full] = np.fmax.reduceat(part, borders[:-1][full])
    return low, high


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
    step = (stop_s - start_s) / columns
    begin = np.floor(start_s / step)
    edges = (begin + np.arange(columns + 2)) * step
    low, high = extremes(t_s, values, edges)
    borders = np.searchsorted(t_s, edges)
    held = borders[1:] > borders[:-1]
    middle = (edges[1:] + edges[:-1]) / 2
    return np.repeat(middle[held], 2), np.column_stack((low[held], high[held])).ravel()


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
