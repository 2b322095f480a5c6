"""Embedders behind one small protocol. ``static`` ships in the package and needs numpy only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tapedeck_tui.errors import StorageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODELS = Path(__file__).parent / "models"
STATIC = "static-v1"
MAX_TOKENS = 512
"""Tokens of one text the static model reads (its model card)."""
UNKNOWN_TOKEN = 1
"""Id of the static model's unknown token; it carries no meaning and is dropped (its model card)."""
BATCH = 512


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Names model and version; part of the collection's name."""

    @property
    def dims(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32, one row of unit length per text (a row of zeros for a text without known words)."""


class StaticEmbedder:
    """The shipped model2vec model: a vector is the normalised sum of looked-up token vectors."""

    def __init__(self, folder: Path = MODELS / STATIC) -> None:
        import numpy as np  # 60 ms
        from tokenizers import Tokenizer

        self.name = folder.name
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._table: NDArray[Any] = _read_table(folder / "model.safetensors", np)
        except (OSError, ValueError) as exc:
            raise StorageError(
                f"The embedding model in {folder} cannot be read: {exc}.", "Reinstall tapedeck-tui."
            ) from exc
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self.dims = int(self._table.shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        out = np.zeros((len(texts), self.dims), dtype=np.float32)
        for start in range(0, len(texts), BATCH):
            encoded = self._tokenizer.encode_batch_fast(
                list(texts[start : start + BATCH]), add_special_tokens=False
            )
            for i, one in enumerate(encoded, start):
                ids = [t for t in one.ids if t != UNKNOWN_TOKEN]
                if ids:
                    self._table[ids].sum(axis=0, dtype=np.float32, out=out[i])
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, norms, out=out, where=norms > 0)
        return out


def _read_table(path: Path, np: Any) -> Any:
    """The one matrix of a safetensors file (8-byte little-endian header length, JSON header, raw data),
    mapped, not read: pages come in as they are used."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    entries = [v for k, v in header.items() if k != "__metadata__"]
    entry = max(entries, key=lambda e: e["data_offsets"][1] - e["data_offsets"][0])
    kinds = {"I8": np.int8, "F16": np.float16, "F32": np.float32}
    if entry["dtype"] not in kinds or len(entry["shape"]) != 2:
        raise ValueError(f"unexpected tensor {entry['dtype']} {entry['shape']}")
    offset = 8 + length + entry["data_offsets"][0]
    return np.memmap(path, dtype=kinds[entry["dtype"]], mode="r", offset=offset, shape=tuple(entry["shape"]))


@lru_cache(maxsize=1)
def static() -> StaticEmbedder:
    """The shipped embedder, loaded once."""
    return StaticEmbedder()
