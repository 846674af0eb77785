"""From findings to what is done."""

import pytest

from chatwarden.classes import DEFAULT_LIFETIME, DEFAULT_TREATMENT, NEVER, Action, DataClass, Finding, Treatment
from chatwarden.clock import DAY, HOUR, MINUTE
from chatwarden.detection.policy import Decision, action_of, decide
from chatwarden.detection.scan import Verdict

LIFE = 30 * DAY


def found(*classes: DataClass) -> Verdict:
    return Verdict(tuple(Finding(data_class, n, n + 1, 0.9) for n, data_class in enumerate(classes)))


def decision(verdict: Verdict, default: int = LIFE, **treatments: Treatment) -> Decision:
    changed = {DataClass(name.replace("_", "-")): treatment for name, treatment in treatments.items()}
    return decide(
        verdict,
        treatments={**DEFAULT_TREATMENT, **changed},
        lifetimes=DEFAULT_LIFETIME,
        default_lifetime=default,
    )


def test_a_clean_text_lives_as_long_as_the_default_says() -> None:
    assert decision(Verdict()) == Decision((), LIFE, hold=False)


@pytest.mark.parametrize(
    ("classes", "lifetime"),
    [
        ([DataClass.PAYMENT_CARD], 15 * MINUTE),
        ([DataClass.EMAIL, DataClass.IBAN], 1 * HOUR),
        ([DataClass.IBAN, DataClass.CREDENTIAL, DataClass.EMAIL], 5 * MINUTE),
        ([DataClass.CARD_CODE], LIFE),  # it is removed: what remains is an ordinary text
        ([DataClass.CARD_CODE, DataClass.IBAN], 1 * HOUR),
    ],
)
def test_the_shortest_lifetime_wins(classes: list[DataClass], lifetime: int) -> None:
    assert decision(found(*classes)).lifetime == lifetime


def test_a_default_shorter_than_the_class_wins() -> None:
    assert decision(found(DataClass.EMAIL), default=MINUTE).lifetime == MINUTE


def test_a_text_that_could_not_be_checked_lives_as_short_as_the_strictest_class() -> None:
    assert decision(Verdict(unknown=True)) == Decision((), 5 * MINUTE, hold=False)
    assert decision(Verdict(unknown=True), default=MINUTE).lifetime == MINUTE


@pytest.mark.parametrize(
    ("treatment", "action"),
    [
        (Treatment.ALLOW, Action.ALLOWED),
        (Treatment.PLACEHOLDER, Action.PLACEHOLDER),
        (Treatment.MASK, Action.MASKED),
        (Treatment.REMOVE, Action.REMOVED),
        (Treatment.HOLD, Action.HELD),
        (Treatment.BLOCK, Action.BLOCKED),
    ],
)
def test_each_treatment_becomes_its_action(treatment: Treatment, action: Action) -> None:
    made = decision(found(DataClass.EMAIL), email=treatment)
    assert [item.action for item in made.items] == [action]
    assert made.hold is (treatment is Treatment.HOLD)
    assert made.blocked == ([DataClass.EMAIL] if treatment is Treatment.BLOCK else [])


@pytest.mark.parametrize("treatment", Treatment)
@pytest.mark.parametrize("data_class", sorted(NEVER))
def test_no_setting_keeps_a_class_that_is_never_written(data_class: DataClass, treatment: Treatment) -> None:
    refused = treatment is Treatment.BLOCK
    assert action_of(data_class, {data_class: treatment}) is (Action.BLOCKED if refused else Action.REMOVED)


def test_the_order_of_findings_is_kept() -> None:
    verdict = found(DataClass.EMAIL, DataClass.IBAN, DataClass.EMAIL)
    assert tuple(item.finding for item in decision(verdict).items) == verdict.findings
