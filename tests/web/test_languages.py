"""Languages: the files that ship say the same, an operator's own are checked, and everybody is answered in theirs."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from chatwarden.config.languages import LanguagesConfig
from chatwarden.errors import ConfigurationError
from chatwarden.web.http import Request
from chatwarden.web.languages import AREAS, CATEGORIES, ENGLISH, Languages, asked, values
from tests.world.house import House

SHIPPED = Path(str(resources.files("chatwarden.web"))) / "strings"
ALL = sorted({area for areas in AREAS.values() for area in areas})
OTHERS = sorted(one.name for one in SHIPPED.iterdir() if one.name != ENGLISH)
# The plural categories that whole numbers have (Unicode CLDR 47).
CHOSEN_ONLY = {"looking"}  # names are told, their number chooses the form
NEEDED = {"en": {"one", "other"}, "de": {"one", "other"}}


def area(language: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SHIPPED / language / f"{name}.json").read_text("utf-8"))
    return found


def request(accept: str = "", query: str = "") -> Request:
    async def receive() -> Any:
        raise AssertionError

    headers = [(b"accept-language", accept.encode())] if accept else []
    return Request({"type": "http", "headers": headers, "query_string": query.encode()}, receive)


def own(folder: Path, language: str, **changed: dict[str, object]) -> Languages:
    """The languages with one of an operator's beside them: English, but for what is *changed* in an area."""
    for name in ALL:
        target = folder / "mine" / language / f"{name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        table = {**area(ENGLISH, name), **changed.get(name, {})}
        target.write_text(json.dumps({key: text for key, text in table.items() if text is not None}), "utf-8")
    return Languages(LanguagesConfig(folder=Path("mine")), folder)


# -- what ships


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", ALL)
def test_a_language_says_everything_that_english_says_with_the_same_values(language: str, name: str) -> None:
    english, other = area(ENGLISH, name), area(language, name)
    assert list(other) == list(english)
    assert {key: values(text) for key, text in other.items()} == {key: values(text) for key, text in english.items()}


@pytest.mark.parametrize("language", [ENGLISH, *OTHERS])
def test_every_plural_has_the_forms_of_its_language_and_every_text_is_clean(language: str) -> None:
    seen = set()
    for name in ALL:
        for key, text in area(language, name).items():
            seen.add(key)
            forms = list(text.values()) if isinstance(text, dict) else [text]
            if isinstance(text, dict):
                assert text.keys() == NEEDED[language], key
                assert text.keys() <= CATEGORIES
                assert "n" in values(text) or key in CHOSEN_ONLY, key
            for form in forms:
                assert form == " ".join(form.split()), key
                assert not re.search(r"<|&\w+;|\{\W|\{$|\.\.\.", form), key
    assert len(seen) == sum(len(area(language, name)) for name in ALL), "a key is in two areas"


def test_german_is_german() -> None:
    """What is the same in both languages is a name, a sign or a word of both."""
    same = {
        key for name in ALL for key, text in area("de", name).items() if text == area(ENGLISH, name)[key] and text
    }  # fmt: skip
    words = {str(area(ENGLISH, name).get(key, "")) for name in ALL for key in same} - {""}
    assert {one for one in words if len(re.sub(r"\{\w+\}", "", one)) > 20} == set()
    assert len(same) < 70
    everything = " ".join(str(text) for name in ALL for text in area("de", name).values())
    assert not re.search(r"\b(du|dein|deine|dich|dir)\b", everything, re.IGNORECASE)


# -- what is chosen


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("", []),
        ("de", ["de"]),
        ("de-AT, en;q=0.7", ["de-at", "en"]),
        ("en;q=0.5, de;q=0.9, *;q=0.1", ["de", "en"]),
        ("fr;q=0, de", ["de"]),
        ("de;q=2, ../../etc, <b>, en", ["en"]),
        ("DE-de ; q=1.0,en", ["de-de", "en"]),
        ("x" * 9000, []),
    ],
)
def test_what_is_wanted_most_comes_first_and_what_is_not_understood_is_left_out(header: str, order: list[str]) -> None:
    assert asked(header) == order


@pytest.mark.parametrize(
    ("accept", "query", "language"),
    [
        ("", "", "en"),
        ("de", "", "de"),
        ("de-CH-1996, en", "", "de"),
        ("de-x-office", "", "de"),
        ("fr, it;q=0.8", "", "en"),
        ("fr, de;q=0.2", "", "de"),
        ("en-GB, de", "", "en"),
        ("en", "lang=de", "de"),
        ("en", "lang=de-AT", "de"),
        ("de", "lang=fr", "de"),
        ("de", "lang=", "de"),
        ("de", "lang=..%2F..%2Fetc", "de"),
        ("", "lang=" + "a-" * 4000, "en"),
    ],
)
def test_a_person_is_answered_in_a_language_of_theirs_or_in_english(accept: str, query: str, language: str) -> None:
    assert Languages(LanguagesConfig(), Path()).chosen(request(accept, query)) == language


def test_the_default_is_the_operators() -> None:
    german = Languages(LanguagesConfig(default="de"), Path())
    assert [german.chosen(request(one)) for one in ("", "fr", "en")] == ["de", "de", "en"]
    with pytest.raises(ConfigurationError, match="no language 'fr'"):
        Languages(LanguagesConfig(default="fr"), Path())


def test_an_address_that_asks_twice_asks_for_nothing() -> None:
    assert Languages(LanguagesConfig(), Path()).chosen(request("de", "lang=en&lang=en")) == "de"


# -- what a page is made of


def test_a_text_is_never_markup_whoever_wrote_it(tmp_path: Path) -> None:
    evil = "</title><script>\"&'{n}"
    languages = own(tmp_path, "xx", pages={"chat.title": evil.replace("{n}", "")})
    page = languages.fill('<html lang="{{lang}}"><title>{{chat.title}}</title><p title="{{chat.title}}">', "xx", "demo")
    escaped = "&lt;/title&gt;&lt;script&gt;&quot;&amp;&#x27;"
    assert page == f'<html lang="xx"><title>{escaped}</title><p title="{escaped}">'
    with pytest.raises(KeyError):
        languages.fill("{{no.such.text}}", "xx", "demo")


def test_scripts_get_the_same_table(tmp_path: Path) -> None:
    languages = own(tmp_path, "xx", shared={"button.close": "«Zu»"})
    script = languages.script("xx", "widget").decode()
    name, _, table = script.partition(" = ")
    assert name == "window.chatwardenStrings"
    assert json.loads(table.removesuffix(";\n")) == languages.table("xx", "widget")
    assert languages.table("xx", "widget")["button.close"] == "«Zu»"
    assert "overview.now" not in languages.table("xx", "widget")


# -- what an operator adds


def test_a_language_of_the_operators_is_there_beside_ours(tmp_path: Path) -> None:
    languages = own(tmp_path, "pt-br", shared={"button.close": "Fechar"})
    assert languages.names == ["de", "en", "pt-br"]
    assert languages.chosen(request("pt-BR,pt;q=0.9")) == "pt-br"
    assert own(tmp_path / "two", "en", shared={"button.close": "Shut"}).table("en", "demo")["button.close"] == "Shut"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"button.close": None}, "xx/shared.json lacks button.close"),
        ({"button.shut": "Zu"}, "xx/shared.json knows no button.shut"),
        ({"button.of": "{act}"}, r"xx/shared.json: button.of fills in \{act\}, \{what\}"),
        ({"button.close": "{name}"}, "xx/shared.json: button.close fills in nothing"),
        ({"button.close": 1}, "xx/shared.json: button.close is neither a text"),
        ({"proof.clock": {"one": "{n} {time}"}}, "proof.clock is neither"),
        ({"proof.clock": {"other": "{n} {time}", "some": "{n} {time}"}}, "proof.clock is neither"),
    ],
)
def test_one_that_says_something_else_is_not_taken(tmp_path: Path, changed: dict[str, object], why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        own(tmp_path, "xx", shared=changed)


def test_what_is_not_a_folder_of_languages_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no folder"):
        Languages(LanguagesConfig(folder=Path("nowhere")), tmp_path)
    with pytest.raises(ConfigurationError, match="not the name of a language"):
        own(tmp_path / "a", "Not A Tag")
    own(tmp_path / "b", "xx")
    (tmp_path / "b" / "mine" / "xx" / "log.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"xx/log\.json is not JSON"):
        Languages(LanguagesConfig(folder=Path("mine")), tmp_path / "b")
    (tmp_path / "b" / "mine" / "xx" / "log.json").unlink()
    with pytest.raises(ConfigurationError, match=r"cannot read xx/log\.json"):
        Languages(LanguagesConfig(folder=Path("mine")), tmp_path / "b")


# -- served


@pytest.mark.parametrize(
    "path", ["/demo", "/account", "/enrol", "/console", "/console/conversation", "/widget", "/widget/leave"]
)
async def test_a_page_says_in_which_language_it_is(house: House, path: str) -> None:
    for accept, language in (("de-AT,de;q=0.9", "de"), ("fr", "en")):
        told = await house.ask("GET", path, headers={"Accept-Language": accept})
        assert told.headers["content-language"] == language
        assert told.headers["vary"] == "Accept-Language"
        assert f'<html lang="{language}"' in told.body.decode()
        assert "{{" not in told.body.decode()


async def test_the_texts_are_served_by_page_and_language_and_nothing_else(house: House) -> None:
    for page in AREAS:
        told = await house.ask("GET", f"/strings/{page}.de.js")
        assert told.body == house.node.services.languages.script("de", page)
        assert told.headers["content-type"] == "text/javascript; charset=utf-8"
    for name in ("demo.fr.js", "demo.de.json", "demo.js", "other.de.js", "demo.de", "..", "demo.%2e%2e.js", "de.js"):
        assert (await house.ask("GET", f"/strings/{name}")).status == 404
