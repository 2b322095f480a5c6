"""The vectors: Chroma, one writer under the ingest lock, always disposable. The only user of chromadb."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapedeck_tui.errors import StorageError
from tapedeck_tui.paths import FOLDER_MODE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 5_000
"""Vectors in one upsert (DESIGN section 7: 1,650-1,900 a second in batches of this size)."""


def collection_name(embedder: str, dims: int, chunker: str) -> str:
    """Model, dims and chunker, so that vectors of two kinds never meet."""
    return f"{embedder}-{dims}-{chunker}"


def _client(path: Path) -> Any:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb  # 1-2 s
    from chromadb.config import Settings

    path.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    path.chmod(FOLDER_MODE)
    return chromadb.PersistentClient(path=str(path), settings=Settings(anonymized_telemetry=False))


class Vectors:
    """One collection of chunk vectors. Ids are ``<turn id>:<chunk number>``.

    Raises StorageError when Chroma cannot open its folder; search then goes on lexically and the folder is
    remade by the next sync.
    """

    def __init__(self, path: Path, name: str, *, write: bool = False) -> None:
        self._path = path
        with self._guard("opened"):
            self._client = _client(path)
            if write:
                self._collection = self._client.get_or_create_collection(
                    name, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
                )
            else:
                self._collection = self._client.get_collection(name, embedding_function=None)

    def close(self) -> None:
        """Let go of the folder; a client opened afterwards sees what other processes wrote."""
        self._client.close()

    @contextmanager
    def _guard(self, done: str) -> Iterator[None]:
        """Whatever Chroma raises (its kinds of errors differ between versions) becomes a StorageError."""
        try:
            yield
        except Exception as exc:
            raise StorageError(
                f"The vectors in {self._path} cannot be {done}: {type(exc).__name__}: {exc}.",
                "Search works without them; tapedeck sync makes them again.",
            ) from exc

    @staticmethod
    def discard(path: Path) -> None:
        """Remove everything. Only while no client of this process has it open."""
        shutil.rmtree(path, ignore_errors=True)

    def count(self) -> int:
        with self._guard("counted"):
            return int(self._collection.count())

    def upsert(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add or replace. ``vectors`` has one row per id."""
        with self._guard("written"):
            for start in range(0, len(ids), BATCH):
                some = slice(start, start + BATCH)
                self._collection.upsert(ids=list(ids[some]), embeddings=vectors[some])

    def delete(self, ids: Sequence[str]) -> None:
        """Remove these ids; unknown ones are passed over."""
        with self._guard("written"):
            for start in range(0, len(ids), BATCH):
                self._collection.delete(ids=list(ids[start : start + BATCH]))

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, int, float]]:
        """(turn id, chunk number, cosine similarity) of the nearest chunks, best first."""
        limit = min(limit, self.count())
        if limit <= 0:
            return []
        with self._guard("searched"):
            found = self._collection.query(query_embeddings=[vector], n_results=limit, include=["distances"])
        out = []
        for ident, distance in zip(found["ids"][0], found["distances"][0], strict=True):
            turn, _, number = ident.rpartition(":")
            out.append((turn, int(number), 1.0 - float(distance)))
        return out

    def among(self, vector: NDArray[np.float32], ids: Sequence[str]) -> list[tuple[str, float]]:
        """(id, cosine similarity) of those of these chunks that are there."""
        if not ids:
            return []
        with self._guard("searched"):
            found = self._collection.query(
                query_embeddings=[vector], ids=list(ids), n_results=len(ids), include=["distances"]
            )
        return [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]
