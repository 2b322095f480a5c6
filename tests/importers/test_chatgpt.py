"""ChatGPT exports: the whole tree, each message once, whatever the size and state of the file."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.chatgpt import ChatGPT
from importers.chatgpt.split import elements
from importers.contract import FLAG_ABANDONED, Cursor, FileSource, Problem, Record, Session, Turn

BEGIN = 1_767_600_000.0


def ident(number: int) -> str:
    return f"{number:08x}-feed-4bee-8ace-{number:012x}"


class Chat:
    """One conversation, a node at a time. Nodes hang on the one before unless told otherwise."""

    def __init__(self, number: int = 1, **fields: Any) -> None:
        self.first = number * 1000
        self.count = 0
        root = "client-created-root"
        self.nodes: dict[str, Any] = {root: {"id": root, "message": None, "parent": None, "children": []}}
        self.last = root
        self.fields = {
            "title": f"Chat {number}",
            "create_time": BEGIN + number,
            "update_time": BEGIN + number + 60,
            "conversation_id": ident(number),
            "id": ident(number),
            "default_model_slug": "gpt-4o",
            "is_archived": False,
            **fields,
        }

    def node(self, role: str, content: Any, parent: str = "", metadata: Any = None, **fields: Any) -> str:
        self.count += 1
        own = ident(self.first + self.count)
        parent = parent or self.last
        model = {"model_slug": "gpt-4o"} if role == "assistant" else {}
        message = {
            "id": own,
            "author": {"role": role, "name": fields.pop("name", None), "metadata": {}},
            "create_time": BEGIN + self.first + self.count,
            "content": {"content_type": "text", "parts": [content]} if isinstance(content, str) else content,
            "status": "finished_successfully",
            "weight": 1.0,
            "metadata": {**model, **(metadata or {})},
            "recipient": "all",
            **fields,
        }
        self.nodes[own] = {"id": own, "message": message, "parent": parent, "children": []}
        self.nodes[parent]["children"].append(own)
        self.last = own
        return own

    def as_json(self, **fields: Any) -> dict[str, Any]:
        return {**self.fields, "mapping": self.nodes, "current_node": self.last, **fields}


class Read:
    def __init__(self, records: list[Record]) -> None:
        self.sessions = [one for one in records if isinstance(one, Session)]
        self.turns = [one for one in records if isinstance(one, Turn)]
        self.problems = [one for one in records if isinstance(one, Problem)]
        self.cursor = records[-1]
        assert isinstance(self.cursor, Cursor)

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(turn.author, " / ".join(part.text for part in turn.parts)) for turn in self.turns]


def export(folder: Path, *conversations: Any, name: str = "conversations.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(list(conversations)), "utf-8")
    return path


def read(path: Path, cursor: Cursor | None = None) -> Read:
    return Read(list(ChatGPT().read(FileSource(path), cursor)))


def talk(folder: Path, chat: Chat, **fields: Any) -> Read:
    return read(export(folder, chat.as_json(**fields)))


def test_a_plain_conversation(tmp_path: Path) -> None:
    """One sees the title, both sides in order, the model of the answer, real times and the kind "chat"."""
    chat = Chat()
    chat.node("user", "How do I descale a kettle?")
    chat.node("assistant", "With vinegar.", metadata={"model_slug": "gpt-5-2"})
    got = talk(tmp_path, chat)
    session = got.sessions[0]
    assert (session.id, session.kind, session.title, session.title_rank) == (ident(1), "chat", "Chat 1", 40)
    assert (session.project, session.started_at, session.model) == ("", BEGIN + 1, "gpt-4o")
    assert got.said == [("typed", "How do I descale a kettle?"), ("assistant", "With vinegar.")]
    assert got.turns[1].model == "gpt-5-2"
    assert got.turns[0].key == f"chatgpt:{ident(1001)}"
    assert got.turns[0].at == BEGIN + 1001


def test_the_left_branches_stay_and_are_marked(tmp_path: Path) -> None:
    """Case 28: a prompt was edited and an answer made again. One sees the current branch first, in order, then
    the branches that were left, each whole and marked abandoned."""
    chat = Chat()
    asked = chat.node("user", "Red or blue?")
    chat.node("assistant", "Red.")
    chat.node("user", "Why red?")
    chat.node("assistant", "Blue.", parent=asked)
    chat.node("user", "Why blue?")
    chat.node("assistant", "It is calm.")
    got = talk(tmp_path, chat)
    assert [text for _, text in got.said] == [
        "Red or blue?",
        "Blue.",
        "Why blue?",
        "It is calm.",
        "Red.",
        "Why red?",
    ]
    assert [FLAG_ABANDONED in turn.flags for turn in got.turns] == [False] * 4 + [True] * 2


def test_without_current_node_the_newest_leaf_counts(tmp_path: Path) -> None:
    """Case 28: exports without ``current_node``. One sees the branch of the newest message as the current one."""
    chat = Chat()
    asked = chat.node("user", "Red or blue?")
    chat.node("assistant", "Newer.", create_time=BEGIN + 99_999)
    chat.node("assistant", "Older.", parent=asked)
    got = talk(tmp_path, chat, current_node=None)
    assert [text for _, text in got.said] == ["Red or blue?", "Newer.", "Older."]


def test_nodes_without_relations_stand_in_file_order(tmp_path: Path) -> None:
    """Case 28: a mapping without parents, ids or times. One sees it in file order, nothing abandoned."""
    mapping = {
        f"n{number}": {"message": {"author": {"role": role}, "content": {"parts": [text]}}}
        for number, (role, text) in enumerate([("user", "One?"), ("assistant", "Two."), ("user", "Three.")])
    }
    path = export(tmp_path, {"title": "Old", "create_time": 5, "mapping": mapping})
    got = read(path)
    assert got.said == [("typed", "One?"), ("assistant", "Two."), ("typed", "Three.")]
    assert not any(turn.flags for turn in got.turns)
    assert got.turns[0].key == f"chatgpt:{got.sessions[0].id}:n0"
    assert read(path).sessions[0].id == got.sessions[0].id


def test_cycles_and_missing_parents_end_a_path(tmp_path: Path) -> None:
    """Case 28: parents that point in a circle or nowhere. One sees every message once."""
    chat = Chat()
    first = chat.node("user", "Round?")
    second = chat.node("assistant", "And round.")
    chat.nodes[first]["parent"] = second
    lost = chat.node("user", "Nowhere.")
    chat.nodes[lost]["parent"] = "gone"
    chat.nodes[second]["children"] = [second, first]
    got = talk(tmp_path, chat, current_node=second)
    assert sorted(text for _, text in got.said) == ["And round.", "Nowhere.", "Round?"]


def test_hidden_nodes_are_left_out(tmp_path: Path) -> None:
    """Case 28: system nodes, hidden ones, weight 0, empty parts. One sees none of them."""
    chat = Chat()
    chat.node("system", "You are ChatGPT.")
    chat.node("user", "Shown.")
    chat.node("assistant", "")
    chat.node("assistant", "Hidden.", metadata={"is_visually_hidden_from_conversation": True})
    chat.node("tool", "Weightless.", weight=0.0, name="browser")
    chat.node("assistant", "Shown too.")
    assert talk(tmp_path, chat).said == [("typed", "Shown."), ("assistant", "Shown too.")]


@pytest.mark.parametrize("old", [True, False])
def test_custom_instructions_are_machine_text(tmp_path: Path, old: bool) -> None:
    """Custom instructions go in front of every conversation, in two shapes. One sees them as machine text."""
    chat = Chat()
    hidden = {"is_visually_hidden_from_conversation": True, "is_user_system_message": True}
    if old:
        data = {"about_user_message": "I own kettles.", "about_model_message": "Be brief."}
        chat.node("system", "", metadata={**hidden, "user_context_message_data": data})
    else:
        content = {
            "content_type": "user_editable_context",
            "user_profile": "I own kettles.",
            "user_instructions": "Be brief.",
        }
        chat.node("user", content, metadata=hidden)
    chat.node("user", "Hello.")
    assert talk(tmp_path, chat).said == [("machine", "I own kettles.\n\nBe brief."), ("typed", "Hello.")]


def test_only_custom_instructions_are_no_session(tmp_path: Path) -> None:
    """Case 21: a conversation in which nobody says anything. One sees no session."""
    chat = Chat()
    chat.node("user", {"content_type": "user_editable_context", "user_profile": "I own kettles."})
    got = talk(tmp_path, chat)
    assert (got.sessions, got.turns, got.problems) == ([], [], [])


def test_tools_images_and_files(tmp_path: Path) -> None:
    """Case 28: a tool call, its picture, an attached file. One sees the call with its tool, the picture as a
    marker with its size, the file by name, and no data."""
    chat = Chat()
    chat.node(
        "user",
        "Draw a kettle.",
        metadata={"attachments": [{"name": "plan.pdf", "mime_type": "application/pdf", "size": 900}]},
    )
    chat.node(
        "assistant", {"content_type": "text", "parts": ['{"prompt":"a kettle"}']}, recipient="dalle.text2im"
    )
    pointer = {
        "content_type": "image_asset_pointer",
        "asset_pointer": "file-service://file-abc",
        "width": 1024,
        "height": 768,
        "size_bytes": 5000,
        "metadata": {"dalle": {"prompt": "a copper kettle"}},
    }
    chat.node("tool", {"content_type": "multimodal_text", "parts": [pointer]}, name="dalle.text2im")
    audio = {"content_type": "audio_transcription", "text": "spoken words", "direction": "in"}
    voice = {
        "content_type": "real_time_user_audio_video_asset_pointer",
        "audio_asset_pointer": {"asset_pointer": "x"},
    }
    chat.node("user", {"content_type": "multimodal_text", "parts": ["Look:", audio, voice]})
    prompt, call, picture, spoken = talk(tmp_path, chat).turns
    assert [(p.kind, p.text) for p in prompt.parts] == [("text", "Draw a kettle."), ("document", "plan.pdf")]
    assert (prompt.parts[1].name, prompt.parts[1].size) == ("application/pdf", 900)
    assert (call.author, call.parts[0].kind, call.parts[0].name) == (
        "assistant",
        "tool_call",
        "dalle.text2im",
    )
    assert (picture.author, picture.parts[0].kind, picture.parts[0].size) == ("tool", "image", 5000)
    assert picture.parts[0].text == "a copper kettle\n1024×768 file-service://file-abc"
    assert [(p.kind, p.text) for p in spoken.parts] == [
        ("text", "Look:\nspoken words"),
        ("marker", "real time user audio video"),
    ]


def test_thoughts_are_thinking(tmp_path: Path) -> None:
    chat = Chat()
    chat.node("user", "Hm?")
    chat.node(
        "assistant",
        {"content_type": "thoughts", "thoughts": [{"summary": "Weighing", "content": "Red or blue."}]},
    )
    chat.node("assistant", {"content_type": "reasoning_recap", "content": "Thought for 3 seconds"})
    turns = talk(tmp_path, chat).turns
    assert [(t.parts[0].kind, t.parts[0].text) for t in turns[1:]] == [
        ("thinking", "Weighing\n\nRed or blue."),
        ("thinking", "Thought for 3 seconds"),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It is hot【12†source】.", "It is hot."),
        ("It is hot \ue200cite\ue202turn0search1\ue202turn0search4\ue201.", "It is hot."),
        ("In \ue200entity\ue202[\"city\",\"Porto\",\"in Portugal\"]\ue201 it rains.", "In Porto it rains."),
        ("See \ue200link\ue202turn0\ue201 now.", "See the page now."),
        ("A stray \ue203mark", "A stray mark"),
        ("【not a mark】", "【not a mark】"),
    ],
)  # fmt: skip
def test_citation_marks_are_not_text(tmp_path: Path, text: str, shown: str) -> None:
    """Case 28: private-use citation marks. One sees the sentence; what a mark shows stays, sources go."""
    chat = Chat()
    chat.node("user", "Where?")
    references = [
        {"matched_text": "\ue200link\ue202turn0\ue201", "alt": "the page"},
        {"matched_text": " ", "alt": "x"},
    ]
    chat.node("assistant", text, metadata={"content_references": references})
    assert talk(tmp_path, chat).said[1] == ("assistant", shown)


def test_unknown_content_gives_what_text_it_has(tmp_path: Path) -> None:
    """Case 26: content kinds nobody knows, and code, results, quotes, errors. One sees their text."""
    chat = Chat()
    chat.node("user", {"content_type": "from_next_year", "text": "Still readable."})
    chat.node(
        "assistant", {"content_type": "code", "language": "python", "text": "print(1)"}, recipient="python"
    )
    chat.node("tool", {"content_type": "execution_output", "text": "1\n"}, name="python")
    chat.node(
        "tool",
        {
            "content_type": "tether_quote",
            "url": "https://kettle.example",
            "title": "Kettles",
            "text": "Best in 【12†May】.",
        },
        name="browser",
    )
    chat.node("tool", {"content_type": "system_error", "name": "Timeout", "text": "too slow"}, name="browser")
    got = talk(tmp_path, chat)
    assert got.said == [
        ("typed", "Still readable."),
        ("assistant", "print(1)"),
        ("tool", "1\n"),
        ("tool", "Kettles\nhttps://kettle.example\nBest in May."),
        ("tool", "Timeout\ntoo slow"),
    ]
    assert [turn.parts[0].error for turn in got.turns] == [False] * 4 + [True]


@pytest.mark.parametrize("value", [None, 7, "text", [], {}, [None, 3], {"role": 4}])
def test_fields_of_any_type(tmp_path: Path, value: Any) -> None:
    """Case 22: any field may hold anything. One sees the other messages."""
    chat = Chat()
    chat.node("user", "Kept.")
    for field in ("content", "author", "metadata", "create_time", "id", "recipient"):
        node = chat.node("assistant", "Odd.")
        chat.nodes[node]["message"][field] = value
    chat.nodes["odd"] = value
    got = talk(tmp_path, chat, title=value, create_time=value, gizmo_id=value)
    assert got.said[0] == ("typed", "Kept.")
    assert talk(tmp_path, chat, mapping=value).turns == []


def chats(count: int) -> list[dict[str, Any]]:
    out = []
    for number in range(1, count + 1):
        chat = Chat(number)
        chat.node("user", f'Question {number} with "quotes", \\ and [brackets] {{}}')
        chat.node("assistant", f"Answer {number} with ünï and 日本 and \ud83d")
        out.append(chat.as_json())
    return out


def test_a_half_written_export_keeps_what_is_whole(tmp_path: Path) -> None:
    """Case 22: the download broke off. One sees the conversations before the break and one problem that says
    where; the file read again when it is whole gives the rest with the same keys."""
    path = export(tmp_path, *chats(5))
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    got = read(path)
    assert [session.title for session in got.sessions] == ["Chat 1", "Chat 2"]
    assert [problem.kind for problem in got.problems] == ["cut-off"]
    path.write_bytes(raw)
    whole = read(path, got.cursor)
    assert [session.title for session in whole.sessions] == [f"Chat {n}" for n in range(1, 6)]
    assert [turn.key for turn in whole.turns[:4]] == [turn.key for turn in got.turns]


def test_one_broken_conversation_does_not_hide_the_others(tmp_path: Path) -> None:
    """Case 22: one conversation is not JSON. One sees the others, and where the broken one stands."""
    one, two, three = (json.dumps(chat) for chat in chats(3))
    path = tmp_path / "conversations.json"
    path.write_text(
        f"[{one}, {two.replace('mapping', 'mapping' + chr(34) + ':,' + chr(34))}, {three}]", "utf-8"
    )
    got = read(path)
    assert [session.title for session in got.sessions] == ["Chat 1", "Chat 3"]
    assert [problem.kind for problem in got.problems] == ["unreadable-bytes"]
    assert got.problems[0].span.offset == len(one) + 3


def test_a_single_conversation_file(tmp_path: Path) -> None:
    """One conversation saved on its own is an object, not an array: it is read the same."""
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(chats(1)[0]), "utf-8")
    assert ChatGPT().sniff(path)
    assert [session.title for session in read(path).sessions] == ["Chat 1"]


def test_nothing_is_read_twice(tmp_path: Path) -> None:
    """A cursor at the end yields nothing but itself."""
    path = export(tmp_path, *chats(2), name="conversations-001.json")
    first = read(path)
    assert isinstance(first.cursor, Cursor)
    again = read(path, first.cursor)
    assert (again.sessions, again.turns, again.cursor) == ([], [], first.cursor)


def test_two_exports_agree(tmp_path: Path) -> None:
    """Case 28: the same conversation in two exports, the later one longer. One sees the same keys for the same
    messages, so each is kept once."""
    chat = Chat()
    chat.node("user", "First.")
    early = talk(tmp_path, chat)
    chat.node("assistant", "Second.")
    late = talk(tmp_path, chat)
    assert [turn.key for turn in late.turns][:1] == [turn.key for turn in early.turns]


@pytest.mark.parametrize(
    ("raw", "known"),
    [
        (b'[{"title":"x","mapping":{}}]', True),
        (b'\xef\xbb\xbf [ {"mapping" : {', True),
        (b'{"title":"x","mapping":{}}', True),
        (b"", False),
        (b"[]", False),
        (bytes(range(256)) * 9, False),
        (b'[{"uuid":"x","name":"n","chat_messages":[]}]', False),
        (b'{"type":"user","mapping":3}', False),
        (b'x"mapping":{', False),
    ],
)
def test_exports_are_known_by_content(tmp_path: Path, raw: bytes, known: bool) -> None:
    path = tmp_path / "any.json"
    path.write_bytes(raw)
    assert ChatGPT().sniff(path) is known
    assert not ChatGPT().sniff(tmp_path / "gone.json")
    assert isinstance(read(path).cursor, Cursor)


def test_no_home_and_no_file() -> None:
    """Exports are given by path; one that is gone is one problem."""
    assert list(ChatGPT().homes()) == []


class Drip(io.BytesIO):
    """A file that hands out a few bytes at a time."""

    step = 7

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.step if size is None or size < 0 else min(size, self.step))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(
    array=st.lists(st.dictionaries(st.text(max_size=4), values, max_size=4), max_size=5),
    step=st.integers(1, 40),
)
def test_an_array_comes_apart_exactly(array: list[dict[str, Any]], step: int) -> None:
    """Any array of objects, read in pieces of any size, gives its objects with their exact bytes."""
    raw = json.dumps(array, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
    file = Drip(raw)
    file.step = step
    found = list(elements(file, len(raw)))
    assert [json.loads(one.raw) for one in found] == array
    assert all(raw[one.offset : one.offset + one.length] == one.raw for one in found)


@given(cut=st.integers(0, 3_000))
def test_any_prefix_gives_a_prefix(cut: int) -> None:
    """However early an export ends: the conversations that are whole, then at most one cut one."""
    raw = json.dumps(chats(3)).encode()
    whole = [one.raw for one in elements(io.BytesIO(raw), len(raw))]
    found = list(elements(io.BytesIO(raw), min(cut, len(raw))))
    good = [one.raw for one in found if not one.is_cut]
    assert good == whole[: len(good)]
    assert len(found) - len(good) <= 1


def test_memory_is_one_conversation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation past the limit is told and passed over; the next one is read."""
    monkeypatch.setattr("importers.chatgpt.split.MAX_ELEMENT", 3_000_000)
    huge = Chat(2)
    for _ in range(4):
        huge.node("user", "x" * 1_500_000)
    one, three = chats(1)[0], Chat(3)
    three.node("user", "After it.")
    got = read(export(tmp_path, one, huge.as_json(), three.as_json()))
    assert [session.title for session in got.sessions] == ["Chat 1", "Chat 3"]
    assert [problem.kind for problem in got.problems] == ["too-long"]
