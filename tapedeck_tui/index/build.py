"""Bringing both indexes up to the library. Each is idempotent by turn and has its own watermark."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from importers.contract import Problem
from tapedeck_tui.errors import StorageError
from tapedeck_tui.events import Event, Progress
from tapedeck_tui.index import chunk
from tapedeck_tui.index.lexical import LexicalWriter
from tapedeck_tui.library.feed import Doc, Feed
from tapedeck_tui.paths import Home

if TYPE_CHECKING:
    from tapedeck_tui.index.embedders import Embedder
    from tapedeck_tui.index.vectors import Vectors

LEXICAL_BATCH = 2_000
"""Turns read from the library at a time."""
VECTOR_BATCH = 1_000
TICK = 0.1
ROOM = 64 * 1024 * 1024
"""Free bytes on the disk below which a failing store is not damaged but has no room."""
GENERATION = "vectors-generation"
"""Meta key that counts up whenever the vectors were written; readers reopen Chroma when it moved."""


class IndexBuilder:
    """Under the ingest lock. Generators can be closed at any event; what was committed stays.

    Args:
        home: where the indexes are.
        feed: the library's writing side.
    """

    def __init__(self, home: Home, feed: Feed) -> None:
        self._home = home
        self._feed = feed

    def check(self) -> Iterator[Event]:
        """Make lost indexes again from the library, without being asked. What is there before the library gave
        anything belongs to an earlier library, whose row numbers mean other turns: it is thrown away."""
        if not self._feed.watermark("lexical"):
            shutil.rmtree(self._home.lexical, ignore_errors=True)
        if not self._feed.watermark("vectors"):
            shutil.rmtree(self._home.vectors, ignore_errors=True)
        if self._feed.watermark("lexical") and not LexicalWriter.is_there(self._home.lexical):
            shutil.rmtree(self._home.lexical, ignore_errors=True)
            self._feed.restart("lexical")
            yield Problem(
                str(self._home.lexical),
                "the lexical index was missing or damaged",
                "It is made again now.",
                kind="index",
            )
        if self._feed.watermark("vectors") and not (self._home.vectors / "chroma.sqlite3").exists():
            self._feed.restart("vectors")
            yield Problem(
                str(self._home.vectors), "the vectors were missing", "They are made again now.", kind="index"
            )

    def lexical(self) -> Iterator[Event]:
        """Index what is waiting; commits at the end (and when closed early)."""
        waiting = self._feed.waiting("lexical")
        if not waiting:
            return
        writer = LexicalWriter(self._home.lexical)
        done, taken, last = 0, 0, 0.0
        try:
            for seq, docs in self._feed.batches("lexical", LEXICAL_BATCH):
                writer.add(docs)
                taken = seq
                done += len(docs)
                if time.monotonic() - last >= TICK:
                    last = time.monotonic()
                    yield Progress("indexing", done, waiting, "turns")
        finally:
            if taken:
                writer.commit()
                self._feed.done("lexical", taken)
            writer.close()
        yield Progress("indexing", waiting, waiting, "turns")

    def vectors(self) -> Iterator[Event]:
        """Embed what is waiting. A damaged store is thrown away and made again."""
        waiting = self._feed.waiting("vectors")
        if not waiting:
            self._feed.trim()
            return
        try:
            yield from self._embed(waiting)
        except StorageError as exc:
            if shutil.disk_usage(self._home.root).free < ROOM:
                hint = "Make room, then run: tapedeck sync"
                yield Problem(str(self._home.vectors), exc.what, hint, kind="index")
                return
            yield Problem(str(self._home.vectors), exc.what, "They are made again now.", kind="index")
            yield from self._again()
        self._feed.trim()

    def _again(self) -> Iterator[Event]:
        """Throw the vectors away and make them from the library, once."""
        from tapedeck_tui.index.vectors import Vectors

        Vectors.discard(self._home.vectors)
        self._feed.restart("vectors")
        try:
            yield from self._embed(self._feed.waiting("vectors"))
        except StorageError as exc:
            yield Problem(str(self._home.vectors), exc.what, exc.hint, kind="index")

    def _embed(self, waiting: int) -> Iterator[Event]:
        from tapedeck_tui.index.embedders import static
        from tapedeck_tui.index.vectors import Vectors, collection_name

        embedder = static()
        name = collection_name(embedder.name, embedder.dims, chunk.CHUNKER)
        store = Vectors(self._home.vectors, name, write=True)
        self._feed.count_up(
            GENERATION
        )  # now too: a run that is killed must not leave vectors no reader looks at
        done, last = 0, 0.0
        try:
            for seq, docs in self._feed.batches("vectors", VECTOR_BATCH):
                self._put(store, embedder, docs)
                self._feed.done("vectors", seq)
                done += len(docs)
                if time.monotonic() - last >= TICK:
                    last = time.monotonic()
                    yield Progress("vectors", min(done, waiting), waiting, "turns")
        finally:
            store.close()
            self._feed.count_up(GENERATION)
        yield Progress("vectors", waiting, waiting, "turns")

    def _put(self, store: Vectors, embedder: Embedder, docs: list[Doc]) -> None:
        before = self._feed.chunks([d.row for d in docs])
        ids: list[str] = []
        texts: list[str] = []
        counts: list[tuple[int, int]] = []
        stale: list[str] = []
        for doc in docs:
            pieces = chunk.cut(doc.text) if doc.kind == "said" else []
            ids += [f"{doc.id}:{i}" for i in range(len(pieces))]
            texts += [chunk.with_prompt(doc.prompt, doc.text[p.start : p.end]) for p in pieces]
            had = before.get(doc.row, 0)
            stale += [f"{doc.id}:{i}" for i in range(len(pieces), had)]
            if had != len(pieces):
                counts.append((doc.row, len(pieces)))
        if ids:
            store.upsert(ids, embedder.embed(texts))
        if stale:
            store.delete(stale)
        if counts:
            self._feed.set_chunks(counts)
