"""How words to look for are written."""

import re

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.config.phrases import PHRASE_MAX, expression, folded


def found(phrase: str, text: str) -> bool:
    return re2.search(expression(phrase), folded(text)) is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I don't know. Can't you?", " i do not know . can not you . "),
        ("I\u2019m HERE, won\u2019t go... you'll see", " i am here will not go . you will see "),
        ("Über die Straße", " uber die strasse "),
        ("J\u2019ai l'avocat", " j ai l avocat "),
        ("Ada's pa\u0301rcel\u200b is la\u00adte", " ada parcel is late "),
        ("ＦＵＬＬ width １２", " full width 12 "),
        ("dont u", " do not you "),
        ("", " "),
        ("  ?! ", " "),
        ("a_b-c/d\nmore", " a b c d . more "),
        ("¿Qué?  «Oui» …", " que . oui . "),
        ("привет, мир", " привет мир "),
        ("МИР", " мир "),
        ("Ηеllо hum4n", " hello human "),
    ],
)
def test_a_text_is_folded_to_plain_words_and_ends_of_sentences(text: str, told: str) -> None:
    assert folded(text) == told


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("speak to a person", "Can I SPEAK to a  person?"),
        ("speak|talk .. human|person", "let me talk, if possible, to a human"),
        ("complain*", "my complaints"),
        ("live agent? please", "live please"),
        ("live agent? please", "live agent please"),
        ("^ agent please? $", "Hello. Agent!"),
        ("charged twice|two-times", "I was charged two times"),
        ("don't-know|cannot-say", "I do not know"),
        ("don't-know|cannot-say", "I can't say"),
        ("möchte sprechen", "ich moechte sprechen"),
        ("möchte sprechen", "ich MÖCHTE sprechen"),
        ("réclamation*", "deux reclamations"),
    ],
)
def test_what_a_phrase_means_is_found(phrase: str, text: str) -> None:
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("speak|talk .. human|person", "talk is cheap. A human being"),
        ("talk .. person", "talk one two three four five person"),
        ("complain*", "uncomplaining"),
        ("sue", "I live in Suecia with issues"),
        ("^ agent $", "my agent said so"),
        ("charged twice|two-times", "charged two"),
    ],
)
def test_what_it_does_not_mean_is_not(phrase: str, text: str) -> None:
    assert not found(phrase, text)


@pytest.mark.parametrize(
    "phrase",
    [
        "", " ", "..", ".. a", "a ..", "a|", "a||b", "x?", "x? y?", "^", "^ $", "a(b", "a*b", ".*", "[a-z]+", "(a+)+$", "a.b",
        "x" * (PHRASE_MAX + 1),
    ],
)  # fmt: skip
def test_what_says_no_word_or_is_written_as_a_regular_expression_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"word|characters"):
        expression(phrase)


@given(st.text())
def test_whatever_was_written_is_refused_or_can_be_looked_for(phrase: str) -> None:
    try:
        made = expression(phrase)
    except ValueError:
        return
    assert re2.compile(made)
    assert re.compile(made)


@given(st.text())
def test_any_text_is_folded_to_words_with_one_space_between_them(text: str) -> None:
    once = folded(text)
    assert once.startswith(" ")
    assert once.endswith(" ")
    assert " . . " not in once
    assert "  " not in once
