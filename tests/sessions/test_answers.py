"""Answers in the middle of a session: bound to one question, limited in time and attempts, one of many wins."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from chatwarden import assurance
from chatwarden.audit.service import AuditLog
from chatwarden.challenge import Challenge
from chatwarden.clock import MINUTE, SECOND, Instant, ManualClock
from chatwarden.config.model import SessionConfig, SessionPolicy, StepUp
from chatwarden.errors import (
    ConfirmationRequired,
    Forbidden,
    InvalidRequest,
    NotFound,
    Problem,
    SessionEnded,
    StepUpRequired,
)
from chatwarden.principal import Kind, Principal, Role
from chatwarden.sessions.answers import Answers, Given
from chatwarden.sessions.model import Client, EndReason, Session, State
from chatwarden.sessions.rules import state_of
from chatwarden.sessions.service import Sessions
from chatwarden.storage.model import Database

ANNA = Principal("usr_" + "a" * 32, Kind.PERSON, "anna", (Role.CUSTOMER,))
POLICY = SessionPolicy(
    confirmation="totp", attempts=5, recheck=30 * MINUTE, recheck_on_change=True, idle=15 * MINUTE,
    answer_within=MINUTE,
)  # fmt: skip
BANK = StepUp(once=True)
HOME, AWAY = Client("203.0.113.7", "Browser/1"), Client("198.51.100.9", "Browser/1")


@dataclass
class Desk:
    """Sessions with their answers; ``checked`` counts what was looked at."""

    sessions: Sessions
    answers: Answers
    clock: ManualClock
    checked: list[str] = field(default_factory=list)

    async def begin(self, *means: str) -> tuple[Session, str]:
        return await self.sessions.start(ANNA, factors=("password", *means[:1]), now=self.clock.now(), means=means)

    async def answer(self, session: Session, challenge: Challenge, given: str, kind: str = "") -> Session:
        return await self.answers.answer(session, challenge.id, kind, given, self.clock.now())

    def asked(self, session: Session) -> Challenge:
        challenge = self.sessions.challenge(session, self.clock.now())
        assert challenge is not None
        return challenge

    def stepped(self, session: Session, operation: str = "transfer") -> Challenge:
        with pytest.raises(StepUpRequired) as refused:
            self.answers.require_fresh(session, operation, self.clock.now())
        challenge = refused.value.extra["challenge"]
        assert isinstance(challenge, Challenge)
        return challenge


@pytest.fixture
def desk(database: Database) -> Desk:
    config = SessionConfig(roles=dict.fromkeys(Role, POLICY))
    sessions = Sessions(database, AuditLog(database), config)
    made: Desk

    async def check(_who: Principal, _challenge: Challenge, kind: str, given: Given, _now: Instant) -> str:
        made.checked.append(kind)
        await asyncio.sleep(0)  # the others get their turn while this one is being checked
        return kind if given == "right" else ""

    answers = Answers(sessions, check, {"transfer": BANK, "reveal": StepUp(), "credentials": StepUp()})
    made = Desk(sessions, answers, ManualClock())
    return made


async def quiet(desk: Desk, *means: str) -> tuple[Session, Challenge]:
    session, _ = await desk.begin(*means)
    desk.clock.advance(14 * MINUTE)
    return session, desk.asked(session)


@pytest.mark.asvs("7.3.2")
async def test_a_right_answer_keeps_the_session_and_never_moves_its_absolute_end(desk: Desk) -> None:
    session, challenge = await quiet(desk, "totp", "password")
    absolute = session.absolute_deadline
    assert challenge.kinds == ("totp",)
    await desk.answer(session, challenge, "right")
    assert state_of(session, desk.clock.now()) is State.ACTIVE
    assert session.idle_deadline == desk.clock.now() + 15 * MINUTE
    assert session.absolute_deadline == absolute
    with pytest.raises(NotFound):
        await desk.answer(session, challenge, "right")


async def test_who_has_no_such_factor_taps(desk: Desk) -> None:
    session, challenge = await quiet(desk, "password")
    assert challenge.kinds == ("tap",)
    with pytest.raises(ConfirmationRequired):
        await desk.answer(session, challenge, "there")
    assert desk.asked(session).expires_at == session.idle_deadline  # a tap has no clock that runs faster
    await desk.answer(session, challenge, "here")
    assert desk.checked == []


@pytest.mark.asvs("6.6.3")
async def test_each_wrong_answer_costs_an_attempt_and_half_of_the_time(desk: Desk) -> None:
    session, challenge = await quiet(desk, "totp")
    left = [challenge.expires_at - desk.clock.now()]
    for _ in range(3):
        with pytest.raises(ConfirmationRequired) as refused:
            await desk.answer(session, challenge, "wrong")
        told = refused.value.extra["challenge"]
        assert isinstance(told, Challenge)
        assert told.id == challenge.id
        left.append(told.expires_at - desk.clock.now())
    assert left == [60 * SECOND, 30 * SECOND, 15 * SECOND, 7_500_000]
    desk.clock.advance(7_500_000)
    with pytest.raises((SessionEnded, NotFound)):
        await desk.answer(session, challenge, "right")
    await desk.sessions.sweep(desk.clock.now())
    assert session.end_reason is EndReason.WRONG_ANSWERS


async def test_no_answer_in_time_ends_the_session_as_idle(desk: Desk) -> None:
    session, _ = await quiet(desk, "totp")
    desk.clock.advance(MINUTE)
    await desk.sessions.sweep(desk.clock.now())
    assert session.end_reason is EndReason.IDLE


async def test_too_many_wrong_answers_end_the_session(desk: Desk) -> None:
    session, challenge = await quiet(desk, "totp")
    for _ in range(4):
        with pytest.raises(ConfirmationRequired):
            await desk.answer(session, challenge, "wrong")
    with pytest.raises(SessionEnded) as ended:
        await desk.answer(session, challenge, "wrong")
    assert ended.value.extra["reason"] == "wrong-answers"


@pytest.mark.asvs("6.6.2")
async def test_of_two_hundred_right_answers_at_once_one_wins(desk: Desk) -> None:
    session, challenge = await quiet(desk, "totp")
    outcomes = await asyncio.gather(
        *(desk.answer(session, challenge, "right") for _ in range(200)), return_exceptions=True
    )
    assert sum(isinstance(one, Session) for one in outcomes) == 1
    assert sum(isinstance(one, NotFound) for one in outcomes) == 199
    assert len(desk.checked) == 1
    assert session.ended_at is None


@pytest.mark.asvs("6.3.1", "6.6.3")
async def test_parallel_guesses_cannot_share_an_attempt(desk: Desk) -> None:
    session, challenge = await quiet(desk, "totp")
    outcomes = await asyncio.gather(
        *(desk.answer(session, challenge, "wrong") for _ in range(50)), return_exceptions=True
    )
    assert len(desk.checked) == 5
    assert session.end_reason is EndReason.WRONG_ANSWERS
    assert all(isinstance(one, Problem) for one in outcomes)


@pytest.mark.asvs("6.6.2")
async def test_an_answer_fits_no_other_question_and_no_other_way(desk: Desk) -> None:
    session, challenge = await quiet(desk, "totp")
    other, others = await desk.begin("totp")
    desk.clock.advance(0)
    with pytest.raises(NotFound):
        await desk.answer(other, challenge, "right")
    with pytest.raises(NotFound):
        await desk.answers.answer(session, "chl_" + "0" * 32, "", "right", desk.clock.now())
    with pytest.raises(InvalidRequest):
        await desk.answer(session, challenge, "here", kind="tap")
    assert desk.checked == []
    assert others


# -- rechecks


async def test_an_active_person_is_asked_after_the_interval_with_their_next_act(desk: Desk) -> None:
    session, token = await desk.begin("totp", "password")
    assert session.recheck_at is not None
    assert 24 * MINUTE <= session.recheck_at - desk.clock.now() <= 36 * MINUTE
    while desk.clock.now() + 5 * MINUTE < session.recheck_at:
        desk.clock.advance(5 * MINUTE)
        desk.sessions.touch(session, desk.clock.now())
    desk.clock.advance(session.recheck_at - desk.clock.now())
    await desk.sessions.authenticate(token, desk.clock.now())
    with pytest.raises(ConfirmationRequired):
        desk.sessions.require_active(session, desk.clock.now())
    challenge = desk.asked(session)
    assert challenge.kinds == ("totp",)  # not the password: who stole the session may know it
    assert challenge.expires_at == desk.clock.now() + MINUTE
    await desk.answer(session, challenge, "right")
    desk.sessions.require_active(session, desk.clock.now())
    assert session.recheck_at > desk.clock.now()


async def test_who_has_nothing_to_answer_with_is_not_asked(desk: Desk) -> None:
    session, token = await desk.sessions.visitor(desk.clock.now())
    assert session.recheck_at is None
    for client in (HOME, AWAY):
        await desk.sessions.authenticate(token, desk.clock.now(), client)
    desk.sessions.require_active(session, desk.clock.now())


@pytest.mark.asvs("8.2.4")
async def test_another_address_block_is_asked_for_a_factor_and_known_after_it(desk: Desk) -> None:
    told: list[Session] = []
    desk.sessions.on_prompted.append(told.append)
    session, token = await desk.begin("totp")
    now = desk.clock.now()
    await desk.sessions.authenticate(token, now, HOME)
    await desk.sessions.authenticate(token, now, Client("203.0.113.250", "Browser/1"))  # the same block
    desk.sessions.require_active(session, now)
    await desk.sessions.authenticate(token, now, AWAY)
    assert told == [session]  # on every screen, the rightful person's too
    with pytest.raises(ConfirmationRequired):
        desk.sessions.require_active(session, now)
    await desk.answers.answer(session, desk.asked(session).id, "", "right", now, AWAY)
    for client in (AWAY, HOME, AWAY):
        await desk.sessions.authenticate(token, now, client)
        desk.sessions.require_active(session, now)


@pytest.mark.asvs("8.2.4")
async def test_another_client_is_asked_for_a_factor_again_and_again(desk: Desk) -> None:
    session, token = await desk.begin("totp")
    now = desk.clock.now()
    thief = Client("203.0.113.7", "curl/8")
    await desk.sessions.authenticate(token, now, HOME)
    await desk.sessions.authenticate(token, now, thief)
    # The person answers on their own screen: that makes the thief no better known.
    await desk.answers.answer(session, desk.asked(session).id, "", "right", now, HOME)
    await desk.sessions.authenticate(token, now, thief)
    with pytest.raises(ConfirmationRequired):
        desk.sessions.require_active(session, now)


@pytest.mark.asvs("8.2.4")
async def test_a_sudden_change_of_pace_is_asked_about(desk: Desk) -> None:
    session, _ = await desk.begin("totp")
    for _ in range(12):
        desk.clock.advance(30 * SECOND)
        desk.sessions.touch(session, desk.clock.now())
    while not session.asked:
        desk.clock.advance(100_000)
        desk.sessions.touch(session, desk.clock.now())
    with pytest.raises(ConfirmationRequired):
        desk.sessions.touch(session, desk.clock.now())


async def test_what_is_asked_survives_a_restart(desk: Desk, database: Database) -> None:
    session, token = await desk.begin("totp")
    await desk.sessions.authenticate(token, desk.clock.now(), HOME)
    await desk.sessions.authenticate(token, desk.clock.now(), AWAY)
    challenge = desk.asked(session)
    with pytest.raises(ConfirmationRequired):
        await desk.answer(session, challenge, "wrong")
    again = Sessions(database, AuditLog(database), desk.sessions.config)
    found = await again.authenticate(token, desk.clock.now())
    assert found is not session
    with pytest.raises(ConfirmationRequired):
        again.require_active(found, desk.clock.now())
    renewed = again.challenge(found, desk.clock.now())
    assert renewed is not None
    assert (renewed.attempts_left, renewed.expires_at) == (4, desk.clock.now() + 30 * SECOND)
    desk.clock.advance(30 * SECOND)
    with pytest.raises(SessionEnded):
        await again.authenticate(token, desk.clock.now())


# -- step-up


@pytest.mark.asvs("7.5.3")
async def test_an_operation_of_a_bank_wants_a_factor_each_time(desk: Desk) -> None:
    session, _ = await desk.begin("totp", "password")
    for _ in range(2):
        challenge = desk.stepped(session)
        assert challenge.kinds == ("totp",)
        await desk.answer(session, challenge, "right")
        assert desk.answers.approved_until(session, "transfer", desk.clock.now())
        desk.answers.require_fresh(session, "transfer", desk.clock.now())
        assert desk.answers.approved_until(session, "transfer", desk.clock.now()) is None


async def test_an_approval_is_for_one_operation_and_two_minutes(desk: Desk) -> None:
    session, _ = await desk.begin("totp")
    await desk.answer(session, desk.stepped(session), "right")
    desk.clock.advance(120 * SECOND - 1)
    assert desk.answers.approved_until(session, "transfer", desk.clock.now())
    desk.clock.advance(1)
    desk.stepped(session)


@pytest.mark.asvs("7.5.3", "10.3.4")
async def test_elsewhere_a_factor_is_fresh_for_five_minutes(desk: Desk) -> None:
    session, _ = await desk.begin("totp")
    desk.clock.advance(5 * MINUTE)
    desk.answers.require_fresh(session, "reveal", desk.clock.now())
    desk.clock.advance(1)
    await desk.answer(session, desk.stepped(session, "reveal"), "right")
    desk.answers.require_fresh(session, "reveal", desk.clock.now())
    desk.answers.require_fresh(session, "reveal", desk.clock.now())


@pytest.mark.asvs("10.3.4")
async def test_the_refusal_is_that_of_the_standard(desk: Desk) -> None:
    session, _ = await desk.begin("totp")
    with pytest.raises(StepUpRequired) as refused:
        desk.answers.require_fresh(session, "transfer", desk.clock.now())
    header = refused.value.headers["WWW-Authenticate"]
    assert 'error="insufficient_user_authentication"' in header  # RFC 9470, section 3
    assert f'acr_values="{assurance.TWO}"' in header
    assert "max_age=0" in header


async def test_wrong_answers_end_the_operation_first_and_then_the_session(desk: Desk) -> None:
    session, _ = await desk.begin("totp")
    challenge = desk.stepped(session)
    for left in (2, 1):
        with pytest.raises(StepUpRequired) as refused:
            await desk.answer(session, challenge, "wrong")
        told = refused.value.extra["challenge"]
        assert isinstance(told, Challenge)
        assert told.attempts_left == left
    with pytest.raises(StepUpRequired) as over:
        await desk.answer(session, challenge, "wrong")
    assert "challenge" not in over.value.extra
    with pytest.raises(NotFound):
        await desk.answer(session, challenge, "right")
    again = desk.stepped(session)
    assert again.id != challenge.id
    with pytest.raises(StepUpRequired):
        await desk.answer(session, again, "wrong")
    with pytest.raises(SessionEnded):
        await desk.answer(session, again, "wrong")
    assert session.end_reason is EndReason.WRONG_ANSWERS


async def test_asking_again_gives_no_time_back(desk: Desk) -> None:
    session, _ = await desk.begin("totp")
    challenge = desk.stepped(session)
    with pytest.raises(StepUpRequired):
        await desk.answer(session, challenge, "wrong")
    again = desk.stepped(session)
    assert (again.id, again.expires_at) == (challenge.id, desk.clock.now() + 60 * SECOND)


@pytest.mark.asvs("7.5.3")
async def test_who_has_no_factor_here_does_nothing_that_needs_one(desk: Desk) -> None:
    visitor, _ = await desk.sessions.visitor(desk.clock.now())
    issued, _ = await desk.sessions.issue(ANNA, MINUTE, desk.clock.now(), actor="control")
    asserted, _ = await desk.sessions.start(ANNA, factors=("assertion",), now=desk.clock.now(), origin="assertion")
    for session in (visitor, issued, asserted):
        for operation in ("transfer", "reveal"):
            with pytest.raises(Forbidden):
                desk.answers.require_fresh(session, operation, desk.clock.now())


async def test_an_unknown_operation_is_no_operation(desk: Desk) -> None:
    session, _ = await desk.begin("totp")
    with pytest.raises(InvalidRequest):
        desk.answers.require_fresh(session, "fly", desk.clock.now())


async def test_nothing_is_approved_for_a_session_that_ended_meanwhile(desk: Desk) -> None:
    session, _ = await desk.begin("totp")
    challenge = desk.stepped(session)
    answering = asyncio.ensure_future(desk.answer(session, challenge, "right"))
    await asyncio.sleep(0)
    await desk.sessions.end(session, EndReason.REVOKED, desk.clock.now(), actor="control")
    with pytest.raises(SessionEnded):
        await answering
    assert session.approvals == {}
