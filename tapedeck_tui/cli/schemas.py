"""The shapes of ``--json``. A shape never changes under its name: new keys may come, others would be a new number.

Times are ISO 8601 in UTC, null where unknown. Ids are those that ``tapedeck show`` takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tapedeck_tui import model
from tapedeck_tui.events import Finished, Problem

KEYS = {
    "tapedeck.sync/1": "summary, counts {name: number}, problems [{where, what, hint, kind, line}]",
    "tapedeck.search/1": "query, note, semantic, turns, similar (of these turns, without a word of the query), "
    "sessions [{session, score, hits [{turn_id, position, author, at, score, snippet, marks [[start, length]], "
    "matched (true or false)}]}]",
    "tapedeck.ask/1": "id, question, kind (answer, passages, nothing), text, citations [{n, turn_id, session_id, "
    "position, session_title, project, harness, author, at, quote, digest}], unsupported [[start, length]], "
    "astray (those of unsupported that cite what does not say so), "
    "coverage, model, at, note, stopped",
    "tapedeck.show/1": "session, turns [{id, position, author, at, model, speaker, flags, path, line, digest, "
    "parts [{kind, text, name, error, size, clipped, paths, line}]}]",
    "tapedeck.promote/1": "written (true or false), draft {kind, name, text, target, path, evidence [{turn_id, "
    "session_id, digest, quote}], problems}, promoted {id, kind, title, path, at} or null",
    "tapedeck.status/1": "home, sessions, turns, by_author, problems, pending, files, source_bytes, tape_bytes, "
    "lexical_behind, vectors_behind, embedder, first_at, last_at, last_sync, sources [{name, title, places, files, "
    "bytes, sessions, turns, problems, pending, gone, last_read}], found_problems (with --problems)",
    "tapedeck.doctor/1": "ok (true or false), checks [{name, state (ok, warn, bad), what, mend}]",
}
"""Top-level keys of each shape, as the help of its command says them."""


def iso(at: float | None) -> str | None:
    """The time as programs read it."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def sync(problems: Sequence[Problem], finished: Finished | None) -> dict[str, Any]:
    return {
        "schema": "tapedeck.sync/1",
        "summary": finished.summary if finished else "",
        "counts": dict(finished.counts) if finished else {},
        "problems": [
            {"where": p.where, "what": p.what, "hint": p.hint, "kind": p.kind, "line": p.span.line}
            for p in problems
        ],
    }


def session(row: model.SessionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "harness": row.harness,
        "kind": row.kind,
        "title": row.title,
        "project": row.project,
        "started_at": iso(row.started_at),
        "ended_at": iso(row.ended_at),
        "turns": row.turns,
        "typed": row.typed,
        "headless": row.headless,
        "is_child": row.is_child,
        "gone": row.gone,
        "starred": row.starred,
        "labels": list(row.labels),
    }


def search(result: model.SearchResult) -> dict[str, Any]:
    return {
        "schema": "tapedeck.search/1",
        "query": result.query,
        "note": result.note,
        "semantic": result.semantic,
        "turns": result.turns,
        "similar": result.similar,
        "sessions": [
            {
                "session": session(found.session),
                "score": round(found.score, 6),
                "hits": [_hit(h) for h in found.hits],
            }
            for found in result.sessions
        ],
    }


def _hit(hit: model.Hit) -> dict[str, Any]:
    return {
        "turn_id": hit.turn_id,
        "position": hit.position,
        "author": hit.author,
        "at": iso(hit.at),
        "score": round(hit.score, 6),
        "snippet": hit.snippet,
        "marks": [list(mark) for mark in hit.marks],
        "matched": hit.matched,
    }


def ask(answer: model.Answer) -> dict[str, Any]:
    return {
        "schema": "tapedeck.ask/1",
        "id": answer.id,
        "question": answer.question,
        "kind": answer.kind,
        "text": answer.text,
        "citations": [
            {
                "n": c.n,
                "turn_id": c.turn_id,
                "session_id": c.session_id,
                "position": c.position,
                "session_title": c.session_title,
                "project": c.project,
                "harness": c.harness,
                "author": c.author,
                "at": iso(c.at),
                "quote": c.quote,
                "digest": c.digest,
            }
            for c in answer.citations
        ],
        "unsupported": [list(part) for part in answer.unsupported],
        "astray": [list(part) for part in answer.astray],
        "coverage": answer.coverage,
        "model": answer.model,
        "at": iso(answer.at),
        "note": answer.note,
        "stopped": answer.stopped,
    }


def show(view: model.SessionView, turns: Sequence[model.TurnView]) -> dict[str, Any]:
    facts = {
        "native_id": view.native_id,
        "cwd": view.cwd,
        "branch": view.branch,
        "model": view.model,
        "path": view.path,
        "parent": view.parent.target if view.parent else None,
        "tokens_in": view.tokens_in,
        "tokens_out": view.tokens_out,
        "problems": view.problems,
    }
    return {
        "schema": "tapedeck.show/1",
        "session": {**session(view.row), **facts},
        "turns": [_turn(turn) for turn in turns],
    }


def _turn(turn: model.TurnView) -> dict[str, Any]:
    return {
        "id": turn.id,
        "position": turn.position,
        "author": turn.author,
        "at": iso(turn.at),
        "model": turn.model,
        "speaker": turn.speaker,
        "flags": sorted(turn.flags),
        "path": turn.path,
        "line": turn.line,
        "digest": turn.digest,
        "parts": [
            {
                "kind": p.kind,
                "text": p.text,
                "name": p.name,
                "error": p.error,
                "size": p.size,
                "clipped": p.clipped,
                "paths": list(p.paths),
                "line": p.line,
            }
            for p in turn.parts
        ],
    }


def promote(draft: model.Draft, promoted: model.Promoted | None) -> dict[str, Any]:
    return {
        "schema": "tapedeck.promote/1",
        "written": promoted is not None,
        "draft": {
            "kind": draft.kind,
            "name": draft.name,
            "text": draft.text,
            "target": draft.target,
            "path": draft.path,
            "evidence": [
                {"turn_id": e.turn_id, "session_id": e.session_id, "digest": e.digest, "quote": e.quote}
                for e in draft.evidence
            ],
            "problems": list(draft.problems),
        },
        "promoted": None
        if promoted is None
        else {
            "id": promoted.id,
            "kind": promoted.kind,
            "title": promoted.title,
            "path": promoted.path,
            "at": iso(promoted.at),
        },
    }


def status(
    now: model.Status, sources: Sequence[model.SourceRow], problems: Sequence[model.ProblemRow] | None
) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "schema": "tapedeck.status/1",
        "home": now.home,
        "sessions": now.sessions,
        "turns": now.turns,
        "by_author": dict(now.by_author),
        "problems": now.problems,
        "pending": now.pending,
        "files": now.files,
        "source_bytes": now.source_bytes,
        "tape_bytes": now.tape_bytes,
        "lexical_behind": now.lexical_behind,
        "vectors_behind": now.vectors_behind,
        "embedder": now.embedder,
        "first_at": iso(now.first_at),
        "last_at": iso(now.last_at),
        "last_sync": iso(now.last_sync),
        "sources": [
            {
                "name": s.name,
                "title": s.title,
                "places": [{"path": p.path, "exists": p.exists, "files": p.files} for p in s.places],
                "files": s.files,
                "bytes": s.bytes,
                "sessions": s.sessions,
                "turns": s.turns,
                "problems": s.problems,
                "pending": s.pending,
                "gone": s.gone,
                "last_read": iso(s.last_read),
            }
            for s in sources
        ],
    }
    if problems is not None:
        shape["found_problems"] = [
            {
                "source": p.source,
                "path": p.path,
                "line": p.line,
                "kind": p.kind,
                "what": p.what,
                "hint": p.hint,
            }
            for p in problems
        ]
    return shape


def doctor(checks: Sequence[model.Check]) -> dict[str, Any]:
    return {
        "schema": "tapedeck.doctor/1",
        "ok": all(c.state != "bad" for c in checks),
        "checks": [{"name": c.name, "state": c.state, "what": c.what, "mend": c.mend} for c in checks],
    }
