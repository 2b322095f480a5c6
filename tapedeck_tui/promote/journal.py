"""The journal: a page per day that a person can read and edit, and the records behind its lines.

A line is bound to its record by ``<!-- ob_… -->``. Pages are changed by inserting lines only: whatever a
person wrote, changed or deleted stays as it is and counts as a verdict.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from tapedeck_tui import __version__
from tapedeck_tui.errors import Busy, Refused, StorageError
from tapedeck_tui.library.keep import Keep
from tapedeck_tui.model import Draft, Promoted
from tapedeck_tui.paths import FOLDER_MODE, Home
from tapedeck_tui.promote.files import write_atomic
from tapedeck_tui.promote.observe import describe
from tapedeck_tui.promote.validate import page_path
from tapedeck_tui.text import fold, one_line

SECTIONS = {
    "decision": "Decisions",
    "preference": "Preferences",
    "fix": "Fixed",
    "trial": "Tried",
    "warning": "Watch out",
    "question": "Open",
    "milestone": "Milestones",
    "procedure": "How to",
    "fact": "Noted",
    "event": "Noted",
}
"""Kind of observation -> heading of its lines. The order is the order of a new page."""
NOTE = "Note to self"
_MARKS = {"high": "🔴", "medium": "🟡", "low": "🟢"}
_ID = re.compile(r"<!--\s*(ob_[a-z0-9]+)\s*-->")
_LINE = re.compile(
    r"^[-*+]\s+(?:[🔴🟡🟢✅]\s+)?(?:\d\d:\d\d\s+)?(?P<text>.*?)\s*(?:\[\d+\])*\s*<!--\s*(?P<id>ob_[a-z0-9]+)\s*-->\s*$"
)
_LINK = re.compile(r"^\[(\d+)\]:\s+tapedeck://t/(\S+)(?:\s+\"(.*)\")?\s*$")
LOCK_SECONDS = 10.0


def add(draft: Draft, home: Home, keep: Keep, now: float, project: str = "") -> Promoted:
    """Write an observation: its line on the day's page, its record beside it, its verdicts in keep.db.

    Raises:
        Refused: it is in the journal already, or the user deleted it from there.
        StorageError: the journal cannot be written.
    """
    record = _record(draft, now, project)
    page = page_path(home, draft)
    records = records_path(home, record)
    with _locked(home):
        known = read_records(records)
        text = _read(page)
        on_page = {m[1] for m in _ID.finditer(text)}
        for subject, verdict in verdicts(text, [r for r in known if _same_day(r, page)]).items():
            keep.save_verdict(subject, verdict)
        if any(r.get("id") == record["id"] for r in known):
            if record["id"] in on_page:
                raise Refused("This is in the journal already.", f"See {page}")
            raise Refused("You deleted this from the journal.", "Change the sentence to keep it after all.")
        if record["id"] not in on_page:  # a crash may have come between the page and the record
            write_atomic(page, insert(text, record, _day(page)))
        lines = [*(orjson.dumps(r) for r in known), orjson.dumps(record)]
        write_atomic(records, b"\n".join(lines).decode() + "\n")
    title = one_line(draft.text, 120)
    return Promoted(
        record["id"], "observation", title, draft.text.strip(), str(page), now, draft.evidence, project
    )


def observation_id(draft: Draft) -> str:
    """The same sentence from the same turns gives the same id."""
    key = "\n".join([fold(draft.text), *sorted({e.turn_id for e in draft.evidence})])
    return "ob_" + base64.b32encode(hashlib.sha256(key.encode()).digest()[:10]).decode().lower()[:10]


def records_path(home: Home, record: Mapping[str, Any]) -> Path:
    """``journal/observations/YYYY-MM.jsonl`` of the month in which it was observed."""
    return home.journal / "observations" / f"{str(record['observed_at'])[:7]}.jsonl"


def read_records(path: Path) -> list[dict[str, Any]]:
    """The records of a month. Raises StorageError, naming the line, when one cannot be read: it is durable
    data, so nothing is written over it."""
    out = []
    for number, line in enumerate(_read(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
        except ValueError as exc:
            hint = "Mend or remove that line; nothing was changed."
            raise StorageError(f"Line {number} of {path} is not readable.", hint) from exc
        out.append(record)
    return out


def verdicts(page: str, records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the user did with each record's line: "human_ok" (as written), "human_edited", "human_rejected"
    (deleted)."""
    present: dict[str, str] = {}
    for line in page.splitlines():
        found = _ID.search(line)
        if found:
            whole = _LINE.match(line)
            present[found[1]] = whole["text"] if whole else line
    out = {}
    for record in records:
        subject = str(record["id"])
        if subject not in present:
            out[subject] = "human_rejected"
        elif fold(present[subject]) == fold(_escaped(str(record["text"]))):
            out[subject] = "human_ok"
        else:
            out[subject] = "human_edited"
    return out


def insert(page: str, record: Mapping[str, Any], day: date) -> str:
    """The page with the record's line in its section and the links to its evidence at the end. Every line
    that is there stays byte for byte; "" gives a new page."""
    newline = "\r\n" if "\r\n" in page else "\n"
    text = page or _blank(day)
    lines = text.replace("\r\n", "\n").split("\n")
    numbers, fresh = _links(lines, record)
    mark = _MARKS.get(str(record["priority"]), _MARKS["medium"])
    clock = datetime.fromisoformat(str(record["observed_at"])).strftime("%H:%M")
    cited = "".join(f"[{n}]" for n in numbers)
    line = f"- {mark} {clock} {_escaped(str(record['text']))} {cited} <!-- {record['id']} -->"
    _place(lines, SECTIONS.get(str(record["kind"]), "Noted"), line)
    while lines and not lines[-1].strip():
        lines.pop()
    if fresh:
        if not _LINK.match(lines[-1]):
            lines.append("")
        lines += fresh
    return newline.join([*lines, ""])


def _place(lines: list[str], section: str, line: str) -> None:
    """Put a line at the end of its section; a new section goes before the user's own notes."""
    heading = f"## {section}"
    if heading in lines:
        at = lines.index(heading) + 1
        end = next(
            (n for n in range(at, len(lines)) if lines[n].startswith("## ") or _LINK.match(lines[n])),
            len(lines),
        )
        last = max((n for n in range(at, end) if lines[n].strip()), default=-1)
        if last < 0:
            lines[at:at] = ["", line]
        else:
            lines.insert(last + 1, line)
        return
    notes = f"## {NOTE}"
    at = lines.index(notes) if notes in lines else _before_links(lines)
    lead = [] if at and not lines[at - 1].strip() else [""]
    lines[at:at] = [*lead, heading, line, ""]


def _before_links(lines: Sequence[str]) -> int:
    at = len(lines)
    while at and (not lines[at - 1].strip() or _LINK.match(lines[at - 1])):
        at -= 1
    return at


def _links(lines: Sequence[str], record: Mapping[str, Any]) -> tuple[list[int], list[str]]:
    """Numbers for the record's evidence, and the link lines that are not on the page yet."""
    known: dict[tuple[str, str], int] = {}
    top = 0
    for line in lines:
        if match := _LINK.match(line):
            top = max(top, int(match[1]))
            known[match[2], match[3] or ""] = int(match[1])
    numbers, fresh = [], []
    for item in record["evidence"]:
        quote = one_line(str(item["quote"]), 160).replace('"', "'").replace("<!--", "").replace("-->", "")
        key = (str(item["turn"]), quote)
        if key not in known:
            top += 1
            known[key] = top
            fresh.append(f'[{top}]: tapedeck://t/{key[0]} "{quote}"')
        numbers.append(known[key])
    return list(dict.fromkeys(numbers)), fresh


def _blank(day: date) -> str:
    return (
        f"---\ntapedeck: journal/v1\ndate: {day.isoformat()}\n---\n# {day:%A} {day.day} {day:%B %Y}\n\n## {NOTE}\n"
        "<!-- free text: anything you write here is yours and is never rewritten -->\n"
    )


def _record(draft: Draft, now: float, project: str) -> dict[str, Any]:
    """The record of MEMORY B2: what is claimed, when, and on what evidence."""
    about = describe(draft)
    times = [e.at for e in draft.evidence if e.at is not None]
    observed = datetime.fromtimestamp(max(times) if times else now).astimezone()
    day = observed.date().isoformat()
    return {
        "id": observation_id(draft),
        "v": 1,
        "kind": about.kind,
        "priority": about.priority,
        "text": draft.text.strip(),
        "observed_at": observed.isoformat(timespec="seconds"),
        "refers_to": {"start": day, "end": day, "precision": "day", "phrase": None},
        "scope": {"project": project},
        "entities": list(about.entities),
        "people": [],
        "evidence": [
            {
                "turn": e.turn_id,
                "session": e.session_id,
                "digest": e.digest,
                "role": e.author,
                "quote": e.quote,
                "rel": "verifies" if e.author == "tool" else "asserts",
            }
            for e in draft.evidence
        ],
        "epistemic": about.epistemic,
        "status": "live",
        "supersedes": [],
        "superseded_by": None,
        "review": {
            "state": "human_ok",
            "by": "me",
            "at": datetime.fromtimestamp(now).astimezone().isoformat(timespec="seconds"),
        },
        "trust": "self",
        "gen": {"model": "", "app": __version__},
    }


def _escaped(text: str) -> str:
    """A sentence that cannot end its line or be read as a comment."""
    return one_line(text, 2000).replace("<!--", "").replace("-->", "")


def _same_day(record: Mapping[str, Any], page: Path) -> bool:
    return str(record.get("observed_at", ""))[:10] == page.stem


def _day(page: Path) -> date:
    return date.fromisoformat(page.stem)


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as exc:
        raise StorageError(f"Cannot read {path}: {exc}.", "Nothing was changed.") from exc


@contextmanager
def _locked(home: Home) -> Iterator[None]:
    """One writer of the journal at a time."""
    from filelock import FileLock, Timeout

    try:
        home.journal.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        lock = FileLock(str(home.journal / ".lock"), timeout=LOCK_SECONDS)
        with lock:
            yield
    except Timeout as exc:
        raise Busy("Another tapedeck is writing the journal.", "Try again in a moment.") from exc
    except OSError as exc:
        raise StorageError(
            f"Cannot write {home.journal}: {exc.strerror or exc}.", "Check its permissions."
        ) from exc
