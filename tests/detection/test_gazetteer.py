"""The lists: where they come from, how they are written, what they answer."""

from importlib.resources import files

import pytest

from chatwarden.detection import gazetteer

LISTS = sorted(
    (one for one in (files("chatwarden.detection") / "gazetteers").iterdir() if one.name.endswith(".txt")),
    key=lambda one: one.name,
)


@pytest.mark.parametrize("file", LISTS, ids=lambda file: str(file.name))
def test_every_list_names_its_source_and_its_licence(file: object) -> None:
    head = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]  # type: ignore[attr-defined]
    source = next(line for line in head if line.startswith("# Source: "))
    assert any(word in source for word in ("MIT licence", "CC BY 4.0", "written for this project"))


@pytest.mark.parametrize(
    "file", [one for one in LISTS if one.name != "conditions.txt"], ids=lambda file: str(file.name)
)
def test_every_entry_is_folded_so_that_it_can_be_found(file: object) -> None:
    assert [one for one in gazetteer.entries(file.name) if gazetteer.fold(one) != one] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Müller", "muller"),
        ("GROSS", "gross"),
        ("Groß", "gross"),
        ("Łukasz", "lukasz"),
        ("O’Brien", "o'brien"),
        ("Ñ", "n"),
    ],
)
def test_letters_lose_their_size_and_their_marks(written: str, folded: str) -> None:
    assert gazetteer.fold(written) == folded


def test_names_are_known_with_and_without_their_umlaut_and_joined() -> None:
    assert all(gazetteer.family(gazetteer.fold(one)) for one in ("Müller", "Mueller", "Schmidt-Qrrz"))
    assert all(gazetteer.given(gazetteer.fold(one)) for one in ("Jürgen", "Juergen", "Anna-Lena"))
    assert not gazetteer.given("anna-qrrz")


def test_words_that_are_names_too_are_told_apart() -> None:
    assert gazetteer.ordinary("mark")
    assert gazetteer.word_and_name("mark")
    assert not gazetteer.ordinary("john")
    assert not gazetteer.word_and_name("table")


def test_cities_and_brands_may_be_several_words() -> None:
    assert gazetteer.city("new york city")
    assert gazetteer.city("milano")
    assert gazetteer.brand("morgan stanley")
    assert not gazetteer.city("qrrz")
