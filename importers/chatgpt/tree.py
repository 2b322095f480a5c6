"""A ChatGPT conversation is a tree of nodes; one path through it is what the user sees (FORMATS 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from importers.readers import as_dict, as_list, as_text, iso_time


def in_order(conversation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Every node once: (id, node, whether it lies on the current branch).

    The current branch comes first, from its root; then the branches that were left, each whole. Missing
    parents and cycles end a path. Nodes without any relation are one path in file order.
    """
    mapping = {node: as_dict(value) for node, value in as_dict(conversation.get("mapping")).items()}
    parents = _parents(mapping)
    if not parents:
        yield from ((node, value, True) for node, value in mapping.items())
        return
    path = _path(_current(conversation, mapping, parents), parents)
    seen = set(path)
    yield from ((node, mapping[node], True) for node in path)
    for node in _others(mapping, parents, seen):
        yield node, mapping[node], False


def _parents(mapping: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Node -> parent, from either side of the relation."""
    parents = {node: as_text(value.get("parent")) for node, value in mapping.items()}
    for node, value in mapping.items():
        for child in as_list(value.get("children")):
            if isinstance(child, str) and child in mapping and not parents[child]:
                parents[child] = node
    return {node: parent for node, parent in parents.items() if parent in mapping and parent != node}


def _current(
    conversation: dict[str, Any], mapping: dict[str, dict[str, Any]], parents: dict[str, str]
) -> str:
    """The last node of the current branch; where the export does not say, the newest leaf."""
    told = as_text(conversation.get("current_node"))
    if told in mapping:
        return told
    inner = set(parents.values())
    leaves = [node for node in mapping if node not in inner] or list(mapping)
    return max(enumerate(leaves), key=lambda leaf: (_time(mapping[leaf[1]]), leaf[0]))[1]


def _time(node: dict[str, Any]) -> float:
    return iso_time(as_dict(node.get("message")).get("create_time")) or 0.0


def _path(node: str, parents: dict[str, str]) -> list[str]:
    path = [node]
    seen = {node}
    while (parent := parents.get(path[-1], "")) and parent not in seen:
        path.append(parent)
        seen.add(parent)
    return path[::-1]


def _others(mapping: dict[str, dict[str, Any]], parents: dict[str, str], seen: set[str]) -> Iterator[str]:
    """Every node that was not seen, branch after branch from the place where each leaves what was seen."""
    children: dict[str, list[str]] = {}
    for node, parent in parents.items():
        children.setdefault(parent, []).append(node)
    starts = [n for n in mapping if n not in seen and (parents.get(n, "") in seen or n not in parents)]
    for start in [*starts, *mapping]:
        stack = [start]
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            yield node
            stack.extend(reversed(children.get(node, [])))
