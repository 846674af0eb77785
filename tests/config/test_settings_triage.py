"""The rows of ``[triage]``."""

from dataclasses import fields

import pytest

from chatwarden.config.inquiries import LANGUAGES, BotTriage, Route, Topic, TriageConfig
from chatwarden.config.settings_triage import PHRASES_MAX, TRIAGE_SETTINGS, languages, phrases, points, skill


def test_every_field_has_its_setting_and_a_reload_is_enough() -> None:
    route = {one.name for one in fields(Route)}
    topic = {one.name for one in fields(Topic)} - {"route"} | route
    own = {one.name for one in fields(TriageConfig)} - {"thresholds", "reasons", "topics", "bots"}
    assert {one.name for one in TRIAGE_SETTINGS} == {f"triage.{name}" for name in own} | {"triage.threshold.*"} | {
        f"triage.reason.*.{name}" for name in route
    } | {f"triage.topic.*.{name}" for name in topic} | {f"triage.bot.*.{one.name}" for one in fields(BotTriage)}
    assert all(one.reload for one in TRIAGE_SETTINGS)


@pytest.mark.parametrize("value", [None, "en", ["en", "it"], [1]])
def test_only_languages_with_words_are_taken(value: object) -> None:
    with pytest.raises(ValueError, match=", ".join(LANGUAGES)):
        languages(value)


@pytest.mark.parametrize("value", [None, "a", [1], ["a", ""], ["a"] * (PHRASES_MAX + 1)])
def test_only_phrases_are_taken_and_not_too_many(value: object) -> None:
    with pytest.raises(ValueError, match=r"phrase|word"):
        phrases(value)


@pytest.mark.parametrize("value", [None, True, "1", 0, 0.09, 10.1, float("nan")])
def test_a_score_is_a_number_that_can_be_reached(value: object) -> None:
    with pytest.raises(ValueError, match=r"number from 0\.1 to 10"):
        points(value)


@pytest.mark.parametrize("value", [None, "A", "-a", "a b", "a" * 33])
def test_a_skill_is_a_short_name(value: object) -> None:
    with pytest.raises(ValueError, match="skill"):
        skill(value)


def test_what_is_sound_is_taken() -> None:
    assert languages([]) == ()
    assert phrases(["a .. b", "c*"]) == ("a .. b", "c*")
    assert (points(1), points(0.1)) == (1.0, 0.1)
    assert (skill(""), skill("card-fraud")) == ("", "card-fraud")
