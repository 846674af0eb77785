"""A conversation in two lines."""

from chatwarden.routing.summary import summary


def test_it_is_what_was_said_first_and_last() -> None:
    assert summary([]) == ""
    assert summary(["Where is\n my parcel?"]) == "Where is my parcel?"
    assert summary(["Where is it?", "Hello?", "I want a person"]) == "Where is it? … I want a person"


def test_long_texts_are_cut_between_words() -> None:
    told = summary(["word " * 60, "last " * 60])
    first, last = told.split(" … ")
    assert len(first) <= 100
    assert first.endswith("word…")
    assert len(last) <= 140
    assert last.endswith("last…")


def test_a_word_without_an_end_is_cut_all_the_same() -> None:
    assert summary(["x" * 500]) == "x" * 139 + "…"
