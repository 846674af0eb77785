"""``python -m tests.asvs.page > docs/asvs.md`` writes the page from the table of rows and the marks on the tests; a test
holds the page equal to what this prints.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PAGE = ROOT / "docs" / "asvs.md"
CHAPTERS = {
    6: "Authentication",
    7: "Session management",
    8: "Authorization",
    9: "Self-contained tokens",
    10: "OAuth and OpenID Connect",
}
_INTRODUCTION = """\
# OWASP ASVS 5.0, chapters V6 to V10

Every requirement of these chapters that can apply to a gateway, and the tests that hold it. A row without a test says
why. A test shows that something works, not that nothing else is wrong. This page is made by
`python -m tests.asvs.page`.

Identifiers and levels are those of the [OWASP Application Security Verification Standard](https://owasp.org/www-project-application-security-verification-standard/)
5.0.0, which is © OWASP and licensed [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/); the words are our
own. This page is under the same licence. Left out, because it cannot apply: 6.8.3, there is no SAML.

"""


@dataclass(frozen=True, order=True)
class Held:
    """A test that carries a mark."""

    path: str
    name: str

    @property
    def link(self) -> str:
        """For the page."""
        return f"[{self.name}](../{self.path})"


@dataclass(frozen=True)
class Row:
    """One requirement. ``absent`` and ``open`` are the reasons why no test holds it."""

    id: str
    level: int
    text: str
    note: str = ""
    absent: str = ""
    open: str = ""

    @property
    def number(self) -> tuple[int, ...]:
        """The identifier, to sort by."""
        return tuple(map(int, self.id.split(".")))


def rows() -> list[Row]:
    """The table."""
    return [Row(**row) for row in tomllib.loads((Path(__file__).parent / "rows.toml").read_text())["rows"]]


def marks() -> dict[str, list[Held]]:
    """The tests under each identifier that some test is marked with."""
    found: dict[str, list[Held]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
                continue
            held = Held(str(path.relative_to(ROOT)), node.name)
            for id_ in _marked(node):
                found[id_].append(held)
    return dict(found)


def _marked(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [
        str(ast.literal_eval(argument))
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.asvs"
        for argument in decorator.args
    ]


def page() -> str:
    """The whole page."""
    table, held = rows(), marks()
    parts = [_INTRODUCTION, _summary(table, held)]
    for chapter, title in CHAPTERS.items():
        parts.append(
            f"\n## V{chapter} {title}\n\n| row | level | what is asked | what holds it |\n| --- | --- | --- | --- |\n"
        )
        parts.extend(_line(row, held.get(row.id, [])) for row in table if row.number[0] == chapter)
    return "".join(parts)


def _line(row: Row, tests: list[Held]) -> str:
    said = [*(test.link for test in sorted(tests)), row.note]
    if row.absent:
        said.append(f"*Does not apply:* {row.absent}")
    if row.open:
        said.append(f"**Not held:** {row.open}")
    return f"| {row.id} | {row.level} | {row.text} | {'<br>'.join(filter(None, said))} |\n"


def _summary(table: list[Row], held: dict[str, list[Held]]) -> str:
    lines = ["| level | rows | held by tests | do not apply | not held |\n| --- | --- | --- | --- | --- |\n"]
    for level in (1, 2, 3):
        own = [row for row in table if row.level == level]
        counts = (
            len(own),
            sum(row.id in held for row in own),
            sum(bool(r.absent) for r in own),
            sum(bool(r.open) for r in own),
        )
        lines.append(f"| {level} | {' | '.join(map(str, counts))} |\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
