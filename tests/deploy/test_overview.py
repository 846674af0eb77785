"""The pages of docs: every one is in the overview, and no link leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OVERVIEW = DOCS / "README.md"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(page: Path) -> set[str]:
    """Where the page leads inside the repository, with anchors."""
    return {target for target in _LINK.findall(page.read_text()) if not target.startswith(("http:", "https:"))}


def anchors(page: Path) -> set[str]:
    """The headings of a page as anchors."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    for link in links(page):
        target, _, anchor = link.partition("#")
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


def test_every_page_is_in_the_overview() -> None:
    named = {(DOCS / link.partition("#")[0]).resolve() for link in links(OVERVIEW)}
    assert [str(page.relative_to(DOCS)) for page in PAGES[1:] if page not in named | {OVERVIEW}] == []


def test_the_overview_is_a_week() -> None:
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    heads = re.findall(r"^## (\w+)", OVERVIEW.read_text(), flags=re.MULTILINE)
    assert heads[: len(days)] == days
