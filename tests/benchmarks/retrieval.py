"""Pinned questions through the product's own search: hit@k per message and per session, latency, index size.

    TAPEDECK_CORPUS=... TAPEDECK_EVAL=... python -m tests.benchmarks.retrieval [--no-vectors] [--home DIR] [--misses]

The question set and what counts as a hit are described in the README of the eval folder: a message hit is the
turn that holds the answer's line (or one of its accepted alternatives), a session hit is its session.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from importers.contract import FileSource, Session, Turn
from importers.registry import identify
from tapedeck_tui.deck import Deck
from tapedeck_tui.events import Problem
from tapedeck_tui.library.ids import session_id, turn_id
from tapedeck_tui.paths import Home

KS = (1, 5, 10)


def gold_places(
    files: dict[str, Path], wanted: dict[str, set[int]]
) -> dict[tuple[str, int], tuple[str, str]]:
    """(session file, line) -> (turn id, session id), read with the same importers the product uses."""
    out: dict[tuple[str, int], tuple[str, str]] = {}
    for name, lines in wanted.items():
        importer = identify(files[name])
        assert importer is not None, files[name]
        harness: dict[str, str] = {}
        for record in importer.read(FileSource(files[name])):
            if isinstance(record, Session):
                harness[record.id] = record.harness
            elif isinstance(record, Turn):
                place = (
                    turn_id(record.key),
                    session_id(harness.get(record.session, importer.name), record.session),
                )
                for line in {record.span.line, *(p.span.line for p in record.parts)} & lines:
                    out.setdefault((name, line), place)
    return out


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-vectors", action="store_true", help="lexical only")
    parser.add_argument("--home", type=Path, help="keep the library here (and use it again when it is there)")
    parser.add_argument("--misses", action="store_true", help="print the questions without a hit@5")
    options = parser.parse_args(argv)
    corpus, pinned = os.environ.get("TAPEDECK_CORPUS"), os.environ.get("TAPEDECK_EVAL")
    if not corpus or not pinned:
        print("set TAPEDECK_CORPUS and TAPEDECK_EVAL", file=sys.stderr)
        return 2
    questions = [
        json.loads(line) for line in (Path(pinned) / "qa_sessions_dev.jsonl").read_text().splitlines()
    ]
    files = {k: Path(corpus) / v for k, v in json.loads((Path(pinned) / "qa_files.json").read_text()).items()}
    wanted: dict[str, set[int]] = defaultdict(set)
    for question in questions:
        for name, line in [(question["session_file"], question["line"]), *question["alt"]]:
            wanted[name].add(line)
    gold = gold_places(files, wanted)
    with tempfile.TemporaryDirectory() as scratch:
        deck = Deck(Home(options.home or Path(scratch)))
        began = time.perf_counter()
        problems = sum(isinstance(e, Problem) for e in deck.sync(list(files.values())))
        status = deck.status()
        print(
            f"library: {len(files)} files, {status.sessions} sessions, {status.turns} turns, {problems} problems,"
        )
        print(f"         read and indexed in {time.perf_counter() - began:.1f} s")
        for part in ("library.db", "lexical", "vectors", "tapes"):
            print(f"         {part}: {_size(deck.home.root / part) / 1e6:.1f} MB")
        _ask(deck, questions, gold, options.no_vectors, options.misses)
    return 0


def _ask(
    deck: Deck,
    questions: list[dict[str, object]],
    gold: dict[tuple[str, int], tuple[str, str]],
    plain: bool,
    show: bool,
) -> None:
    deck.search("warm up", semantic=not plain)
    turn_hits, session_hits = dict.fromkeys(KS, 0), dict.fromkeys(KS, 0)
    ranks: list[float] = []
    times: list[float] = []
    unmapped = 0
    for question in questions:
        places = [(question["session_file"], question["line"]), *map(tuple, question["alt"])]  # type: ignore[call-overload]
        right = {gold[p] for p in places if p in gold}
        unmapped += not right
        began = time.perf_counter()
        result = deck.search(str(question["question"]), limit=50, semantic=not plain, per_session=30)
        times.append((time.perf_counter() - began) * 1000)
        hits = sorted((h for s in result.sessions for h in s.hits), key=lambda h: -h.score)
        turns = [h.turn_id for h in hits]
        sessions = [s.session.id for s in result.sessions]
        at = min((turns.index(t) for t, _ in right if t in turns), default=None)
        ranks.append(0.0 if at is None else 1 / (at + 1))
        session_at = min((sessions.index(s) for _, s in right if s in sessions), default=None)
        for k in KS:
            turn_hits[k] += at is not None and at < k
            session_hits[k] += session_at is not None and session_at < k
        if show and (at is None or at >= 5):
            print(f"  {question['id']} turn {at} session {session_at}: {question['question']}")
    n = len(questions)
    print(f"questions: {n}" + (f" ({unmapped} without a place!)" if unmapped else ""))
    print(
        "message  " + "  ".join(f"hit@{k} {turn_hits[k] / n:.3f}" for k in KS) + f"  MRR {sum(ranks) / n:.3f}"
    )
    print("session  " + "  ".join(f"hit@{k} {session_hits[k] / n:.3f}" for k in KS))
    times.sort()
    print(f"latency  p50 {statistics.median(times):.0f} ms  p95 {times[int(n * 0.95)]:.0f} ms (warm)")


def _size(path: Path) -> int:
    return sum(p.stat().st_size for p in [path, *path.rglob("*")] if p.is_file())


if __name__ == "__main__":
    sys.exit(main())
