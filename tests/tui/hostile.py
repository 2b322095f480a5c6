"""Hostile text, by name: what an archive may hold and no screen may pass on."""

from __future__ import annotations

HOSTILE: dict[str, str] = {
    "closing tag": "[/foo] x[0] = y[/]",
    "action link": "[@click=app.quit]quit[/] [link=http://x.invalid]a[/link]",
    "clipboard write": "\x1b]52;c;ZXZpbA==\x07after",
    "hyperlink": "\x1b]8;;http://x.invalid\x1b\\here\x1b]8;;\x1b\\",
    "cursor moves": "\x1b[2J\x1b[10;10Hmoved\x1b[?1049l\x1b[31m",
    "c1 controls": "a\x9b31mb\x9d0;t\x9cc\x90q\x9c",
    "nul and bell": "a\x00b\x07c\x08d\x7f",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069 \u200f\u200e",
    "long line": "x" * 1_000_000,
    "lone surrogate": "a\ud800b\udfff",
    "joiners": "👩\u200d👩\u200d👧 ✍\ufe0f 🇩🇪 e\u0301 " + "a" + "\u0301" * 500,
    "wide": "漢字かな交じり文 " * 40,
    "nested lists": "\n".join("  " * n + "- x" for n in range(1_000)),
    "nested quotes": ">" * 5_000 + " deep",
    "open fence": "```python\nx = 1\n" * 3,
    "markdown bomb": "*" * 4_000 + "[" * 4_000,
    "html": "<script>alert(1)</script><b>bold</b> &lt;x&gt; &#27;[2J",
    "table": "| a |\n|---|\n" + "| [/x] |\n" * 50,
    "line breaks": "a\r\nb\rc\u2028d\u2029e\x85f\x0bg\x0ch",
    "tabs": "\tif x:\n\t\treturn\t1",
    "tags": "a\U000e0041\U000e0042b\ufeff\ufff9c",
    "empty": "",
    "spaces": "   \n \n\t",
}
