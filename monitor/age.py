"""How old something kept is, in words."""

from __future__ import annotations

from datetime import datetime

from calibration.profile import Profile


def day_words(at: str, now_at: str) -> str:
    """Return a day and how long ago it is, such as ``"2026-11-20, 2 days ago"``.

    Parameters
    ----------
    at, now_at
        Wall clock then and today, ISO 8601; where either is no such text the age is left out.
    """
    try:
        then, now = datetime.fromisoformat(at), datetime.fromisoformat(now_at)
    except ValueError:
        return "some time ago"
    days = (now.date() - then.date()).days
    age = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    return f"{then:%Y-%m-%d}" + (f", {age}" if days >= 0 else "")


def made_words(profile: Profile, now_at: str) -> str:
    """Return when a profile was made, such as ``"made 2026-11-20, 2 days ago"``; as of `day_words`."""
    return f"made {day_words(profile.made_at, now_at)}"
