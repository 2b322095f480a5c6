from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapedeck_tui.secrets import find, mask

# put together here, so that no file of this project holds what looks like a secret
R = "A1b2C3d4E5f6G7h8"
SECRETS = {
    "github-token": ["gh" + "p_" + R + R + "Zz99", "gh" + "s_" + R + R + "Zz99", "github" + "_pat_" + R * 4],
    "aws-key-id": ["AK" + "IA" + "QWERTY1234UIOP56"],
    "google-key": ["AI" + "za" + R + R + "xyz"],
    "jwt": ["ey" + "J" + R + "x." + "ey" + "J" + R + "y." + R + R],
    "api-key": ["s" + "k-" + R + R, "s" + "k-ant-api03-" + R + "_" + R, "s" + "k-proj-" + R + R],
    "stripe-key": ["s" + "k_live_" + R + R],
    "gitlab-token": ["gl" + "pat-" + R + "abcd"],
    "slack-token": ["xo" + "xb-1234567890-" + R],
    "huggingface-token": ["h" + "f_" + R + R],
    "npm-token": ["np" + "m_" + R + R + "wxyz"],
    "private-key": [
        "-----BEGIN " + "RSA PRIVATE KEY-----\n" + (R * 4 + "\n") * 3 + "-----END " + "RSA PRIVATE KEY-----",
        "-----BEGIN " + "OPENSSH PRIVATE KEY-----\\n" + R * 8,
    ],
}


@pytest.mark.parametrize(
    ("kind", "secret"), [(k, s) for k, all_of in SECRETS.items() for s in all_of], ids=lambda s: s[:12]
)
def test_known_shapes(kind: str, secret: str) -> None:
    """A token of a known shape is found wherever it stands, whole, and nothing around it is lost."""
    for before, after in (("", ""), ("use ", " please"), ("(", ")."), ('{"k": "', '"}'), ("über 🚪 ", " 鍵")):
        text = f"{before}{secret}{after}"
        assert [(text[f.start : f.end], f.kind) for f in find(text)] == [(secret, kind)]
        assert mask(text) == f"{before}[hidden {kind}]{after}"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("DB_PASSWORD=hunter2horse", "hunter2horse"),
        ('"password": "Tr0ub4dor&3"', "Tr0ub4dor&3"),
        ("password = 'correct-horse-9'", "correct-horse-9"),
        (f"export SERVICE_TOKEN={R}", R),
        (f"api_key: '{R}'", R),
        (f'"client_secret":"{R}"', R),
        (f"AWS_SECRET_ACCESS_KEY={R}+/{R}=", f"{R}+/{R}="),
        (f"Authorization: Bearer {R}{R}", R + R),
        (f"-H 'authorization: bearer {R}.{R}'", f"{R}.{R}"),
        ("postgres://bob:s3cr3tpw@db.internal/x", "s3cr3tpw"),
        ("https://mira:pa55word@host/repo.git", "pa55word"),
    ],
)
def test_secrets_with_a_name(text: str, hidden: str) -> None:
    """A value is secret when its name says so; the name stays readable."""
    found = find(text)
    assert [text[f.start : f.end] for f in found] == [hidden]
    assert hidden not in mask(text)
    assert mask(text).startswith(text[:4])


@pytest.mark.parametrize(
    "text",
    [
        "password: str",
        "def check(password: str, token: str | None) -> bool:",
        "token = self.next_token()",
        "secret_key = settings.SECRET_KEY",
        "api_key=os.environ['SERVICE_API_KEY']",
        "api_key = process.env.SERVICE_KEY",
        "max_tokens=4096, input_tokens: 12345678",
        '"tokenizer": "bert-base-uncased-v2"',
        "PASSWORD=$DB_PASSWORD",
        "password=<your password>",
        "password: ********",
        "API_KEY=your_api_key_here_123",
        "token: changeme",
        "postgres://postgres:postgres@localhost/test",
        "postgres://$USER:$PASSWORD@host/db",
        "http://localhost:8080/path@2x.png",
        "see https://example.org/a:b and mail me@example.org",
        "sk-learn-is-a-very-long-name-of-a-package",
        "risk-assessment-and-mitigation-planning-2026",
        "task-20260311-fix-the-doors-and-the-lifts",
        "the secret of good tests is patience, and the token of success",
        "commit 3f785a1b2c9d4e5f60718293a4b5c6d7e8f90a1b",
        "session 78368290-ee0b-474f-8052-bb65a9a581d6",
        "sha256:0f3c2b1a09e8d7c6b5a4938271605f4e3d2c1b0a9f8e7d6c5b4a392817060504",
        "/usr/lib/python3.11/site-packages/tokenizers/implementations",
        "primary_key: 'id'; foreign_key = user_id_and_more",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        "eyJ is how a JWT begins",
        "keyboard: qwertz; monkey=banana123456789",
        "Bearer of good news and other things",
        "[hidden github-token]",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert find(text) == []
    assert mask(text) is text


@given(st.text(max_size=400))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


_PIECES = st.sampled_from(
    ["password=", "token: ", "'", '"', "://a:", "@h", " ", "\n", R, "gh" + "p_", "s" + "k-", "Bearer ", "ey" + "J", ".", "=",
     "-----BEGIN " + "PRIVATE KEY-----", "-----END " + "PRIVATE KEY-----", "İ", "ß", "[hidden ", "]"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=20).map("".join))
def test_masking_twice_is_masking_once_with_hostile_pieces(text: str) -> None:
    """Pieces of secrets in any order: ranges are in order and apart, and what is masked stays masked."""
    found = find(text)
    assert all(0 <= f.start < f.end <= len(text) for f in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    once = mask(text)
    assert mask(once) == once


def test_letters_that_grow_when_lowered() -> None:
    """Offsets stay true behind a letter whose small form is longer (İ)."""
    text = "İİİ DB_PASSWORD=hunter2horse"
    assert mask(text) == "İİİ DB_PASSWORD=[hidden password]"


@pytest.mark.parametrize("text", ["a" * 2_000_000, "-----BEGIN " * 20_000, "token=" * 50_000, "://" * 100_000, "_key" * 100_000, "eyJ" * 200_000, "x:y@" * 100_000, "-" * 1_000_000, "passw" * 100_000, "earer " * 100_000], ids=lambda t: repr(t[:10]))  # fmt: skip
def test_no_text_takes_forever(text: str) -> None:
    """Text made to be slow is read in about the time of any other: the work grows with its length only."""
    began = time.process_time()
    mask(text)
    assert time.process_time() - began < 5.0


def test_this_projects_own_text_has_none() -> None:
    """Thousands of lines of real code and prose, and not one false find."""
    root = Path(__file__).parent.parent
    for file in sorted((root / "tapedeck_tui").rglob("*.py")):
        text = file.read_text()
        assert [text[f.start : f.end] for f in find(text)] == [], file
