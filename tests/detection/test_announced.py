"""A word, a number of its shape, and what stands between the two."""

import pytest

from chatwarden.detection.announced import Announced, Form
from chatwarden.detection.pattern import LIKELY, POSSIBLE

TABLE = Announced(
    (
        Form("XX", "number", "sealing no|seal num[eé]ro", "###~###", 0.1, lambda text: text[0] != "0", "paper"),
        Form("XX", "letters", "sealing no", "@@####", 0.1),
    )
)


def best(text: str) -> tuple[str, float] | None:
    start = next(at for at in range(len(text)) if text[at:].casefold().startswith(("seal", "paper")))
    end = max(
        start + len(w)
        for w in ("sealing no", "seal numero", "seal numéro", "paper")
        if text[start:].casefold().startswith(w)
    )
    found = sorted(TABLE.find(text, start, end), key=lambda one: -one[2])
    return None if not found else (text[found[0][0] : found[0][1]], found[0][2])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sealing no 123456", "123456"), ("Sealing no: 123-456.", "123-456"), ("sealing no is AB1234", "AB1234"), ("sealing no\n123 456", "123 456"), ("seal numéro : 123456", "123456"),
        ("seal numero 123456", "123456"), ("123456 is my sealing no", "123456"), ("123456 (sealing no)", "123456"), ("sealing no that I was given in May reads 123456", "123456"),
    ],
)  # fmt: skip
def test_a_number_beside_its_word_is_likely(text: str, value: str) -> None:
    found = best(text)
    assert found is not None
    assert found[0] == value
    assert found[1] >= LIKELY


@pytest.mark.parametrize(
    "text",
    ["sealing no. Something else. The rest is 123456", "sealing no for order 123456", "paper 123456 is blue and 3"],
)
def test_in_another_sentence_behind_a_counter_word_or_a_shared_word_it_counts_less(text: str) -> None:
    found = best(text)
    assert found is None or found[1] < LIKELY + 0.01


def test_a_shared_word_is_worth_less_and_a_counter_word_takes_away() -> None:
    own, shared, counter = best("sealing no 123456"), best("paper 123456"), best("sealing no ticket 123456")
    assert own is not None
    assert shared is not None
    assert own[1] - shared[1] == pytest.approx(0.1)
    assert counter is None or counter[1] < POSSIBLE


@pytest.mark.parametrize(
    "text",
    ["sealing no 012345", "sealing no 1234567", "sealing no 123456.50", "sealing no 123456%", "sealing no x123456", "sealing no", "sealing no " + "and " * 20 + "123456", "123456. My sealing no is lost", "123456\nsealing no"],
)  # fmt: skip
def test_what_is_no_such_number_or_stands_elsewhere(text: str) -> None:
    assert best(text) is None


def test_words_of_other_scripts_are_found_as_they_are_matched() -> None:
    table = Announced((Form("CN", "number", "身份证号|инн", "####", 0.1),))
    assert "身份证号" in table.keywords
    assert table.find("身份证号1234", 0, 4) == [(4, 8, 0.6)]
