"""Cutting a turn into chunks: what is embedded (RETRIEVAL section 5, K2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

CHUNKER = "c120"
"""Names this way of cutting; part of the collection's name."""
CHUNK_TOKENS = 120
OVERLAP_TOKENS = 40
PROMPT_CHARS = 160
"""Characters of the governing prompt put in front of each chunk."""
JOINT = " — "
MAX_CHUNKS = 64
"""Chunks of one turn that are embedded: about 5,000 words; the lexical index holds the rest."""

_PIECE = re.compile(r"\w+|[^\w\s]")
_LETTERS_PER_TOKEN = 6
"""A long word counts as several tokens: WordPiece needs about one per six letters beyond the first six."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Characters ``start`` to ``end`` of the turn's text."""

    start: int
    end: int


def cut(text: str, size: int = CHUNK_TOKENS, overlap: int = OVERLAP_TOKENS) -> list[Chunk]:
    """Overlapping chunks that cover the text in order. Sizes are in WordPiece tokens, estimated without a
    tokenizer so that places do not depend on the embedder."""
    pieces = [
        (m.start(), m.end(), 1 + (m.end() - m.start() - 1) // _LETTERS_PER_TOKEN)
        for m in _PIECE.finditer(text)
    ]
    if not pieces:
        return []
    chunks: list[Chunk] = []
    first = 0
    while True:
        used, last = 0, first
        while last < len(pieces) and (used + pieces[last][2] <= size or last == first):
            used += pieces[last][2]
            last += 1
        end = len(text) if last == len(pieces) else pieces[last][0]
        chunks.append(Chunk(0 if not chunks else pieces[first][0], end))
        if last == len(pieces) or len(chunks) == MAX_CHUNKS:
            return chunks
        back, step = 0, last
        while step > first + 1 and back + pieces[step - 1][2] <= overlap:
            step -= 1
            back += pieces[step][2]
        first = step


def with_prompt(prompt: str, piece: str) -> str:
    """What is embedded for a chunk: the ask it answers, then its words."""
    return f"{prompt[:PROMPT_CHARS]}{JOINT}{piece}" if prompt else piece
