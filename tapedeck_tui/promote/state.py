"""What became of promoted things: the files are the user's, so their present state is looked up, not remembered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tapedeck_tui.library.keep import Keep
from tapedeck_tui.model import Promoted
from tapedeck_tui.promote.journal import verdicts
from tapedeck_tui.promote.publish import file_digest

LIVE = "live"
EDITED = "edited"
GONE = "gone"
"""The file, or the line on its page, is not where it was written."""


def promoted_now(keep: Keep, limit: int = 200) -> list[Promoted]:
    """What was promoted, newest first, each with its present ``state``. Changes nothing."""
    return [replace(item, state=_state(item, keep)) for item in keep.promoted(limit)]


def _state(item: Promoted, keep: Keep) -> str:
    try:
        data = Path(item.path).read_bytes()
    except OSError:
        return GONE
    if item.kind == "skill":
        known = keep.promoted_digest(item.id)
        return EDITED if known and file_digest(data) != known else LIVE
    page = data.decode("utf-8", "replace")
    verdict = verdicts(page, [{"id": item.id, "text": item.text}])[item.id]
    return {"human_ok": LIVE, "human_edited": EDITED, "human_rejected": GONE}[verdict]
