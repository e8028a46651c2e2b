"""The time from sample to sample, for devices that stamp packets and only announce a rate."""

from __future__ import annotations

_MOST_OFF = 0.1
"""Motion chips keep their announced rate to some per cent; further off, something was lost."""
_TRUSTED_S = 1.0
"""Stamps of whole milliseconds are averaged over at least this before they replace the rate."""
_MEMORY_S = 20.0
"""Long enough to average the stamps' rounding, short enough to follow a chip that warms up."""


class Cadence:
    """Measure the period of a stream by its own stamps.

    Parameters
    ----------
    nominal_s
        Announced time from sample to sample in s.
    """

    def __init__(self, nominal_s: float) -> None:
        self._nominal_s = nominal_s
        self._elapsed_s = 0.0
        self._samples = 0.0

    @property
    def measured(self) -> bool:
        """Whether enough was measured to replace the announced rate."""
        return self._elapsed_s >= _TRUSTED_S

    @property
    def period_s(self) -> float:
        """Time from sample to sample in s: measured, or announced until enough was measured."""
        return self._elapsed_s / self._samples if self.measured else self._nominal_s

    def step(self, elapsed_s: float, samples: int) -> float:
        """Take two stamps `samples` samples apart and return `period_s`.

        Steps that cannot be `samples` samples at about the announced rate are left out: they
        span a loss, a pause or a restart.
        """
        expected_s = samples * self._nominal_s
        if abs(elapsed_s - expected_s) <= _MOST_OFF * expected_s:
            kept = max(0.0, 1 - elapsed_s / _MEMORY_S)
            self._elapsed_s = self._elapsed_s * kept + elapsed_s
            self._samples = self._samples * kept + samples
        return self.period_s
