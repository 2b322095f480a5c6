"""The lexical index: tantivy (BM25). The required path; vectors only refine it. The only user of tantivy."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapedeck_tui.errors import StorageError
from tapedeck_tui.library.feed import Doc
from tapedeck_tui.paths import FOLDER_MODE
from tapedeck_tui.text import split_identifiers

if TYPE_CHECKING:
    import tantivy

SCHEMA_VERSION = "1"
"""Part of the folder's name; a changed schema is built anew beside the old one."""
HEAP = 64 * 1024 * 1024
"""Bytes the writer gathers before it writes a segment."""
PROMPT_CHARS = 600
"""Characters of the governing prompt indexed with a turn (RETRIEVAL section 5)."""
MAX_CHARS = 64 * 1024
"""Characters of one field that are indexed."""

BOOST_TEXT, BOOST_PROMPT, BOOST_PARTS, BOOST_WHOLE = 1.0, 0.35, 0.35, 1.2
"""Weights of the fields: what was said, the prompt it answers, identifier parts, whole identifiers."""
BOOST_UNFINISHED = 0.5
"""Weight of a match by the beginning of a word only."""
MIN_UNFINISHED = 2
"""Letters a word needs to be taken as the beginning of one."""
_REGEX_SIGNS = frozenset("\\.+*?()|[]{}^$#&-~")
"""Characters with a meaning in tantivy's regular expressions; to escape any other is an error there."""


PARTIAL = frozenset({"project", "model", "speaker", "tool_name"})
"""Names of which a part is enough: ``project:blue``, ``model:opus``, ``tool:github``."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a hit must be; empty = anything.

    kinds   "said", "tool", "machine"
    since, until   Unix seconds, ``until`` exclusive
    terms   (field, value) pairs that must hold; not_terms: must not
    rows    only these turn rows
    sessions  only these session ids
    """

    kinds: tuple[str, ...] = ("said",)
    since: float | None = None
    until: float | None = None
    terms: tuple[tuple[str, str], ...] = ()
    not_terms: tuple[tuple[str, str], ...] = ()
    rows: tuple[int, ...] = ()
    sessions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for. ``any`` are or-ed; ``phrases`` and ``prefixes`` must be there; ``none`` must not."""

    any: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    fields: tuple[str, ...] = field(default=("text", "prompt", "parts", "whole"))


def _analyzers() -> dict[str, Any]:
    import tantivy

    def build(tokenizer: Any, *filters: Any) -> Any:
        builder = tantivy.TextAnalyzerBuilder(tokenizer)
        for one in filters:
            builder = builder.filter(one)
        return builder.build()

    lower, short = tantivy.Filter.lowercase(), tantivy.Filter.remove_long(60)
    fold = tantivy.Filter.ascii_fold()
    return {
        "prose": build(tantivy.Tokenizer.simple(), short, lower, fold, tantivy.Filter.stemmer("english")),
        "plain": build(tantivy.Tokenizer.simple(), short, lower, fold),
        "whole": build(
            tantivy.Tokenizer.regex(r"[\w@#~.][\w./:\\@#~+-]*[\w]"), tantivy.Filter.remove_long(200), lower
        ),
    }


def _schema() -> tantivy.Schema:
    import tantivy

    build = tantivy.SchemaBuilder()
    build.add_unsigned_field("row", stored=True, indexed=True, fast=True)
    for name in ("kind", "author", "harness", "project", "model", "tool_name", "flag", "session", "speaker"):
        build.add_text_field(name, tokenizer_name="raw", index_option="basic")
    build.add_integer_field("at", indexed=True, fast=True)
    build.add_text_field("text", tokenizer_name="prose", index_option="position")
    build.add_text_field("prompt", tokenizer_name="prose", index_option="freq")
    build.add_text_field("parts", tokenizer_name="plain", index_option="freq")
    build.add_text_field("whole", tokenizer_name="whole", index_option="freq")
    build.add_text_field("file", tokenizer_name="plain", index_option="position")
    return build.build()


def folder(home_folder: Path) -> Path:
    """Where the present schema's index lives."""
    return home_folder / f"v{SCHEMA_VERSION}"


def _open(path: Path) -> tantivy.Index:
    import tantivy

    try:
        index = tantivy.Index.open(str(path))
    except (ValueError, OSError) as exc:
        raise StorageError(
            f"The lexical index {path} cannot be opened: {exc}.", "It is made again by: tapedeck sync"
        ) from exc
    for name, analyzer in _analyzers().items():
        index.register_tokenizer(name, analyzer)
    return index


def _create(path: Path) -> tantivy.Index:
    import tantivy

    path.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    path.parent.chmod(FOLDER_MODE)
    index = tantivy.Index(_schema(), path=str(path), reuse=True)
    for name, analyzer in _analyzers().items():
        index.register_tokenizer(name, analyzer)
    return index


def _literal(text: str) -> str:
    """The text as a regular expression that means itself."""
    return "".join(c if c.isalnum() else "\\" + c for c in text)


class LexicalWriter:
    """Adds and replaces turns. One at a time, under the ingest lock."""

    def __init__(self, home_folder: Path) -> None:
        self._path = folder(home_folder)
        if not self._path.exists() and home_folder.exists():
            shutil.rmtree(home_folder)  # an index of an older schema
        self._index = _create(self._path)
        self._is_new = self._index.searcher().num_docs == 0
        self._writer = self._index.writer(heap_size=HEAP, num_threads=1)

    @staticmethod
    def is_there(home_folder: Path) -> bool:
        """Whether an index of the present schema exists and opens."""
        try:
            _open(folder(home_folder))
        except StorageError:
            return False
        return True

    def add(self, docs: Sequence[Doc]) -> None:
        """Add turns, or replace them where they are known. A turn comes once between two commits."""
        import tantivy

        if not self._is_new:
            rows = tantivy.Query.term_set_query(self._index.schema, "row", [d.row for d in docs])
            self._writer.delete_documents_by_query(rows)
        for doc in docs:
            said = doc.text[:MAX_CHARS]
            text = said if doc.kind == "said" else f"{said}\n{doc.tool[:MAX_CHARS]}"
            out = tantivy.Document()
            out.add_unsigned("row", doc.row)
            out.add_text("kind", doc.kind)
            out.add_text("author", doc.author)
            out.add_text("harness", doc.harness)
            out.add_text("project", doc.project.casefold())
            out.add_text("session", doc.session_id)
            if doc.model:
                out.add_text("model", doc.model.casefold())
            if doc.speaker:
                out.add_text("speaker", doc.speaker.casefold())
            for name in set(doc.tool_names):
                out.add_text("tool_name", name.casefold())
            for flag in doc.flags | ({"child"} if doc.is_child else set()):
                out.add_text("flag", flag)
            if doc.headless:
                out.add_text("flag", "headless")
            out.add_integer("at", int(doc.at or 0))
            out.add_text("text", text)
            out.add_text("prompt", doc.prompt[:PROMPT_CHARS])
            out.add_text("parts", split_identifiers(text))
            out.add_text("whole", text)
            for name in doc.files:
                out.add_text("file", name)
            self._writer.add_document(out)

    def commit(self) -> None:
        """Make everything added durable and visible to readers that reload. Raises StorageError when the disk does
        not take it; what was committed before stays."""
        try:
            self._writer.commit()
        except ValueError as exc:
            raise StorageError(
                f"The lexical index {self._path} cannot be written: {exc}.",
                "Make room on the disk, then run: tapedeck sync",
            ) from exc

    def close(self) -> None:
        self._writer.wait_merging_threads()


class Lexical:
    """Searching. Cheap to keep open; ``refresh`` sees what the writer committed."""

    def __init__(self, home_folder: Path) -> None:
        self._index = _open(folder(home_folder))
        self._schema = self._index.schema
        self._analyzers = _analyzers()
        self._index.reload()
        self._searcher = self._index.searcher()

    def refresh(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()

    @property
    def docs(self) -> int:
        return int(self._searcher.num_docs)

    def stems(self, text: str) -> list[str]:
        """The terms of prose as they are indexed."""
        return list(self._analyzers["prose"].analyze(text))

    def search(self, words: Words, limits: Limits, limit: int) -> list[tuple[int, float]]:
        """(turn row, BM25 score), best first."""
        query = self._query(words, limits)
        if query is None:
            return []
        found = self._searcher.search(query, limit, count=False)
        rows = self._searcher.fast_field_values("row", [address for _, address in found.hits])
        return [(int(row), float(score)) for row, (score, _) in zip(rows, found.hits, strict=True)]

    def newest(self, words: Words, limits: Limits, limit: int) -> list[int]:
        """Turn rows that match, newest first."""
        query = self._query(words, limits)
        if query is None:
            return []
        found = self._searcher.search(query, limit, count=False, order_by_field="at")
        rows = self._searcher.fast_field_values("row", [address for _, address in found.hits])
        return [int(row) for row in rows]

    def count(self, words: Words, limits: Limits) -> int:
        """How many turns match."""
        query = self._query(words, limits)
        return 0 if query is None else int(self._searcher.search(query, 1, count=True).count or 0)

    def _query(self, words: Words, limits: Limits) -> tantivy.Query | None:
        import tantivy

        must, should, must_not = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
        clauses: list[tuple[Any, Any]] = []
        wanted = [q for word in words.any for q in self._word(word, words.fields)]
        if wanted:
            clauses.append((must, tantivy.Query.boolean_query([(should, q) for q in wanted])))
        elif words.any and not (words.phrases or words.prefixes):
            return None
        for phrase in words.phrases:
            clauses.append((must, self._phrase(phrase, words.fields)))
        for prefix in words.prefixes:
            clauses.append((must, self._prefix(prefix)))
        scored = bool(clauses)
        for word in words.none:
            clauses += [(must_not, q) for q in self._word(word, ("text", "whole"))]
        clauses += self._limit_clauses(limits)
        if not scored:
            clauses.append((must, tantivy.Query.all_query()))
        return tantivy.Query.boolean_query(clauses)

    def _word(self, word: str, fields: Sequence[str]) -> list[tantivy.Query]:
        import tantivy

        out: list[Any] = []
        boosts = {"text": BOOST_TEXT, "prompt": BOOST_PROMPT, "parts": BOOST_PARTS, "whole": BOOST_WHOLE}
        for name, boost in boosts.items():
            if name not in fields:
                continue
            analyzer = "prose" if name in ("text", "prompt") else "plain" if name == "parts" else "whole"
            terms = list(self._analyzers[analyzer].analyze(word))
            if name == "whole" and (len(terms) != 1 or terms[0].isalpha()):
                continue  # only compound identifiers say more as a whole than as prose
            for term in terms:
                query = tantivy.Query.term_query(self._schema, name, term, index_option="freq")
                out.append(tantivy.Query.boost_query(query, boost))
        if "text" in fields and self._is_unfinished(word):
            out.append(tantivy.Query.boost_query(self._prefix(word), BOOST_UNFINISHED))
        return out

    def _is_unfinished(self, word: str) -> bool:
        """Whether no turn holds the word: then it is taken as the beginning of one (typing goes on)."""
        if len(word) < MIN_UNFINISHED or not word.isalnum():
            return False
        return not any(
            self._searcher.doc_freq(name, term)
            for name, analyzer in (("text", "prose"), ("parts", "plain"))
            for term in self._analyzers[analyzer].analyze(word)
        )

    def _phrase(self, phrase: str, fields: Sequence[str]) -> tantivy.Query:
        import tantivy

        terms = list(self._analyzers["prose"].analyze(phrase))
        if not terms:
            return tantivy.Query.empty_query()
        if len(terms) == 1:
            return tantivy.Query.term_query(self._schema, "text", terms[0], index_option="freq")
        return tantivy.Query.phrase_query(self._schema, "text", list(terms))

    def _prefix(self, prefix: str) -> tantivy.Query:
        import tantivy

        terms = list(self._analyzers["plain"].analyze(prefix))
        if not terms:
            return tantivy.Query.empty_query()
        last = "".join("\\" + c if c in _REGEX_SIGNS else c for c in terms[-1])
        choices = [tantivy.Query.regex_query(self._schema, name, last + ".*") for name in ("text", "parts")]
        any_of = tantivy.Query.boolean_query([(tantivy.Occur.Should, q) for q in choices])
        if len(terms) == 1:
            return any_of
        head = self._phrase(" ".join(terms[:-1]), ())
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, head), (tantivy.Occur.Must, any_of)])

    def _limit_clauses(self, limits: Limits) -> list[tuple[Any, Any]]:
        import tantivy

        def quiet(query: Any) -> tuple[Any, Any]:
            return (tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0))

        out: list[tuple[Any, Any]] = []
        if limits.kinds:
            out.append(quiet(tantivy.Query.term_set_query(self._schema, "kind", list(limits.kinds))))
        if limits.rows:
            out.append(quiet(tantivy.Query.term_set_query(self._schema, "row", list(limits.rows))))
        if limits.sessions:
            out.append(quiet(tantivy.Query.term_set_query(self._schema, "session", list(limits.sessions))))
        if limits.since is not None or limits.until is not None:
            low = int(limits.since) if limits.since is not None else 1
            high = ceil(limits.until) - 1 if limits.until is not None else 2**40
            kind = tantivy.FieldType.Integer
            out.append(quiet(tantivy.Query.range_query(self._schema, "at", kind, low, high)))
        for name, value in limits.terms:
            out.append(quiet(self._field(name, value)))
        for name, value in limits.not_terms:
            out.append((tantivy.Occur.MustNot, self._field(name, value)))
        return out

    def _field(self, name: str, value: str) -> tantivy.Query:
        import tantivy

        if name == "file":
            terms = list(self._analyzers["plain"].analyze(value))
            if not terms:
                return tantivy.Query.empty_query()
            if len(terms) == 1:
                return tantivy.Query.term_query(self._schema, "file", terms[0])
            return tantivy.Query.phrase_query(self._schema, "file", list(terms))
        if name in PARTIAL:
            any_part = f".*{_literal(value)}.*"
            return tantivy.Query.regex_query(self._schema, name, any_part)
        return tantivy.Query.term_query(self._schema, name, value)
