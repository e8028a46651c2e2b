"""How old a calibration profile is, in words."""

from __future__ import annotations

from datetime import datetime

from calibration.profile import Profile


def made_words(profile: Profile, now_at: str) -> str:
    """Return when a profile was made, such as ``"made 2026-11-20, 2 days ago"``.

    Parameters
    ----------
    profile
        The profile.
    now_at
        Wall clock of today, ISO 8601; where either is no such text the age is left out.
    """
    try:
        made, now = datetime.fromisoformat(profile.made_at), datetime.fromisoformat(now_at)
    except ValueError:
        return "made some time ago"
    days = (now.date() - made.date()).days
    age = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    return f"made {made:%Y-%m-%d}" + (f", {age}" if days >= 0 else "")
