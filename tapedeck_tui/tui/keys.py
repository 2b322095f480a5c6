"""Every key of the app, once. Footer, help, palette, user remapping and docs are drawn from this table.

One id may stand in several lines when the same meaning has another action on another screen: remapping
the id changes them all. Ids are the names a ``[keys]`` table in the config file uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from textual.binding import Binding

FORBIDDEN = frozenset(
    "ctrl+m ctrl+i ctrl+h ctrl+left_square_bracket ctrl+j ctrl+space ctrl+@ ctrl+s ctrl+a ctrl+b".split()
)
"""Keys a terminal sends as another key (enter, tab, backspace, escape), swallows, or that tmux and screen use."""

CONTEXTS = {
    "app": "everywhere",
    "list": "in every list",
    "browse": "browse",
    "query": "search line",
    "reader": "reader",
    "find": "find line",
    "ask": "ask",
    "question": "question line",
    "memory": "memory",
    "sources": "sources",
    "promote": "promote",
    "welcome": "welcome",
    "help": "help",
}
"""Where a key works, and what that place is called in the help."""


@dataclass(frozen=True, slots=True)
class Key:
    """One meaning of a key in the places it holds.

    id           what the config file calls it
    keys         Textual key names, comma separated
    action       Textual action
    description  a verb, for the footer
    tooltip      one sentence, for the help
    places       names of ``CONTEXTS``
    show         may stand in the footer (which shows at most five)
    priority     acts even while an input has the focus
    """

    id: str
    keys: str
    action: str
    description: str
    tooltip: str
    places: tuple[str, ...]
    show: bool = False
    priority: bool = False

    def binding(self) -> Binding:
        from textual.binding import Binding

        return Binding(
            self.keys, self.action, self.description, show=self.show, tooltip=self.tooltip, id=self.id,
            priority=self.priority,
        )  # fmt: skip


KEYS: tuple[Key, ...] = (
    # everywhere
    Key("browse", "1", "app.mode('browse')", "browse", "All sessions, newest first, and search.", ("app",)),
    Key("ask", "2", "app.mode('ask')", "ask", "Ask a question about everything you kept.", ("app",)),
    Key("memory", "3", "app.mode('memory')", "memory", "What you promoted to skills and the journal.", ("app",)),
    Key("sources", "4", "app.mode('sources')", "sources", "Where sessions come from, and problems.", ("app",)),
    Key("help", "question_mark,f1", "app.help", "help", "Help for what is in focus.", ("app",), show=True),
    Key("palette", "ctrl+p", "app.command_palette", "palette", "Every command, by name.", ("app",), priority=True),
    Key("quit", "ctrl+q", "app.quit", "quit", "Quit from anywhere; work is saved.", ("app",), priority=True),
    Key("interrupt", "ctrl+c", "app.interrupt", "copy or quit",
        "Copy the selection; without one, press it twice to quit.", ("app",)),
    Key("suspend", "ctrl+z", "app.suspend_process", "suspend", "Back to the shell; fg returns here.", ("app",),
        priority=True),
    Key("back", "q", "app.back", "back", "Back; on the first screen it quits.", ("app",)),
    Key("close", "escape", "app.close", "close", "Close, clear or go back; never quits.", ("app",)),
    Key("next-pane", "tab", "app.focus_next", "next pane", "Go to the next pane.", ("app",)),
    Key("previous-pane", "shift+tab", "app.focus_previous", "previous pane", "Go to the previous pane.", ("app",)),
    Key("stop", "ctrl+x", "app.stop_job", "stop", "Stop what is being read; nothing kept is lost.", ("app",)),
    # every list
    Key("down", "j,down", "cursor_down", "down", "One line down.", ("list",)),
    Key("up", "k,up", "cursor_up", "up", "One line up.", ("list",)),
    Key("first", "g,home", "first", "first", "To the top.", ("list",)),
    Key("last", "G,end", "last", "last", "To the end.", ("list",)),
    Key("half-down", "ctrl+d", "half_down", "half page down", "Half a page down.", ("list",)),
    Key("half-up", "ctrl+u", "half_up", "half page up", "Half a page up.", ("list",)),
    Key("page-down", "space,pagedown", "page_down", "page down", "A page down.", ("list",)),
    Key("page-up", "b,pageup", "page_up", "page up", "A page up.", ("list",)),
    Key("open", "enter,l,right", "open", "open", "Open what the bar stands on.", ("list",), show=True),
    Key("fold", "h,left", "back_or_fold", "back", "Back, or fold what is open.", ("list", "reader")),
    # browse
    Key("search", "slash", "search", "search", "Search all sessions.", ("browse",), show=True),
    Key("ask-about", "a", "ask_about", "ask", "Ask about this session.", ("browse", "reader"), show=True),
    Key("promote", "p", "promote", "promote", "Make a skill or a journal line of it.",
        ("browse", "reader", "ask"), show=True),
    Key("star", "asterisk", "star", "star", "Star this session, or take the star away.", ("browse", "reader")),
    Key("tag", "t", "label", "label", "Put a label on this session, or take it off.", ("browse", "reader")),
    Key("copy", "y", "copy", "copy", "Copy as Markdown, with its source.",
        ("browse", "reader", "ask", "memory", "sources")),
    Key("source-file", "o", "edit_source", "source file", "Open the file in $EDITOR, at the line where there is one.",
        ("browse", "reader", "memory", "sources")),
    Key("read-again", "r", "app.read_sources", "read again", "Read the sources again.",
        ("browse", "memory", "sources")),
    Key("undo", "u", "undo", "undo", "Undo the last mark, label or star.", ("browse", "reader")),
    Key("next-match", "n", "next_match", "next match", "The next match.", ("browse", "reader")),
    Key("previous-match", "N", "previous_match", "previous match", "The previous match.", ("browse", "reader")),
    Key("to-list", "enter,down", "screen.to_list", "to the list", "Go to the list of results.", ("query",), show=True),
    # reader
    Key("search", "slash", "find", "find", "Find words in this session.", ("reader",), show=True),
    Key("next-ask", "right_square_bracket", "next_typed", "next ask", "The next turn you typed.", ("reader",),
        show=True),
    Key("previous-ask", "left_square_bracket", "previous_typed", "previous ask", "The turn you typed before.",
        ("reader",)),
    Key("unfold", "x", "fold_one", "unfold", "Show or fold this tool call.", ("reader",)),
    Key("unfold-all", "X", "fold_all", "unfold all", "Show or fold all tool calls.", ("reader",)),
    Key("mark", "v", "mark", "mark", "Mark this turn for promoting.", ("reader",)),
    Key("links", "L", "links", "linked", "Go to the parent, a sub-agent or a linked session.", ("reader",)),
    # ask
    Key("search", "slash", "question", "question", "Write a question.", ("ask",), show=True),
    Key("send", "enter", "send", "ask it", "Ask what is written.", ("question",), show=True),
    Key("to-answer", "down", "to_answer", "to the answer", "Go to the answer, or to the examples.", ("question",)),
    Key("model", "m", "model", "model", "Choose the model that answers.", ("ask",)),
    Key("new-question", "n", "new_question", "new", "Start a new question.", ("ask",)),
    Key("earlier", "e", "earlier", "earlier", "Earlier questions and answers.", ("ask",)),
    # memory, sources
    Key("import", "i", "import_path", "read a path", "Read one file or folder that you name.", ("sources",),
        show=True),
    Key("problems", "P", "problems", "problems", "What could not be read, and why.", ("sources",), show=True),
    # promote, welcome
    Key("publish", "ctrl+o", "publish", "write it", "Write it where the preview says.", ("promote",), show=True),
    Key("target", "ctrl+t", "target", "target", "Change where it will be written.", ("promote",), show=True),
    Key("kind", "ctrl+n", "kind", "kind", "Skill or observation.", ("promote",), show=True),
    Key("undo-edit", "ctrl+underscore", "undo_edit", "undo", "Take back the last edit of the draft.", ("promote",)),
    Key("start", "enter", "start", "to the list", "Go to your sessions; reading goes on.", ("welcome",), show=True),
)  # fmt: skip


def keys_for(*places: str) -> list[Key]:
    """The lines of the table for these places, in its order."""
    return [key for key in KEYS if any(place in places for place in key.places)]


def bindings_for(*places: str) -> list[Any]:
    """What a screen or widget puts in ``BINDINGS``: its own place, e.g. ``bindings_for("reader")``."""
    return [key.binding() for key in keys_for(*places)]


NAMES = {
    "question_mark": "?", "slash": "/", "escape": "esc", "asterisk": "*", "left_square_bracket": "[",
    "right_square_bracket": "]", "pageup": "pgup", "pagedown": "pgdn", "comma": ",", "full_stop": ".",
    "underscore": "_",
}  # fmt: skip
"""Textual's names of keys that people call otherwise."""


def name_of(key: str) -> str:
    """What a key is called in the footer and the help: ``?``, ``esc``, ``ctrl+d``."""
    *modifiers, last = key.strip().split("+")
    return "+".join([*modifiers, NAMES.get(last, last)])


def first_key(key_id: str) -> str:
    """The key of this id that hints name, "" for an unknown id."""
    return next((key.keys.split(",")[0] for key in KEYS if key.id == key_id), "")


def read_keymap(config: Path) -> tuple[dict[str, str], str]:
    """The user's own keys from the ``[keys]`` table of the config file.

    Returns:
        The keymap (id to keys) of every good line, and one sentence about the first bad one, or "".
        A missing file is an empty keymap.
    """
    import tomllib

    try:
        table = tomllib.loads(config.read_text("utf-8")).get("keys", {})
    except FileNotFoundError:
        return {}, ""
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        return {}, f"{config.name}: cannot be read ({exc}). The usual keys are used."
    if not isinstance(table, dict):
        return {}, f"{config.name}: [keys] must be a table. The usual keys are used."
    return _check_keymap(table, config.name)


def _check_keymap(table: dict[str, Any], name: str) -> tuple[dict[str, str], str]:
    from difflib import get_close_matches

    known = {key.id for key in KEYS}
    good: dict[str, str] = {}
    bad = ""
    for key_id, keys in table.items():
        wrong = ""
        if key_id not in known:
            near = get_close_matches(key_id, known, 1)
            wrong = f"there is no key named {key_id!r}" + (f"; did you mean {near[0]!r}?" if near else ".")
        elif not isinstance(keys, str) or not keys.strip():
            wrong = f'{key_id} must be a text such as "ctrl+f".'
        else:
            refused = sorted(FORBIDDEN.intersection(part.strip() for part in keys.split(",")))
            if refused:
                wrong = f"{key_id} cannot be {refused[0]}: terminals send or keep it for something else."
            else:
                good[key_id] = keys
        bad = bad or (f"{name}: [keys] {wrong}" if wrong else "")
    return good, bad
