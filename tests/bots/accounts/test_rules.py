"""Sign-ins are counted, so that two who hold one credential are noticed; and what may be used at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatwarden.bots.accounts import rules
from chatwarden.bots.accounts.model import Account, Credential, Instance, Method, State
from chatwarden.bots.accounts.rules import GRACE, Step
from chatwarden.clock import DAY, ManualClock

NOW = ManualClock().now()
CREDENTIAL = Credential(1, Method.SECRET, b"", 7, NOW, NOW + 90 * DAY)
INSTANCE = Instance("bin_1", "bot_1", "main", False, State.ENABLED, "", NOW, NOW, None, (CREDENTIAL,))
ACCOUNT = Account("bot_1", "helpdesk", "reader", State.ENABLED, NOW)


@pytest.mark.parametrize(
    ("given", "unused", "after", "step"),
    [
        (7, True, 0, Step.ADVANCE),
        (7, False, 30 * DAY, Step.ADVANCE),  # it may sleep as long as it likes
        (6, True, GRACE, Step.AGAIN),
        (6, True, GRACE + 1, Step.BEHIND),
        (6, False, 0, Step.BEHIND),  # somebody has the answer that is said to be lost
        (5, True, 0, Step.BEHIND),
        (0, True, 0, Step.BEHIND),
        (8, True, 0, Step.AHEAD),
        (None, True, 0, Step.MISSING),
    ],
)  # fmt: skip
def test_a_generation_counts_once_and_a_lost_answer_for_a_moment(
    given: int | None, unused: bool, after: int, step: Step
) -> None:
    assert rules.step(CREDENTIAL, given, plain=False, unused=unused, now=NOW + after) is step
    assert step.locks == (step in {Step.BEHIND, Step.AHEAD})


@pytest.mark.parametrize("given", [None, 0, 6, 7, 8])
def test_a_plain_client_is_not_counted(given: int | None) -> None:
    assert rules.step(CREDENTIAL, given, plain=True, unused=False, now=NOW) is Step.ADVANCE


@pytest.mark.parametrize(
    ("account", "instance", "why"),
    [
        (ACCOUNT, INSTANCE, ""),
        (replace(ACCOUNT, state=State.DISABLED), INSTANCE, "disabled"),
        (ACCOUNT, replace(INSTANCE, state=State.DISABLED), "disabled"),
        (ACCOUNT, replace(INSTANCE, state=State.LOCKED), "locked"),
        (replace(ACCOUNT, name="gone"), INSTANCE, "unknown-bot"),
        (replace(ACCOUNT, level="gone"), INSTANCE, "unknown-level"),
    ],
)
def test_only_what_is_enabled_and_written_may_act(account: Account, instance: Instance, why: str) -> None:
    assert rules.standing(account, instance, bots={"helpdesk"}, levels={"reader"}) == why


def test_the_newest_credential_comes_first_and_what_is_over_does_not_count() -> None:
    older, over = replace(CREDENTIAL, number=1), replace(CREDENTIAL, number=2, expires_at=NOW)
    newer = replace(CREDENTIAL, number=3)
    assert rules.living(replace(INSTANCE, credentials=(older, over, newer)), NOW) == (newer, older)


def test_what_nobody_used_is_known_from_its_last_sign_in_or_its_making() -> None:
    used = replace(INSTANCE, used_at=NOW + DAY)
    assert not rules.is_unused(INSTANCE, NOW + 30 * DAY - 1, 30 * DAY)
    assert rules.is_unused(INSTANCE, NOW + 30 * DAY, 30 * DAY)
    assert not rules.is_unused(used, NOW + 31 * DAY - 1, 30 * DAY)
    assert rules.is_unused(used, NOW + 31 * DAY, 30 * DAY)
    assert not rules.is_unused(INSTANCE, NOW + 400 * DAY, 0)  # off
    assert not rules.is_unused(replace(INSTANCE, state=State.DISABLED), NOW + 30 * DAY, 30 * DAY)


def test_what_runs_out_is_told_once_and_not_for_what_was_rotated_already() -> None:
    near = NOW + 80 * DAY
    assert rules.is_expiring(INSTANCE, NOW, 14 * DAY) is None
    assert rules.is_expiring(INSTANCE, near, 14 * DAY) is CREDENTIAL
    newer = replace(CREDENTIAL, number=2, expires_at=NOW + 200 * DAY)
    for instance in (
        replace(INSTANCE, credentials=(replace(CREDENTIAL, warned=True),)),
        replace(INSTANCE, credentials=(CREDENTIAL, newer)),
        replace(INSTANCE, state=State.DISABLED),
        replace(INSTANCE, credentials=()),
    ):
        assert rules.is_expiring(instance, near, 14 * DAY) is None


@pytest.mark.parametrize(("text", "number"), [("", None), ("0", 0), ("12", 12), ("9" * 15, 10**15 - 1)])
def test_a_generation_is_a_number(text: str, number: int | None) -> None:
    assert rules.generation(text) == number


@pytest.mark.parametrize("text", ["-1", "01", "1.0", "1e3", " 1", "٣", "x", "9" * 16])
def test_what_is_no_generation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="generation is the number"):
        rules.generation(text)


def test_an_instance_is_called_by_a_short_plain_word() -> None:
    assert all(rules.is_label(text) for text in ("main", "a", "rack-2", "0"))
    assert not any(rules.is_label(text) for text in ("", "-a", "A", "a b", "a" * 33, "a\n", "ä"))
