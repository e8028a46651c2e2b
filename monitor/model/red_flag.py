"""Signs that no sensor sees and a health professional should: a closed list, in plain words.

The list is that of the international framework (Finucane et al. 2020, J Orthop Sports Phys Ther
50(7):350-372), which itself notes how little is known of the accuracy of single signs, as far as a
lifter can tell them without an examination; the items stand likewise in table 1 of AHCPR guideline 14
(1994). Pain counts as lasting from six weeks, where it is no longer called acute (European guidelines,
van Tulder et al. 2006, Eur Spine J 15 Suppl 2:S169). Age, history and what an examination finds are
left out: they are for those who examine.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from monitor.model.errors import ConfigError


class RedFlag(StrEnum):
    """What a lifter may report, those not to wait with first."""

    SADDLE_NUMBNESS = "saddle_numbness"
    BLADDER_BOWEL = "bladder_bowel"
    LEG_WEAKNESS = "leg_weakness"
    LEG_NUMBNESS = "leg_numbness"
    NIGHT_PAIN = "night_pain"
    FEVER_WEIGHT_LOSS = "fever_weight_loss"
    AFTER_FALL = "after_fall"
    LASTING = "lasting"

    @property
    def words(self) -> str:
        """What it is, as a lifter reads it."""
        return _WORDS[self]

    @property
    def today(self) -> bool:
        """Whether it should be seen to the same day."""
        return self in _TODAY


_WORDS: Final = {
    RedFlag.SADDLE_NUMBNESS: "numbness between the legs",
    RedFlag.BLADDER_BOWEL: "new trouble with bladder or bowel",
    RedFlag.LEG_WEAKNESS: "new weakness in a leg or foot",
    RedFlag.LEG_NUMBNESS: "numbness or tingling down a leg",
    RedFlag.NIGHT_PAIN: "pain that wakes you at night or does not ease with rest",
    RedFlag.FEVER_WEIGHT_LOSS: "fever, or weight lost without trying",
    RedFlag.AFTER_FALL: "pain since a fall or an accident",
    RedFlag.LASTING: "pain for more than six weeks",
}
_TODAY: Final = frozenset({RedFlag.SADDLE_NUMBNESS, RedFlag.BLADDER_BOWEL, RedFlag.LEG_WEAKNESS})
"""The signs that the nerves at the end of the spinal canal are pressed on: seen to the same day."""


def red_flag(name: str) -> RedFlag:
    """Return the red flag called `name`, however its words are joined; ConfigError names the known ones."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    try:
        return RedFlag(plain)
    except ValueError:
        raise ConfigError(f"unknown red flag {name[:40]!r}: choose one of {', '.join(RedFlag)}") from None


def flag_words(name: str) -> str:
    """Return a red flag in words; one of a later version as it is called."""
    return RedFlag(name).words if name in [*RedFlag] else name.replace("_", " ")


def in_order(flags: Iterable[RedFlag]) -> tuple[RedFlag, ...]:
    """Return red flags once each, those not to wait with first."""
    told = set(flags)
    return tuple(flag for flag in RedFlag if flag in told)
