"""Writing what was promoted: a skill into its folder and our own copy, an observation into the journal."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime
from typing import Any

import orjson

from tapedeck_tui import __version__
from tapedeck_tui.ask.ports import Turns
from tapedeck_tui.errors import NotFound, Refused, TapedeckError
from tapedeck_tui.library.keep import Keep
from tapedeck_tui.model import Draft, Evidence, Promoted
from tapedeck_tui.paths import Home
from tapedeck_tui.promote import journal, skillfile
from tapedeck_tui.promote.evidence import claims
from tapedeck_tui.promote.files import create_folder
from tapedeck_tui.promote.skill import skill_id
from tapedeck_tui.promote.targets import Environment, find_target
from tapedeck_tui.promote.validate import check

PROVENANCE = ".tapedeck/provenance.json"
"""Beside SKILL.md; agents never load it."""


def publish(
    draft: Draft,
    home: Home,
    keep: Keep,
    now: float,
    turns: Turns | None = None,
    environment: Environment | None = None,
) -> Promoted:
    """Write a draft and register it.

    Args:
        draft: as the user wants it; it is checked once more.
        home: our own copy goes to ``skills/`` or ``journal/`` below it.
        keep: the registry.
        now: Unix seconds.
        turns: the library, to look every quote up again and to know the project; None leaves that out.
        environment: where the user is; None = the real one.

    Raises:
        Refused: the draft has problems, or the name is taken.
        StorageError: it cannot be written; nothing is left half done.
    """
    where = environment or Environment.current()
    checked = check(draft, keep, home, turns, where)
    if checked.problems:
        raise Refused(f"This cannot be published yet: {checked.problems[0]}", " ".join(checked.problems[1:]))
    project = _project(checked.evidence, turns)
    if checked.kind == "observation":
        promoted = journal.add(checked, home, keep, now, project)
        keep.save_promoted(promoted)
        return promoted
    return _publish_skill(checked, home, keep, now, where, project)


def _publish_skill(
    draft: Draft, home: Home, keep: Keep, now: float, environment: Environment, project: str
) -> Promoted:
    front, body, _ = skillfile.split(draft.text)
    target = find_target(draft.target, environment)
    folder = target.folder / draft.name
    text = draft.text if draft.text.endswith("\n") else draft.text + "\n"
    digest = file_digest(text.encode())
    sidecar = _provenance(draft, body, digest, str(folder), now)
    ours = home.skills / draft.name
    create_folder(ours, {"SKILL.md": text, PROVENANCE: sidecar}, private=True)
    try:
        # in a project others may see the folder: there the quotes stay at home
        files = {"SKILL.md": text} if target.shared else {"SKILL.md": text, PROVENANCE: sidecar}
        create_folder(folder, files, private=not target.shared)
    except TapedeckError:
        shutil.rmtree(ours, ignore_errors=True)
        raise
    promoted = Promoted(
        id=_free_id(keep, skill_id(draft.evidence), draft.name),
        kind="skill",
        title=str(front.get("name", draft.name)),
        text=text,
        path=str(folder / "SKILL.md"),
        at=now,
        evidence=draft.evidence,
        project=project,
    )
    keep.save_promoted(promoted, digest)
    return promoted


def file_digest(data: bytes) -> str:
    """What a written file is recognised by."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _free_id(keep: Keep, wanted: str, name: str) -> str:
    """The evidence's id; a second skill from the same evidence under another name gets its own."""
    known = keep.promoted_one(wanted)
    if known is None or known.title == name:
        return wanted
    return f"{wanted}_{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _provenance(draft: Draft, body: str, digest: str, installed: str, now: float) -> str:
    """The sidecar: which line rests on which words of which turn (schema tapedeck.skill/1)."""
    moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    document: dict[str, Any] = {
        "schema": "tapedeck.skill/1",
        "id": skill_id(draft.evidence),
        "name": draft.name,
        "claims": [
            {
                "anchor": claim.anchor,
                "line": claim.line,
                "status": claim.status,
                "evidence": [
                    {
                        "turn": e.turn_id,
                        "session": e.session_id,
                        "digest": e.digest,
                        "role": e.author,
                        "quote": e.quote,
                    }
                    for e in claim.evidence
                ],
            }
            for claim in claims(skillfile.lines(body), draft.evidence)
        ],
        "sources": sorted({e.turn_id for e in draft.evidence}),
        "portability": {"abs_paths": 0, "secrets": 0},
        "generated": {"model": "", "at": moment, "app": __version__},
        "review": {"state": "accepted", "by": "me", "at": moment},
        "installed": [{"target": installed, "sha": digest, "at": moment, "preimage": None}],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def _project(evidence: tuple[Evidence, ...], turns: Turns | None) -> str:
    for item in evidence:
        if turns is None:
            break
        try:
            return turns.session(item.session_id).row.project
        except NotFound:
            continue
    return ""
