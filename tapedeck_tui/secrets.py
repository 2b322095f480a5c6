"""Finding secrets in text, and hiding them. Used at ingest and again before anything is published.

Every rule begins with something found at memory speed (a literal, or a long run without a space); only
there is a pattern tried. So ordinary text costs a handful of scans and nothing else.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a text: characters ``start`` .. ``end`` and what kind it is ("github-token")."""

    start: int
    end: int
    kind: str


RUN = 20
"""Tokens of known shape stand in an unbroken run of at least this many letters, digits, ``_`` and ``-``."""
_RUN_BYTES = b"a" * RUN
_CLASSES = bytes(
    ord("a") if chr(c).isascii() and (chr(c).isalnum() or chr(c) in "_-") else ord(" ") for c in range(256)
)

_EDGE = r"(?<![A-Za-z0-9_\-])"
_TOKENS: tuple[tuple[str, str], ...] = (
    ("github-token", r"gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}"),
    ("aws-key-id", r"A[KS]IA(?=[A-Z]*[0-9])[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("google-key", r"AIza[A-Za-z0-9_\-]{35}(?![A-Za-z0-9_\-])"),
    ("jwt", r"eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{16,}"),
    ("stripe-key", r"[srp]k_live_[A-Za-z0-9]{16,}"),
    (
        "api-key",
        r"(?:sk|gsk|xai)[_\-](?=[A-Za-z_\-]*[0-9])(?=[a-z0-9_\-]*[A-Z]|[a-z0-9\-]*[0-9a-f]{16})[A-Za-z0-9_\-]{20,}",
    ),
    ("gitlab-token", r"glpat-[A-Za-z0-9_\-]{20,}"),
    ("slack-token", r"xox[abeoprs]-(?=[A-Za-z\-]*[0-9])[A-Za-z0-9\-]{16,}"),
    ("huggingface-token", r"hf_(?=[A-Za-z]*[0-9A-Z])[A-Za-z0-9]{30,}"),
    ("npm-token", r"npm_(?=[A-Za-z]*[0-9])[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
)
_TOKEN = re.compile(
    _EDGE + "(?:" + "|".join(f"(?P<k{n}>{pattern})" for n, (_, pattern) in enumerate(_TOKENS)) + ")"
)
_KEY_BLOCK = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:(?!-----)[\s\S]){0,20000}-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"|(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{16,})*+)"  # cut off before its end
)
_BEARER = re.compile(r"earer (?=[A-Za-z_\-.=+/~]*[0-9])([A-Za-z0-9_\-.=+/~]{20,})")
_URL = re.compile(r"://(?P<user>[^\s/:@\"'`<>]{0,64}):(?P<secret>[^\s/@\"'`<>]{3,128})@")

_NAMES = (b"passw", b"secret", b"token", b"_key", b"-key", b"apikey")
_ASSIGNED = re.compile(
    r"(?P<name>[A-Za-z0-9_.\-]{0,64}?(?:password|passwd|secret|token|(?:api|access|private|secret)[_-]?key))"
    r"(?P<gap>[\"']?\s{0,4}(?:=>|:=|=|:)\s{0,4})"
    r"(?:(?P<quote>[\"'])(?P<quoted>[^\"'\n]{6,400})(?P=quote)|(?P<bare>[^\s\"'`,;(){}\[\]<>]{6,400}))",
    re.IGNORECASE,
)
_PASSWORDS = ("password", "passwd")
_PLACEHOLDER = re.compile(
    r"^(?:[*•xX.\-_#]+|\$.*|%.*|<.*|\{.*|.*\{\{.*|\[hidden .*|.*\.\.\..*|.*…$|"
    r"(?:your|my|the|some|test|example|dummy|fake|sample|changeme|change[_-]me|placeholder|redacted|replace|insert|"
    r"none|null|true|false|undefined|password|passwd|secret|token|postgres|admin|root|guest|user|str|string|"
    r"optional|required|env|process\.env|os\.environ|os\.getenv|settings|config|self|args|ctx|request)"
    r"(?:[\W_].*)?)$",
    re.IGNORECASE,
)
_IDENTIFIER_PATH = re.compile(r"^[A-Za-z_][A-Za-z_]*(?:[.:\->]+[A-Za-z_]+)*\??$")
MIN_ENTROPY = 3.0
"""Bits per character below which an assigned value is a word, not a key."""
_REACH = 72
"""How far before a marker an assignment's name may begin, in characters."""


def find(text: str) -> list[Found]:
    """The secrets in the text, in order, without overlaps. A longer find swallows a shorter one.

    Values that are plainly placeholders (``$TOKEN``, ``<your key>``, ``changeme``) or code
    (``settings.token``) are not secrets.
    """
    raw = text.encode("latin-1", "replace")  # one byte per character, so that offsets are the text's
    hits: list[Found] = []
    if len(raw) >= RUN:
        runs = raw.translate(_CLASSES)
        if (at := runs.find(_RUN_BYTES)) >= 0:
            hits += _tokens(text, runs, at)
        if b"-----BEGIN " in raw:
            hits += [Found(m.start(), m.end(), "private-key") for m in _KEY_BLOCK.finditer(text)]
        if b"earer " in raw:
            hits += [Found(m.start(1), m.end(1), "bearer-token") for m in _BEARER.finditer(text)]
    if b"://" in raw and b"@" in raw:
        hits += _url_passwords(text)
    if b"=" in raw or b":" in raw:
        low = raw.lower()
        places = [at for name in _NAMES if name in low for at in _places(low, name)]
        if places:
            hits += _assigned(text, sorted(places))
    return _apart(hits) if hits else hits


def _apart(hits: list[Found]) -> list[Found]:
    """In order, overlapping finds as one."""
    hits.sort(key=lambda f: (f.start, -f.end))
    out: list[Found] = []
    for hit in hits:
        if out and hit.start < out[-1].end:
            if hit.end > out[-1].end:
                out[-1] = Found(out[-1].start, hit.end, out[-1].kind)
        else:
            out.append(hit)
    return out


def mask(text: str) -> str:
    """The text with every secret replaced by ``[hidden KIND]``. Idempotent; text without secrets is
    returned as it is (the same object)."""
    found = find(text)
    if not found:
        return text
    pieces: list[str] = []
    at = 0
    for item in found:
        pieces.append(text[at : item.start])
        pieces.append(f"[hidden {item.kind}]")
        at = item.end
    pieces.append(text[at:])
    return "".join(pieces)


def _tokens(text: str, runs: bytes, at: int) -> Iterator[Found]:
    """Tokens with a shape of their own, in the long runs from ``at`` on."""
    while at >= 0:
        end = runs.find(b" ", at)
        end = len(text) if end < 0 else end
        first = _TOKEN.search(text, at, end)  # tokens with dots go on after the run: match again, unbounded
        match = _TOKEN.match(text, first.start() if first else at)
        if match is not None:
            yield Found(match.start(), match.end(), _TOKENS[int((match.lastgroup or "k0")[1:])][0])
            end = max(end, match.end())
        at = runs.find(_RUN_BYTES, end)


def _url_passwords(text: str) -> Iterator[Found]:
    for match in _URL.finditer(text):
        if not _PLACEHOLDER.match(match["secret"]) and match["user"] != match["secret"]:
            yield Found(match.start("secret"), match.end("secret"), "url-password")


def _assigned(text: str, places: Iterable[int]) -> Iterator[Found]:
    """``NAME=value`` and ``"name": "value"`` where the name says that the value is secret; ``places``: where
    such names may be."""
    seen = -1
    for at in places:
        if at < seen:
            continue
        begin = _name_start(text, at)
        match = _ASSIGNED.match(text, begin)
        if match is None or match.start("gap") < at:
            continue
        value = match.group("quoted") or match.group("bare") or ""
        if _is_secret_value(match.group("name"), value, match.group("gap"), bool(match.group("quoted"))):
            group = "quoted" if match.group("quoted") else "bare"
            name = match.group("name").lower()
            kind = "password" if name.endswith(_PASSWORDS) else "assigned-secret"
            seen = match.end()
            yield Found(match.start(group), match.end(group), kind)


def _is_secret_value(name: str, value: str, gap: str, quoted: bool) -> bool:
    if _PLACEHOLDER.match(value) or value.lower().startswith(name.lower()):
        return False
    environment = name.isupper() and gap in ("=", ":", ": ")
    if name.lower().endswith(_PASSWORDS):
        mixed = gap == "=" and len(value) >= 8 and _has_digit(value) and any(c.isalpha() for c in value)
        plain_words = " " in value or not (quoted or environment or mixed)
        return not plain_words and (
            not _IDENTIFIER_PATH.match(value) or (quoted and value.islower() is False)
        )
    if " " in value or len(value) < 12 or not _has_digit(value) or value.isdigit():
        return False
    if "/" in value and value.count("/") > 1 and not value.endswith("="):
        return False
    if not quoted and ("." in value and not environment):
        return False
    return any(c.isalpha() for c in value) and _entropy(value) >= MIN_ENTROPY


def _places(text: bytes, marker: bytes) -> Iterator[int]:
    at = text.find(marker)
    while at >= 0:
        yield at
        at = text.find(marker, at + len(marker))


def _name_start(text: str, at: int) -> int:
    begin = at
    floor = max(0, at - _REACH)
    while begin > floor and (text[begin - 1].isalnum() or text[begin - 1] in "_.-"):
        begin -= 1
    return begin


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _entropy(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
