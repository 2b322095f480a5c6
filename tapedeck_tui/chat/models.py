"""Which chat models can be asked: what Ollama has installed, and which one to take by itself."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tapedeck_tui.model import Models
from tapedeck_tui.text import clean

if TYPE_CHECKING:
    from ollama import Client, ListResponse

DEFAULT_PORT = 11434
TIMEOUT = 1.0
"""Seconds to wait for Ollama to say what it has: it answers at once or it is not there."""
SUGGESTED = "qwen3:8b"
"""A model that answers well from passages and runs on an ordinary laptop."""
_EMBEDDING = re.compile(r"embed|minilm|\bbge\b|bge-|(?:^|[/-])e5-|(?:^|[/-])gte-|rerank", re.IGNORECASE)
_EMBEDDING_FAMILIES = frozenset({"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "xlm-roberta"})
_GOOD_FAMILIES = (
    "qwen3", "gemma3", "llama3", "qwen2.5", "qwen", "gpt-oss", "gptoss", "mistral", "ministral", "granite", "phi4", "gemma", "llama",
    "olmo", "command-r",
)  # fmt: skip
_SPECIAL = re.compile(
    r"coder|code|math|vision|-vl|guard|ocr|uncensored|base|-pt\b|moondream|llava", re.IGNORECASE
)
_ROOM = 1.25
"""A model needs about a quarter more memory than its file, for the context."""


@dataclass(frozen=True, slots=True)
class Details:
    """What one model can do. ``context_length``: tokens, 0 unknown; ``thinks``: it can think before answering."""

    context_length: int
    thinks: bool


@dataclass(frozen=True, slots=True)
class _Installed:
    name: str
    size: int
    family: str


def resolve_url(url: str = "") -> str:
    """The address of Ollama: the given one, else ``OLLAMA_HOST``, else this machine. ``OLLAMA_HOST`` may be
    what a server listens on (``0.0.0.0``); asked is then this machine."""
    named = (url or os.environ.get("OLLAMA_HOST", "")).strip() or "127.0.0.1"
    parts = urlsplit(named if "://" in named else f"http://{named}")
    host = parts.hostname or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        port = parts.port
    except ValueError:
        port = None
    if port is None:
        port = 443 if parts.scheme == "https" else 80 if "://" in named else DEFAULT_PORT
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme or 'http'}://{shown}:{port}{parts.path.rstrip('/')}"


def is_local(url: str) -> bool:
    """Whether the address is this machine."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def client(url: str, timeout: float = TIMEOUT) -> Client:
    """A client of Ollama that asks no proxy for this machine. ``timeout``: seconds between bytes."""
    import httpx  # with ollama 0.3 s, and only when a model is looked for
    from ollama import Client

    limit = httpx.Timeout(timeout, connect=min(timeout, 2.0))
    return Client(host=url, timeout=limit, trust_env=not is_local(url))


def list_models(url: str = "", chosen: str = "") -> Models:
    """The installed chat models and the one that will be used.

    Args:
        url: of Ollama; "" = ``OLLAMA_HOST``, else this machine.
        chosen: the model the user chose before; it is taken while it is installed.

    Never raises and never takes longer than about a second: an Ollama that does not answer is not there.
    Embedding models are left out, and so are names that only stand for a model on someone else's machine.
    """
    address = resolve_url(url)
    import httpx
    from ollama import ResponseError

    try:
        with client(address, TIMEOUT) as ollama:
            reply = ollama.list()
    except (ConnectionError, httpx.HTTPError, httpx.InvalidURL, ResponseError, ValueError, OSError):
        return Models(False, (), "", how_to_start(address), address)
    installed = _installed(reply)
    names = tuple(model.name for model in installed)
    if not names:
        hint = f"Ollama runs but has no chat model. Get one with: ollama pull {SUGGESTED}"
        return Models(True, (), "", hint, address)
    pick = chosen if chosen in names else _choose(installed)
    return Models(True, names, pick, "", address)


def details(url: str, model: str) -> Details:
    """What a model can do; zeros when Ollama does not say. Raises what the ollama client raises when it
    cannot be reached or does not know the model."""
    with client(resolve_url(url), timeout=5.0) as ollama:
        shown = ollama.show(model)
    lengths = [
        v for k, v in (shown.modelinfo or {}).items() if k.endswith(".context_length") and isinstance(v, int)
    ]
    return Details(max(lengths, default=0), "thinking" in (shown.capabilities or ()))


def _installed(reply: ListResponse) -> list[_Installed]:
    """Chat models in Ollama's order (last changed first)."""
    out: list[_Installed] = []
    for row in reply.models:
        name = clean(row.model or "")
        about = row.details
        family = ((about.family if about else "") or "").lower()
        families = {family, *(f.lower() for f in (about.families if about else None) or ())}
        elsewhere = name.endswith(("-cloud", ":cloud"))
        if name and not elsewhere and not _EMBEDDING.search(name) and not families & _EMBEDDING_FAMILIES:
            out.append(_Installed(name, int(row.size or 0), family))
    return out


def _choose(installed: Sequence[_Installed]) -> str:
    """The largest that likely fits into memory, general instruct families before special ones; when none
    fits, the smallest."""
    memory = _memory()
    fitting = [m for m in installed if not memory or m.size * _ROOM < memory * 0.8]
    if not fitting:
        return min(installed, key=lambda m: m.size).name
    return max(fitting, key=lambda m: (_standing(m), m.size)).name


def _standing(model: _Installed) -> int:
    if _SPECIAL.search(model.name):
        return 0
    known = model.name.lower().startswith(_GOOD_FAMILIES) or model.family.startswith(_GOOD_FAMILIES)
    return 2 if known else 1


def _memory() -> int:
    """Bytes of main memory, 0 when the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


def how_to_start(url: str) -> str:
    """What to do when Ollama does not answer at this address."""
    if not is_local(url):
        return f"No answer from Ollama at {url}. Check the address, or that the machine is on."
    if shutil.which("ollama") is None:
        return f"Install Ollama, then run: ollama pull {SUGGESTED}"
    return "Start it with: ollama serve"
