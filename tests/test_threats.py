"""Every threat that is written down names the test that holds it off, and that test exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
THREATS = sorted((ROOT / "src").rglob("THREATS.md"))
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
}


def threats(path: Path) -> list[str]:
    """The paragraphs that begin with a threat's number."""
    return re.findall(r"^T\d+ .*(?:\n(?!T\d+ |#|\n).*)*", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", THREATS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_threat_names_a_test_that_exists(path: Path) -> None:
    found = threats(path)
    assert found
    for threat in found:
        assert "Held by:" in threat, threat
        named = re.findall(r"test_\w+", threat.partition("Held by:")[2])
        assert named, threat
        assert set(named) <= TESTS, sorted(set(named) - TESTS)


@pytest.mark.parametrize("path", THREATS, ids=lambda path: str(path.relative_to(ROOT)))
def test_threats_are_numbered_in_order(path: Path) -> None:
    numbers = [int(threat.split()[0][1:]) for threat in threats(path)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_there_are_threats_to_read() -> None:
    assert THREATS
