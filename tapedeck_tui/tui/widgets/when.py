"""Times and counts in few cells."""

from __future__ import annotations

from datetime import datetime

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86_400.0, 604_800.0


def ago(at: float | None, now: float) -> str:
    """How long ago, in at most four cells: ``now`` ``5m`` ``3h`` ``12d`` ``6w`` ``11mo`` ``3y``; "" if unknown."""
    if at is None:
        return ""
    gone = max(0.0, now - at)
    if gone < MINUTE:
        return "now"
    for unit, length, until in (
        ("m", MINUTE, HOUR), ("h", HOUR, DAY), ("d", DAY, 14 * DAY), ("w", WEEK, 9 * WEEK), ("mo", 30.44 * DAY, 365 * DAY)
    ):  # fmt: skip
        if gone < until:
            return f"{int(gone // length)}{unit}"
    return f"{int(gone // (365.25 * DAY)) or 1}y"


def exact(at: float | None) -> str:
    """Day and minute in local time; "time unknown" if so."""
    return datetime.fromtimestamp(at).strftime("%a %-d %b %Y %H:%M") if at is not None else "time unknown"


def clock(at: float | None) -> str:
    """The minute of the day in local time, "" if unknown."""
    return datetime.fromtimestamp(at).strftime("%H:%M") if at is not None else ""


def size(number: int) -> str:
    """Bytes for people: ``41 B`` ``2.3 KB`` ``1.1 MB``."""
    amount = float(number)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return ""
