"""The words that the package brings, and what is done with them."""

from itertools import pairwise

import pytest

from chatwarden.config.inquiries import LANGUAGES, REASONS, TOPICS, Topic
from chatwarden.config.phrases import expression
from chatwarden.errors import ConfigurationError
from chatwarden.routing import lexicon
from chatwarden.routing.lexicon import FAILED, PHRASE_MAX, Feature, Lexicon, lexicon_of, words_of

FILES = ("common", *LANGUAGES)


def features(name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = words_of(name)["feature"]
    return found


def names(found: list[Feature], about: str) -> list[str]:
    return [one.name for one in found if one.about == about]


@pytest.fixture(scope="module")
def ours() -> Lexicon:
    return Lexicon(LANGUAGES, TOPICS)


@pytest.mark.parametrize("name", FILES)
def test_every_feature_is_about_something_that_is_decided_and_says_what_it_is(name: str) -> None:
    for one in features(name):
        assert one["about"] in {*REASONS, *(f"topic:{topic}" for topic in TOPICS)}
        assert one["name"]
        assert one["weight"]
        assert bool(one.get("words")) != bool(one.get("measure"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_every_reason_and_topic(language: str) -> None:
    about = {one["about"] for one in features(language) if float(str(one["weight"])) >= 1}
    assert about == {"asked", "tone", "hostile", "bot-did-not-know", *(f"topic:{topic}" for topic in TOPICS)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_stands_twice_in_a_feature_and_each_can_be_read(language: str) -> None:
    for one in features(language):
        words = one["words"]
        assert isinstance(words, list)
        assert not [a for a, b in pairwise(sorted(words)) if a == b]
        assert all(expression(phrase, most=PHRASE_MAX) for phrase in words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_stands_for_its_words(language: str) -> None:
    lists = words_of(language)["lists"]
    assert [one["words"] for one in features(language) if one["name"] == "names somebody of a staff"] == [
        [lists["staff"]]
    ]


def test_a_feature_counts_once_however_often_it_is_found(ours: Lexicon) -> None:
    assert names(ours.of_text("idiots! you idiots, you morons, you are stupid"), "tone") == ["insults"]


def test_what_the_languages_of_the_operator_do_not_say_is_not_found(ours: Lexicon) -> None:
    text = "Ich will nicht mehr leben"
    assert names(ours.of_text(text), "topic:self-harm")
    assert Lexicon(["en"], TOPICS).of_text(text) == []


def test_words_of_the_operator_count_for_and_against_their_topic() -> None:
    own = Lexicon([], {"mortgage": Topic(words=("mortgage|home-loan",), unless=("calculator",))})
    assert own.of_text("I need a home loan") == [Feature("topic:mortgage", "words of the configuration", 1.0)]
    both = own.of_text("Where is the mortgage calculator?")
    assert sum(one.weight for one in both) == 0


def test_topics_that_are_not_asked_for_are_not_looked_for() -> None:
    assert Lexicon(["en"], {}).of_text("I will sue you, my card was stolen") == []


def test_an_answer_is_looked_at_for_one_thing_only(ours: Lexicon) -> None:
    assert names(ours.of_answer("I do not know, you idiot"), "bot-did-not-know") == ["the answer says so"]
    assert names(ours.of_answer("You idiot"), "tone") == []
    assert names(ours.of_text("I do not know"), "bot-did-not-know") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("WHERE IS MY PARCEL", True), ("Hello. WHERE IS MY PARCEL", True), ("IBAN GMBH", False), ("WO IST ÜBERHAUPT", True),
        ("The IBAN of ACME GMBH please", False), ("HELLO", False), ("\u4f60\u597d" * 10, False), ("", False),
    ],
)  # fmt: skip
def test_capitals_are_noticed_where_a_sentence_is_written_in_them(ours: Lexicon, text: str, *, told: bool) -> None:
    assert ("writes in capitals" in names(ours.of_text(text), "tone")) is told


@pytest.mark.parametrize(
    ("text", "told"), [("no!!", True), ("what?!", True), ("what??", True), ("no!", False), ("what?", False)]
)
def test_so_are_several_marks(ours: Lexicon, text: str, *, told: bool) -> None:
    assert ("uses several exclamation marks" in names(ours.of_text(text), "tone")) is told


def test_a_text_that_the_engine_fails_on_is_one_for_people(ours: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "folded", lambda _text: "")  # not even how every text begins is found
    assert ours.of_text("hello") == [FAILED]
    assert ours.of_answer("hello") == [FAILED]


def test_more_words_than_the_engine_can_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "_MEMORY", 1 << 16)
    with pytest.raises(ConfigurationError, match="too many words"):
        Lexicon(LANGUAGES, TOPICS)


def test_the_same_words_are_read_once() -> None:
    assert lexicon_of(("en",), TOPICS) is lexicon_of(("en",), dict(TOPICS))
    assert lexicon_of(("en",), TOPICS) is not lexicon_of(("de",), TOPICS)
