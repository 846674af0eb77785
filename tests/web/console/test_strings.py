"""The words of the console: each is said once, and each that is asked for is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import chatwarden.web

CONSOLE = Path(chatwarden.web.__file__).parent / "console"
KEY = re.compile(r"""(?:^|[{,]|\n)\s*(?:"([^"\n]+)"|([a-z]\w*)): (?=["{])""")
ASKED = re.compile(r"""\btext\(\s*"([^"]+)\"""")


def keys() -> list[str]:
    """The keys of all tables, forms of plurals left out."""
    found = [one for path in CONSOLE.glob("strings-en*.js") for pair in KEY.findall(path.read_text()) for one in pair]
    return [one for one in found if one and one not in {"one", "two", "few", "many", "other"}]


def test_no_key_is_in_two_tables() -> None:
    assert [key for key, n in Counter(keys()).items() if n > 1] == []


def test_every_key_that_a_page_asks_for_is_there() -> None:
    asked = {key for path in CONSOLE.glob("*.js") for key in ASKED.findall(path.read_text())}
    marked = set(re.findall(r'data-text="([^"]+)"', (CONSOLE / "index.html").read_text()))
    assert len(asked) > 50
    assert sorted((asked | marked) - set(keys())) == []
