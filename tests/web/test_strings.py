"""What people see stands in the strings files: no page holds a visible text of its own, every text that is asked for is there
with its values, and none is left over. Rules over the sources, so simple that they can be read; test_pseudo.py looks at the
screen. So is each module's every import there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import pytest

import chatwarden.web
from chatwarden.config.languages import LanguagesConfig
from chatwarden.web.languages import AREAS, Languages, Table, values

WEB = Path(chatwarden.web.__file__).parent
ENTRIES = {
    "widget": ["widget/app.js", "widget/leave.js", "widget/back.js", "widget/passkey.js"],
    "demo": ["demo/app.js", "demo/account.js", "demo/enrol.js", "demo/conversation.js", "demo/theme.js"],
    "console": ["console/shell.js", "demo/theme.js", *(f"console/{one.name}" for one in WEB.glob("console/page-*.js"))],
}
# Those of the loaders that were published stay as they are; a screen reader reads two words of English in them.
SCRIPTS = sorted(one for folder in ("demo", "console", "widget") for one in (WEB / folder).glob("*.js"))
PAGES = sorted(one for folder in ("demo", "console", "widget") for one in (WEB / folder).glob("*.html"))
COMMENT = re.compile(r"^\s*//.*$|/\*(?:.|\n)*?\*/|(?<=[\s;,{})\]])// .*$", re.MULTILINE)
EXPRESSION = re.compile(r"(?<=[=(,:] )/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`')
IMPORT = re.compile(r'import (?:\{([^}]+)\} from )?"([^"]+)"')
# Words with a capital that are no text: keys of the keyboard, header fields, events and errors of the browser.
TECHNICAL = {
    "AbortError", "ArrowDown", "ArrowUp", "Content-Type", "DOMContentLoaded", "Date", "Enter", "Escape", "Files",
    "InvalidStateError", "Last-Event-ID", "PublicKeyCredential", "Retry-After", "SecurityError", "Tab", "Bearer",
}  # fmt: skip
SINKS = re.compile(
    r"""\.(?:textContent|innerText|placeholder|title|alt|ariaLabel)\s*=\s*["'`](?=[A-Za-z])
    | (?:"aria-label"|\b(?:placeholder|title|alt))\s*:\s*["'`](?=[A-Za-z])
    | \b(?:setAttribute|set)\(\s*"(?:aria-label|placeholder|title|alt)",\s*["'`](?=[A-Za-z])
    | (?<!\.)\b(?:button|asking|editing|tell|complain|finish|row|field)\(\s*["'`](?=[A-Za-z])(?!\w+"?,\s*(?:text|say)\()
    | \b(?:append|replaceChildren|prepend|before|after)\(\s*["'`](?=[A-Za-z])
    | \bmake\([^\n]*?\},\s*["'`](?=[A-Za-z])
    | new\ (?:Error|Unreachable|NoPasskey|NotCompleted|TimeOver|Cancelled)\(\s*["'`]
    """,
    re.VERBOSE,
)


def source(path: Path) -> str:
    return EXPRESSION.sub("//", COMMENT.sub("", path.read_text("utf-8")))


def literals(path: Path) -> Iterator[str]:
    for match in LITERAL.finditer(source(path)):
        yield next(one for one in match.groups() if one is not None)


def speaks(literal: str) -> bool:
    """Whether it reads like a text: it begins with a capital, or ends as a sentence does, or is three words in a row."""
    plain = re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", "", literal).strip()
    if not re.search(r"[a-z]", plain):
        return False
    begins = re.match(r"[A-Z][a-z]", plain) and plain not in TECHNICAL
    ends = re.search(r"[.!?…]$", plain) and " " in plain
    row = re.search(r"^[A-Za-z]+(?: [A-Za-z]+){2,}$", plain)
    return bool(begins or ends or row)


# -- no text of its own


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(WEB)))
def test_no_script_holds_a_text(path: Path) -> None:
    assert [one for one in literals(path) if speaks(one)] == []
    assert [match[0] for match in SINKS.finditer(source(path))] == []


@pytest.mark.parametrize(
    "text",
    [
        "Sign in", "Close", "written after the act", "You have ${n} tries.", "Because of ", "waits for ${name}.",
        "Receipt ",
    ],
)  # fmt: skip
def test_the_rule_knows_a_text_when_it_sees_one(text: str) -> None:
    assert speaks(text)


@pytest.mark.parametrize(
    "line",
    [
        'node.textContent = "yes";', 'make("p", { class: "small" }, "none yet")', 'button("more", "link", act)',
        'set("aria-label", "more")', 'make("input", { placeholder: "name" })', 'tell("gone")', 'box.append("left")',
        'throw new TimeOver("late")',
    ],
)  # fmt: skip
def test_the_rule_knows_where_texts_go(line: str) -> None:
    assert SINKS.search(line)


class Seen(HTMLParser):
    """The texts of a page, and of its attributes that are read out or shown."""

    SHOWN: ClassVar = {"aria-label", "title", "placeholder", "alt", "aria-description", "label"}

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value or "" for name, value in attrs if name in self.SHOWN]
        if tag == "html":
            assert dict(attrs)["lang"] == "{{lang}}"

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_page_holds_a_text(path: Path) -> None:
    seen = Seen()
    seen.feed(path.read_text("utf-8"))
    ours = {"", "· Chatwarden", "Chatwarden", "cnv_…"}  # the product's name, and how an id begins
    left = [re.sub(r"\{\{[\w.:-]+\}\}", "", one).strip() for one in seen.texts]
    assert [one for one in left if one not in ours] == []


# -- what is asked for is there, with its values


def modules(page: str) -> list[Path]:
    """Every script of a kind of page."""
    wanted, found = [WEB / one for one in ENTRIES[page]], []
    while wanted:
        path = wanted.pop()
        if path in found:
            continue
        found.append(path)
        for _, target in IMPORT.findall(path.read_text("utf-8")):
            wanted.append(WEB / target[1:] if target.startswith("/") else (path.parent / target).resolve())
    return found


def table(page: str) -> Table:
    return Languages(LanguagesConfig(), Path()).table("en", page)


CALL = re.compile(r"""\b(?:text|say)\(\s*(?:"([^"]+)"|`([^`]+)`|(\w[^"`(),]*\?[^(),]*))""")
PART = re.compile(r'"([\w.:?-]+)"')


def asked_for(path: Path) -> Iterator[tuple[str, str]]:
    """Each key that a script asks for, and what it gives with it."""
    text = source(path)
    for match in CALL.finditer(text):
        given = arguments(text[match.end() :])
        keys = [match[1]] if match[1] else PART.findall((match[3] or "").rpartition(" ? ")[2])
        yield from ((key, given) for key in keys)


def arguments(rest: str) -> str:
    """What stands between a key and the end of its call."""
    depth = 1
    for at, letter in enumerate(rest):
        depth += (letter in "({[") - (letter in ")}]")
        if depth == 0:
            return rest[:at]
    return rest


def names(given: str) -> set[str]:
    """The names in an object that is written out: ``{ a, b: … }``."""
    inside, depth, parts = given.strip().removeprefix(",").strip()[1:-1], 0, [""]
    for letter in inside:
        depth += (letter in "({[") - (letter in ")}]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return {match[0] for part in parts if (match := re.match(r"\w+", part.strip()))}


@pytest.mark.parametrize("page", AREAS)
def test_every_text_that_is_asked_for_is_there_with_all_of_its_values(page: str) -> None:
    known, lacking, checked = table(page), [], 0
    for path in modules(page):
        for key, given in asked_for(path):
            checked += 1
            if key not in known:
                lacking.append(f"{path.name}: {key}")
            elif re.fullmatch(r",\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*", given) or not given.strip():
                lacking += [f"{path.name}: {key} {one}" for one in values(known[key]) - names(given)]
    assert checked > 60
    assert lacking == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(WEB)))
def test_every_text_of_a_page_is_there_and_needs_no_value(path: Path) -> None:
    kind = path.parent.name
    for key in re.findall(r"\{\{([^}]+)\}\}", path.read_text("utf-8")):
        assert key == "lang" or values(table(kind)[key]) == set(), key


def test_no_text_is_left_over() -> None:
    """Each is asked for as it is written, or by a key that is made: ``page.${name}`` asks for all that begin so."""
    whole, made = set(), set()
    for path in SCRIPTS:
        for match in LITERAL.finditer(source(path)):
            literal = next(one for one in match.groups() if one is not None)
            if match[3] is not None and "${" in literal and re.match(r"[\w.:${]", literal):
                parts = re.split(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", literal)
                if parts[0] or any(part.startswith(".") for part in parts):
                    made.add("[^ ]*".join(map(re.escape, parts)))
            whole |= {literal, *re.findall(r'"([^"]+)"', literal)}
    for path in PAGES:
        whole |= set(re.findall(r"\{\{([^}]+)\}\}", path.read_text("utf-8")))
    patterns = [re.compile(one) for one in made if not one.startswith("[^ ]*")]
    # What the gateway names: word(KIND, NAME) of admin-kit.js, and what findings.js puts together.
    kinds = set(re.findall(r'\bword\("([\w-]+)"', "\n".join(source(path) for path in SCRIPTS)))
    kinds |= {"gone.yours", "gone.answer", "finding.own", "finding.answer", "handoff", "setup", "reason", "outcome"}
    kinds |= {"return", "close", "policy", "time"}
    keys = {key for page in AREAS for key in table(page)}
    left = {
        key for key in keys - whole
        if not any(one.fullmatch(key) for one in patterns) and not any(key.startswith(f"{one}.") for one in kinds)
    }  # fmt: skip
    assert left == set()


# -- modules


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(WEB)))
def test_everything_that_a_module_imports_is_exported_and_used(path: Path) -> None:
    text = path.read_text("utf-8")
    for wanted, place in IMPORT.findall(text):
        target = WEB / place[1:] if place.startswith("/") else path.parent / place
        exported = re.findall(
            r"^export (?:async )?(?:const|function|class) (\w+)", target.read_text("utf-8"), re.MULTILINE
        )
        for one in filter(None, (name.strip() for name in wanted.split(","))):
            name, _, local = one.partition(" as ")
            assert name in exported, f"{name} of {place}"
            assert len(re.findall(rf"\b{local or name}\b", COMMENT.sub("", text))) > 1, f"{one} is not used"
