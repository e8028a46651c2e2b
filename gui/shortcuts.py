"""Every key of the window in one table; the help sheet is made from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a key or a button does."""

    MARK = "mark"
    TELL = "tell"
    SNOOZE = "snooze"
    PAIN = "pain"
    EXERCISE = "exercise"
    LOAD = "load"
    LIVE = "live"
    PREFLIGHT = "preflight"
    AFTER_SET = "after_set"
    CALIBRATE = "calibrate"
    LEAVE_GUIDE = "leave_guide"
    NO_REP = "no_rep"
    FIX_EXERCISE = "fix_exercise"
    FIX_LOAD = "fix_load"
    UNDO = "undo"
    NEXT = "next"
    LINKS = "links"
    TABLE = "table"
    THEME = "theme"
    LARGER = "larger"
    SMALLER = "smaller"
    MOTION = "motion"
    FULL_SCREEN = "full_screen"
    HELP = "help"
    CLOSE_SHEET = "close_sheet"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One action with its keys, as Qt spells them, and what it does in words."""

    action: Action
    keys: tuple[str, ...]
    words: str
    group: str


SHORTCUTS = (
    Shortcut(Action.MARK, ("M",), "Mark this moment", "During a set"),
    Shortcut(Action.TELL, ("A",), "Tell what was noticed, where cues wait for it", "During a set"),
    Shortcut(Action.SNOOZE, ("S",), "No sounds for one minute", "During a set"),
    Shortcut(Action.PAIN, ("P",), "Say how it feels, and what else you notice", "During a set"),
    Shortcut(Action.EXERCISE, ("E",), "Choose the exercise", "During a set"),
    Shortcut(Action.LOAD, ("L",), "Enter the load", "During a set"),
    Shortcut(Action.NO_REP, ("Backspace",), "The last repetition was none", "After a set"),
    Shortcut(Action.FIX_EXERCISE, ("Shift+E",), "Correct the exercise of the set", "After a set"),
    Shortcut(Action.FIX_LOAD, ("Shift+L",), "Correct the load of the set", "After a set"),
    Shortcut(Action.UNDO, ("Ctrl+Z",), "Take the last correction back", "After a set"),
    Shortcut(Action.PREFLIGHT, ("F1",), "Page: before the set", "Pages"),
    Shortcut(Action.LIVE, ("F2",), "Page: live", "Pages"),
    Shortcut(Action.AFTER_SET, ("F3",), "Page: after the set", "Pages"),
    Shortcut(Action.CALIBRATE, ("C",), "Calibrate: bend and tilt as guided", "Pages"),
    Shortcut(Action.LEAVE_GUIDE, ("Ctrl+W",), "Leave the calibration", "Pages"),
    Shortcut(Action.NEXT, ("Return", "Enter"), "Go on to the live page", "Pages"),
    Shortcut(Action.LINKS, ("I",), "Sensors and links in figures", "Pages"),
    Shortcut(Action.TABLE, ("V",), "Curves or table, where only one fits", "Pages"),
    Shortcut(Action.THEME, ("T",), "Dark or light", "Look"),
    Shortcut(Action.LARGER, ("Ctrl++", "Ctrl+="), "Larger text", "Look"),
    Shortcut(Action.SMALLER, ("Ctrl+-",), "Smaller text", "Look"),
    Shortcut(Action.MOTION, ("R",), "Less movement on the screen", "Look"),
    Shortcut(Action.FULL_SCREEN, ("F11",), "Full screen", "Look"),
    Shortcut(Action.HELP, ("?", "H"), "This sheet", "Look"),
    Shortcut(Action.CLOSE_SHEET, ("Esc",), "Close what is open", "Look"),
    Shortcut(Action.QUIT, ("Ctrl+Q",), "End the session and close", "Look"),
)
"""Every shortcut, in the order of the sheet."""


def key_of(action: Action) -> str:
    """Return the first key of an action."""
    return next(s.keys[0] for s in SHORTCUTS if s.action is action)
