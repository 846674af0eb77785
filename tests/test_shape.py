"""The shape of the source: small files, a test beside each, imports without tricks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "chatwarden"
HIGHEST = 400
FILES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py")

# Files without a test file of their own name: nouns without logic, and joints that whole journeys run through.
# This list only shrinks.
EXEMPT = (ROOT / "tests" / "untested.txt").read_text().split()


def own_test(path: Path) -> Path:
    """Where the test of a source file stands."""
    inside = path.relative_to(SOURCE)
    return ROOT / "tests" / inside.parent / f"test_{inside.name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_source_file_is_too_long_to_be_read_at_once(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= HIGHEST


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_source_file_says_what_it_is(path: Path) -> None:
    assert re.match(r'(#[^\n]*\n)*"""\S', path.read_text())


def test_every_source_file_has_its_test_file_unless_it_is_exempt() -> None:
    lacking = {str(path.relative_to(SOURCE)) for path in FILES if not own_test(path).exists()}
    assert lacking <= set(EXEMPT), "write a test file of the same name"


def test_the_exemptions_are_in_order_and_name_files_that_exist() -> None:
    assert sorted(set(EXEMPT)) == EXEMPT
    assert set(EXEMPT) <= {str(path.relative_to(SOURCE)) for path in FILES}


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b|pytest\.mark\.(skip|xfail)|pytest\.skip\(")
    paths = [*FILES, *(path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))]
    assert [str(path) for path in paths if marks.search(path.read_text())] == []


def test_requirements_are_pinned_by_hash_and_name_no_registry() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text), path
        pins = [line for line in text.splitlines() if line and line[0] not in "# "]
        assert pins
        assert all(re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", pin, re.IGNORECASE) for pin in pins), path
        assert text.count("--hash=sha256:") >= len(pins), path


def test_packages_of_node_are_pinned_by_hash_and_name_no_registry() -> None:
    text = (ROOT / "tests" / "world" / "node" / "package-lock.json").read_text()
    assert '"resolved"' not in text
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert packages
    assert [name for name, one in packages.items() if not one["integrity"].startswith("sha512-")] == []
