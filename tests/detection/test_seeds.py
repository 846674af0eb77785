"""Recovery phrases: BIP-39's own vectors, numbered, in a sentence, and ordinary texts of the same words."""

import pytest

from chatwarden.detection.gazetteer import entries
from chatwarden.detection.scan import Scanner
from chatwarden.detection.seeds import checked

SCANNER = Scanner()
YELLOW = "legal winner thank year wave sausage worth useful legal winner thank yellow"


def found(text: str) -> list[str]:
    return [text[f.start : f.end] for f in SCANNER.scan(text).findings if f.data_class == "credential"]


def test_the_list_is_that_of_the_standard() -> None:
    words = " ".join(entries("seed-words.txt")).split()
    assert len(words) == len(set(words)) == 2048
    assert words == sorted(words)
    assert (words[0], words[-1]) == ("abandon", "zoo")


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (YELLOW, True),
        ("abandon " * 11 + "about", True),
        ("zoo " * 23 + "vote", True),
        ("abandon " * 12, False),
        (YELLOW.replace("yellow", "year"), False),
    ],
)
def test_the_last_word_checks_the_rest(words: str, *, right: bool) -> None:
    assert checked(words.split()) is right


@pytest.mark.parametrize("form", ["{}", "my wallet is {} and I lost the paper", "WORDS:\n{}\nok", "seed phrase {}."])
def test_a_phrase_is_found_wherever_it_stands(form: str) -> None:
    (whole,) = found(form.format(YELLOW))
    assert YELLOW in whole


def test_a_numbered_phrase_is_found() -> None:
    numbered = " ".join(f"{at}. {word}" for at, word in enumerate(YELLOW.split(), start=1))
    (one,) = found(f"here they are: {numbered}")
    assert one == numbered[3:]


def test_words_of_the_list_without_their_check_are_possible_and_said_to_be_a_phrase_they_are_found() -> None:
    wrong = YELLOW.replace("yellow", "year")
    assert found(wrong) == []
    assert SCANNER.scan(wrong).possible == {"credential"}
    assert found(f"my recovery phrase: {wrong}") == [wrong]


def test_a_sentence_is_no_phrase() -> None:
    text = "please cancel order because water came into every second room when winter began again last week before noon"
    assert SCANNER.scan(text).findings == ()
