"""Every key of the review window in one table; the sheet behind ``?`` is made from it. Pure.

Where PlotJuggler and mne-qt-browser have a key for the same thing, it is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Do(StrEnum):
    """What a key or a button does."""

    PLAY = "play"
    BACK = "back"
    ON = "on"
    PAGE_BACK = "page_back"
    PAGE_ON = "page_on"
    LESS = "less"
    MORE = "more"
    BEGIN = "begin"
    END = "end"
    ALL = "all"
    REP_BACK = "rep_back"
    REP_ON = "rep_on"
    SLOWER = "slower"
    FASTER = "faster"
    LOOP = "loop"
    STEP = "step"
    CONFIRM = "confirm"
    REJECT = "reject"
    NOTE = "note"
    REP_START = "rep_start"
    REP_TURN = "rep_turn"
    REP_END = "rep_end"
    REP_NONE = "rep_none"
    REP_MISSED = "rep_missed"
    UNDO = "undo"
    REDO = "redo"
    LIBRARY = "library"
    REVIEW = "review"
    COMPARE = "compare"
    WHAT_IF = "what_if"
    HISTORY = "history"
    SEARCH = "search"
    THEME = "theme"
    LARGER = "larger"
    SMALLER = "smaller"
    FULL_SCREEN = "full_screen"
    HELP = "help"
    CLOSE_SHEET = "close_sheet"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Key:
    """One action with its keys, as Qt spells them, and what it does in words.

    Parameters
    ----------
    everywhere
        True where the key works on every page; False where only on the review page.
    """

    do: Do
    keys: tuple[str, ...]
    words: str
    group: str
    everywhere: bool = False


KEYS = (
    Key(Do.PLAY, ("Space",), "Play or pause", "Time"),
    Key(Do.BACK, ("Left",), "One step back", "Time"),
    Key(Do.ON, ("Right",), "One step on", "Time"),
    Key(Do.PAGE_BACK, ("Shift+Left",), "One page back", "Time"),
    Key(Do.PAGE_ON, ("Shift+Right",), "One page on", "Time"),
    Key(Do.LESS, ("Home",), "Less time in view", "Time"),
    Key(Do.MORE, ("End",), "More time in view", "Time"),
    Key(Do.BEGIN, ("Ctrl+Home",), "To the beginning", "Time"),
    Key(Do.END, ("Ctrl+End",), "To the end", "Time"),
    Key(Do.ALL, ("Ctrl+A",), "The whole session in view", "Time"),
    Key(Do.REP_BACK, ("Up",), "The repetition before", "Time"),
    Key(Do.REP_ON, ("Down",), "The next repetition", "Time"),
    Key(Do.SLOWER, ("-",), "Slower", "Time"),
    Key(Do.FASTER, ("+", "="), "Faster", "Time"),
    Key(Do.LOOP, ("L",), "Repeat the repetition, or play on", "Time"),
    Key(Do.STEP, ("S",), "Another step width", "Time"),
    Key(Do.CONFIRM, ("C",), "Confirm the finding, or take it back", "What you say"),
    Key(Do.REJECT, ("X",), "Reject the finding, or take it back", "What you say"),
    Key(Do.NOTE, ("N",), "A note at the cursor", "What you say"),
    Key(Do.REP_START, ("I",), "The repetition starts at the cursor", "What you say"),
    Key(Do.REP_TURN, ("U",), "It turns at the cursor", "What you say"),
    Key(Do.REP_END, ("O",), "It ends at the cursor", "What you say"),
    Key(Do.REP_NONE, ("Delete",), "It was no repetition", "What you say"),
    Key(Do.REP_MISSED, ("Insert",), "A repetition was missed here", "What you say"),
    Key(Do.UNDO, ("Ctrl+Z",), "Undo", "What you say"),
    Key(Do.REDO, ("Ctrl+Y", "Ctrl+Shift+Z"), "Redo", "What you say"),
    Key(Do.LIBRARY, ("F1",), "Page: library", "Window", everywhere=True),
    Key(Do.REVIEW, ("F2",), "Page: review", "Window", everywhere=True),
    Key(Do.COMPARE, ("F3",), "Page: compare", "Window", everywhere=True),
    Key(Do.WHAT_IF, ("F4",), "Page: what-if", "Window", everywhere=True),
    Key(Do.HISTORY, ("F5",), "Page: history", "Window", everywhere=True),
    Key(Do.SEARCH, ("Ctrl+F",), "Search the library", "Window", everywhere=True),
    Key(Do.THEME, ("T",), "Dark or light", "Window", everywhere=True),
    Key(Do.LARGER, ("Ctrl++", "Ctrl+="), "Larger text", "Window", everywhere=True),
    Key(Do.SMALLER, ("Ctrl+-",), "Smaller text", "Window", everywhere=True),
    Key(Do.FULL_SCREEN, ("F11",), "Full screen", "Window", everywhere=True),
    Key(Do.HELP, ("?", "H"), "This sheet", "Window", everywhere=True),
    Key(Do.CLOSE_SHEET, ("Esc",), "Close what is open", "Window", everywhere=True),
    Key(Do.QUIT, ("Ctrl+Q",), "Close the window", "Window", everywhere=True),
)
"""Every key, in the order of the sheet."""


def key_of(do: Do) -> str:
    """Return the first key of an action."""
    return next(key.keys[0] for key in KEYS if key.do is do)
