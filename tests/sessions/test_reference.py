"""The page of a session's life is what the table makes, and tells every state, happening and reason."""

from pathlib import Path

from chatwarden.sessions.model import EndReason, Why
from chatwarden.sessions.reference import page
from chatwarden.sessions.rules import LIFE, Happening

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_what_the_table_makes() -> None:
    assert (DOCS / "session-life.md").read_text() == page()


def test_the_diagram_has_every_step_of_the_table_and_no_other() -> None:
    drawn = {line.strip() for line in page().split("```")[1].splitlines() if "-->" in line and "[*]" not in line}
    assert drawn == {f"{a.value} --> {b.value}: {h.value}" for a, row in LIFE.items() for h, b in row.items()}


def test_every_word_is_explained() -> None:
    for word in (*Happening, *EndReason, *(why for why in Why if why)):
        assert f"| `{word.value}` |" in page()
