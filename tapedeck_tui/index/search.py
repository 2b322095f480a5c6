"""Answering queries: candidates from both indexes, checked against the library, fused and shown."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tapedeck_tui.errors import StorageError
from tapedeck_tui.index import chunk, rank, snippet
from tapedeck_tui.index.query import Query, parse
from tapedeck_tui.library.browse import Browser
from tapedeck_tui.library.feed import SAID_AUTHORS, Doc
from tapedeck_tui.model import Hit, Place, SearchResult, SessionHit, TurnView
from tapedeck_tui.paths import Home

if TYPE_CHECKING:
    from tapedeck_tui.index.lexical import Lexical, Limits, Words
    from tapedeck_tui.index.vectors import Vectors

CANDIDATES = 200
"""Turns taken from the lexical index for fusion."""
TOOL_CANDIDATES = 60
CHUNKS = 300
"""Chunks taken from the vectors for fusion."""
MIN_COSINE = 0.2
"""A turn no word of the query stands in must be at least this near to count as found."""
FILL = 60
"""Best lexical candidates that are not embedded yet and are on the spot (turns of a moment ago)."""


class Searcher:
    """Keeps both indexes open. Thread-safe.

    Args:
        home: where the indexes are.
        browser: the library.
        clock: Unix seconds; what relative dates in queries count from.
        sets: gives the ids of the sessions with ``is:starred``, ``is:gone`` or ``label:x``.
    """

    def __init__(
        self,
        home: Home,
        browser: Browser,
        clock: Callable[[], float],
        sets: Callable[[str, str], Collection[str]],
    ) -> None:
        self._home = home
        self._browser = browser
        self._clock = clock
        self._sets = sets
        self._lexical_lock = threading.Lock()
        self._vector_lock = threading.RLock()
        self._lexical: Lexical | None = None
        self._lexical_mark: object = None
        self._vectors: Vectors | None = None
        self._generation = ""

    # opening

    def lexical(self) -> Lexical | None:
        """The lexical index, None while there is none. Sees what was committed since the last call."""
        from tapedeck_tui.index import lexical

        path = lexical.folder(self._home.lexical) / "meta.json"
        with self._lexical_lock:
            try:
                stat = path.stat()
            except OSError:
                self._lexical = None
                return None
            mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if self._lexical is None:
                self._lexical = lexical.Lexical(self._home.lexical)
            elif mark != self._lexical_mark:
                self._lexical.refresh()
            self._lexical_mark = mark
            return self._lexical

    def vectors(self) -> Vectors | None:
        """The vectors, None when they are not there or cannot be opened. Opening takes 1-3 s the first time."""
        from tapedeck_tui.index.embedders import static
        from tapedeck_tui.index.vectors import Vectors, collection_name

        generation = self._browser.meta("vectors-generation")
        if not generation:
            return None
        with self._vector_lock:
            if self._vectors is None or generation != self._generation:
                if self._vectors is not None:
                    self._vectors.close()
                embedder = static()
                name = collection_name(embedder.name, embedder.dims, chunk.CHUNKER)
                try:
                    self._vectors = Vectors(self._home.vectors, name)
                except StorageError:
                    self._vectors = None
                self._generation = generation
            return self._vectors

    def close(self) -> None:
        """Let go of both indexes."""
        with self._vector_lock, self._lexical_lock:
            if self._vectors is not None:
                self._vectors.close()
            self._vectors = self._lexical = None

    @lru_cache(maxsize=50_000)  # noqa: B019  one searcher lives as long as the program
    def _stem(self, word: str) -> str:
        index = self.lexical()
        terms = index.stems(word) if index is not None else []
        return terms[0] if len(terms) == 1 else word

    # searching

    def search(self, text: str, limit: int, semantic: bool, per_session: int) -> SearchResult:
        """Sessions with their best turns. Raises QueryError."""
        began = time.perf_counter()
        query = parse(text, self._clock())
        index = self.lexical()
        if query.is_empty or index is None:
            return SearchResult(text, (), 0)
        limits = self._limits(query)
        if limits is None:
            return SearchResult(text, (), 0, took_ms=(time.perf_counter() - began) * 1000)
        meaning = False
        similar = 0
        if query.text or query.prefixes:
            ranked, meaning = self._ranked(index, query, limits, semantic)
            turns, similar = len(ranked), sum(not one.lexical for one in ranked)
        else:
            turns = index.count(_words(query), limits)
            ranked = self._newest(index, query, limits, limit)
        sessions = self._sessions(index, query, ranked, limit, per_session)
        took = (time.perf_counter() - began) * 1000
        sought = (*query.content_words, *query.phrases, *query.prefixes)
        return SearchResult(text, sessions, turns, "", meaning, took, similar, sought)

    def _limits(self, query: Query) -> Limits | None:
        """What every hit must be; None when nothing can be it."""
        from tapedeck_tui.index.lexical import Limits

        names = {"source": "harness", "tool": "tool_name", "person": "speaker"}
        terms: list[tuple[str, str]] = []
        not_terms: list[tuple[str, str]] = []
        sessions: set[str] | None = None
        kinds = {"said", "tool"}
        for one in query.filters:
            name = names.get(one.field, one.field)
            flag = one.value if one.field == "is" else ""
            if one.field == "label" or flag in ("starred", "gone"):
                ids = set(self._sets(one.field if one.field == "label" else flag, one.value))
                if one.negated:
                    not_terms += [("session", i) for i in ids]
                else:
                    sessions = ids if sessions is None else sessions & ids
                continue
            if flag:
                name = "flag"
            beside = flag in ("headless", "abandoned") or (
                one.field == "author" and one.value not in SAID_AUTHORS
            )
            if beside and not one.negated:
                kinds |= {"machine"}
            (not_terms if one.negated else terms).append((name, one.value))
        if sessions is not None and not sessions:
            return None
        return Limits(
            tuple(sorted(kinds)), query.since, query.until, tuple(terms), tuple(not_terms),
            sessions=tuple(sorted(sessions or ())),
        )  # fmt: skip

    def _ranked(
        self, index: Lexical, query: Query, limits: Limits, semantic: bool
    ) -> tuple[list[rank.Candidate], bool]:
        words = _words(query)
        said = replace(limits, kinds=tuple(k for k in limits.kinds if k != "tool"))
        tool = replace(limits, kinds=("tool",))
        lexical = dict(index.search(words, said, CANDIDATES))
        tools = dict(index.search(words, tool, TOOL_CANDIDATES))
        found = {**lexical, **tools}
        cosines: dict[int, float] = {}
        meaning = False
        vectors = self.vectors() if semantic and query.text else None
        if vectors is not None:
            with suppress(StorageError):  # it was closed or deleted under us: the words alone decide
                cosines = self._nearest(vectors, query, said, index)
                meaning = True
        missing = tuple(row for row in cosines if row not in found)
        if missing and words.any:
            found.update(index.search(words, replace(said, rows=missing), len(missing)))
        docs = {d.row: d for d in self._browser.docs([*{**found, **cosines}])}
        if vectors is not None and meaning:
            try:
                self._fill(vectors, query, docs, lexical, cosines)
            except StorageError:  # the same between two steps: half-judged candidates would not be alike
                cosines, meaning = {}, False
        candidates = [
            rank.Candidate(
                row, doc.session_row, doc.author, len(doc.text), doc.kind == "tool",
                doc.author != "assistant" and doc.text.rstrip().endswith("?"), found.get(row, 0.0), cosines.get(row),
            )
            for row, doc in docs.items()
            if row in found or cosines.get(row, 0.0) >= MIN_COSINE
        ]  # fmt: skip
        return rank.fuse(candidates, meaning), meaning

    def _nearest(self, vectors: Vectors, query: Query, limits: Limits, index: Lexical) -> dict[int, float]:
        """Turn row -> cosine of its best chunk, of turns that are within the limits."""
        from tapedeck_tui.index.embedders import static
        from tapedeck_tui.index.lexical import Words

        vector = static().embed([query.text])[0]
        best: dict[str, float] = {}
        with self._vector_lock:  # so that no other thread closes the store under the query
            nearest = vectors.nearest(vector, CHUNKS)
        for turn, _, cosine in nearest:
            best[turn] = max(best.get(turn, -1.0), cosine)
        rows = self._browser.rows_of_turns(list(best))
        must = Words(phrases=query.phrases, prefixes=query.prefixes, none=query.none)
        allowed = {
            r for r, _ in index.search(must, replace(limits, rows=tuple(rows.values())), len(rows) or 1)
        }
        return {row: best[turn] for turn, row in rows.items() if row in allowed}

    def _fill(
        self, vectors: Vectors, query: Query, docs: dict[int, Doc], lexical: Collection[int],
        cosines: dict[int, float],
    ) -> None:  # fmt: skip
        """Cosines of the lexical candidates the nearest chunks did not give, so that all are judged alike: from
        the store where they are, embedded on the spot where they are too new for it."""
        from tapedeck_tui.index.embedders import static

        missing = [docs[r] for r in lexical if r not in cosines and r in docs]
        vector = static().embed([query.text])[0]
        ids = {f"{d.id}:{i}": d.row for d in missing for i in range(d.chunks)}
        with self._vector_lock:
            for ident, cosine in vectors.among(vector, list(ids)):
                row = ids[ident]
                cosines[row] = max(cosines.get(row, -1.0), cosine)
        texts: list[str] = []
        owners: list[int] = []
        for doc in [d for d in missing if not d.chunks][:FILL]:
            for piece in chunk.cut(doc.text):
                texts.append(chunk.with_prompt(doc.prompt, doc.text[piece.start : piece.end]))
                owners.append(doc.row)
        if texts:
            for row, score in zip(owners, (static().embed(texts) @ vector).tolist(), strict=True):
                cosines[row] = max(cosines.get(row, -1.0), float(score))

    def _newest(self, index: Lexical, query: Query, limits: Limits, limit: int) -> list[rank.Candidate]:
        """The newest turns of the ``limit`` newest sessions. A session of 10,000 turns must not hide the others:
        while some are missing, the newest turns outside those that were found are looked for."""
        found: list[rank.Candidate] = []
        sessions: set[int] = set()
        while len(sessions) < limit:
            rows = index.newest(_words(query), limits, limit * 4)
            homes = self._browser.homes(rows)
            found += [
                rank.Candidate(r, homes[r], "", 0, score=-len(found) - i)
                for i, r in enumerate(rows)
                if r in homes
            ]
            fresh = set(homes.values()) - sessions
            if not fresh or len(rows) < limit * 4:
                break
            sessions |= fresh
            others = tuple(("session", s.id) for s in self._browser.session_rows(list(fresh)))
            limits = replace(limits, not_terms=(*limits.not_terms, *others))
        return found

    # showing

    def _sessions(
        self, index: Lexical, query: Query, ranked: list[rank.Candidate], limit: int, per_session: int
    ) -> tuple[SessionHit, ...]:
        groups = list(rank.by_session(ranked).items())[:limit]
        rows = {s.row: s for s in self._browser.session_rows([row for row, _ in groups])}
        shown = {row: found[:per_session] for row, found in groups}
        turns = self._browser.turns_by_row([c.row for found in shown.values() for c in found])
        stem = self._stem
        stems = {
            stem(w.casefold()) for piece in (*query.content_words, *query.phrases) for w in _split(piece)
        }
        out = []
        for row, found in groups:
            if row in rows:
                hits = tuple(_hit(c, turns[c.row], stems, stem) for c in shown[row] if c.row in turns)
                out.append(SessionHit(rows[row], found[0].score, hits))
        return tuple(out)


def _words(query: Query) -> Words:
    from tapedeck_tui.index.lexical import Words

    return Words(query.content_words, query.phrases, query.prefixes, query.none)


def _split(piece: str) -> list[str]:
    return re.findall(r"\w+", piece)


def _hit(one: rank.Candidate, turn: TurnView, stems: set[str], stem: Callable[[str], str]) -> Hit:
    text = turn.text
    if not text or one.is_tool:
        text = "\n".join(p.text for p in turn.parts if p.text)
    cut = snippet.best(text, stems, stem)
    return Hit(
        turn.id, turn.session_id, turn.position, turn.author, turn.at, one.score, cut.text, cut.marks,
        Place(turn.session_id, turn.id, cut.start, cut.length), tuple(one.why),
    )  # fmt: skip
