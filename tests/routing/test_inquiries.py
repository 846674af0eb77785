"""docs/triage.md tells how inquiries are screened and how often that is right; both are looked at again here."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.world.inquiries.corpus import FRAMES, HELD_OUT, LOOKED_AT, ORDINARY, cases
from tests.world.inquiries.measure import Count, measured, of_answers, of_questions
from tests.world.inquiries.page import (
    LEAST_PRECISION,
    LEAST_RECALL,
    MEANS,
    MOST_FALSE,
    WHEN,
    false_alarms,
    page,
)

from chatwarden.config.inquiries import LANGUAGES, REASONS, TOPICS, TriageConfig
from chatwarden.routing.triage import rules_of

DOCS = Path(__file__).parents[2] / "docs"
RULES = rules_of(TriageConfig())[""]
LABELS = {*TOPICS, "asked", "tone", "hostile", ORDINARY}


@pytest.fixture(scope="module")
def found() -> dict[str, Count]:
    return measured(cases(HELD_OUT, framed=True), RULES)


def test_the_page_is_what_the_rules_and_the_measurement_make() -> None:
    assert (DOCS / "triage.md").read_text() == page(), "python -m tests.world.inquiries.page > docs/triage.md"


def test_the_page_tells_of_every_reason_and_topic() -> None:
    assert (set(WHEN), set(MEANS)) == (set(REASONS), set(TOPICS))


@pytest.mark.parametrize("label", sorted(LABELS))
def test_less_is_not_found_and_no_more_is_wrong_than_the_page_may_say(found: dict[str, Count], label: str) -> None:
    assert found[label].recall >= LEAST_RECALL, found[label].missed
    assert label == ORDINARY or found[label].precision >= LEAST_PRECISION, found[label].alarms


def test_ordinary_inquiries_stay_with_the_bot() -> None:
    count, wrong = false_alarms(RULES)
    assert count > 300
    assert wrong <= MOST_FALSE * count


def test_answers_and_repeated_questions_are_told_apart() -> None:
    for count in (of_answers(RULES), of_questions(RULES)):
        assert count.recall >= 0.8, count.missed
        assert count.precision >= LEAST_PRECISION, count.alarms


def test_what_the_words_were_made_with_is_found() -> None:
    for label, count in measured(cases(LOOKED_AT, framed=False), RULES).items():
        assert count.recall >= 0.9, (label, count.missed)
        assert count.precision >= 0.93, (label, count.alarms)


def test_what_was_held_out_shares_no_sentence_with_what_was_looked_at() -> None:
    for language in LANGUAGES:
        for label in LABELS:
            assert not set(HELD_OUT[language][label]) & set(LOOKED_AT[language].get(label, ()))


def test_every_language_has_cases_for_everything_and_frames() -> None:
    assert set(FRAMES) == set(HELD_OUT) == set(LANGUAGES)
    assert all(set(labels) == LABELS for labels in HELD_OUT.values())
