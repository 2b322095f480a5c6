"""Code mode: the tool ``exec`` is given JavaScript that calls the other tools (FORMATS 2.3)."""

from __future__ import annotations

import json
import re

_CALL = re.compile(r"\btools\.(exec_command|write_stdin)\(\s*\{")
_FIELD = re.compile(r"[\"']?\b(?:cmd|chars)\b[\"']?\s*:\s*")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`", re.DOTALL)
_ANY_CALL = re.compile(r"\btools\.\w+\(")
_LIST = re.compile(r"\[[^\[\]]*\]")
_WINDOW = 4_000
"""How far after ``tools.exec_command({`` the command is looked for, in characters."""
_PLAIN = 240
"""A script with no more than this around its commands says nothing but them, in characters."""


def commands(source: str) -> list[str]:
    """The literal shell commands a script runs, in its order; computed ones are not guessed."""
    found: list[str] = []
    for call in _CALL.finditer(source):
        named = _FIELD.search(source, call.end(), call.end() + _WINDOW)
        if named is None:
            continue
        literal = _STRING.match(source, named.end())
        if literal is not None:
            text = unquote(literal.group())
        else:
            listed = _LIST.match(source, named.end())
            words = [unquote(w) for w in _STRING.findall(listed.group())] if listed else []
            text = " ".join(words)
        if text.strip():
            found.append(text)
    return found


def readable(source: str) -> str:
    """The script as a person would read it: its commands first; alone when the script is nothing else."""
    inner = commands(source)
    if not inner:
        return source
    joined = "\n".join(command.strip("\n") for command in inner)
    alone = len(inner) == len(_ANY_CALL.findall(source)) and len(source) - len(joined) <= _PLAIN
    return joined if alone else f"{joined}\n\n{source}"


def unquote(literal: str) -> str:
    """The value of a JavaScript string literal; template placeholders stay as written."""
    body = literal[1:-1]
    if "\\" not in body:
        return body
    if literal[0] == '"':
        try:
            return str(json.loads(literal, strict=False))
        except ValueError:
            pass
    escapes = {"n": "\n", "t": "\t", "r": "\r", "0": "", "\n": ""}
    return re.sub(r"\\(.)", lambda m: escapes.get(m.group(1), m.group(1)), body, flags=re.DOTALL)
