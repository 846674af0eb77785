"""A turn token stands for one person in one conversation, for minutes, and never longer than its session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world import upstream as world
from tests.world.upstream import serving

from chatwarden.app import opened
from chatwarden.audit.model import Lane
from chatwarden.bots import turns
from chatwarden.bots.model import Turn, Utterance
from chatwarden.bots.turns import LIFETIME, PER_SESSION, TURN_PREFIX, TurnGrant, TurnTokens
from chatwarden.clock import SECOND
from chatwarden.config.home import Home
from chatwarden.config.model import BotConfig, Config
from chatwarden.errors import SessionEnded
from chatwarden.metrics import Metrics
from chatwarden.principal import Kind, Principal, Role
from chatwarden.sessions.model import EndReason

ADA = Principal("usr_1", Kind.PERSON, "ada", (Role.CUSTOMER,))
BOB = Principal("usr_2", Kind.PERSON, "bob", (Role.CUSTOMER,))
NOW = 1_000 * SECOND


def test_a_token_stands_for_person_conversation_and_session() -> None:
    tokens = TurnTokens()
    hers = tokens.issue(ADA, "cnv_1", "ses_1", NOW)
    his = tokens.issue(BOB, "cnv_2", "ses_2", NOW)
    assert tokens.resolve(hers, NOW) == TurnGrant(ADA, "cnv_1", "ses_1", NOW + LIFETIME)
    assert tokens.resolve(his, NOW) == TurnGrant(BOB, "cnv_2", "ses_2", NOW + LIFETIME)


def test_a_token_says_nothing_and_is_kept_hashed() -> None:
    drawn: Iterator[bytes] = iter([bytes(32), b"\xff" * 32])
    tokens = TurnTokens(lambda _size: next(drawn))
    token = tokens.issue(ADA, "cnv_1", "ses_1", NOW)
    assert token == TURN_PREFIX + "00" * 32
    assert tokens.issue(ADA, "cnv_1", "ses_1", NOW) == TURN_PREFIX + "ff" * 32
    assert not any(token.encode() in key or bytes(32) in key for key in tokens._grants)


@pytest.mark.parametrize("token", ["", "cwt_", "cwt_" + "0" * 64, "usr_1", "\ud800", "x" * 100_000])
def test_what_was_never_issued_stands_for_nobody(token: str) -> None:
    tokens = TurnTokens()
    tokens.issue(ADA, "cnv_1", "ses_1", NOW)
    assert tokens.resolve(token, NOW) is None


def test_a_token_lives_for_minutes() -> None:
    tokens = TurnTokens()
    token = tokens.issue(ADA, "cnv_1", "ses_1", NOW)
    assert tokens.resolve(token, NOW + LIFETIME - 1) is not None
    assert tokens.resolve(token, NOW + LIFETIME) is None


@pytest.mark.asvs("7.4.1")
def test_a_token_dies_with_its_session_and_no_other() -> None:
    tokens = TurnTokens()
    first, second = (tokens.issue(ADA, "cnv_1", "ses_1", NOW) for _ in range(2))
    other = tokens.issue(ADA, "cnv_1", "ses_2", NOW)
    tokens.revoke("ses_1")
    tokens.revoke("ses_1")
    tokens.revoke("ses_unknown")
    assert [tokens.resolve(token, NOW) is None for token in (first, second, other)] == [True, True, False]
    assert len(tokens) == 1


def test_one_session_keeps_its_newest_tokens_and_pushes_out_nobody_elses() -> None:
    tokens = TurnTokens()
    other = tokens.issue(BOB, "cnv_2", "ses_2", NOW)
    hers = [tokens.issue(ADA, "cnv_1", "ses_1", NOW + n) for n in range(PER_SESSION + 3)]
    assert [tokens.resolve(token, NOW) is not None for token in hers] == [False] * 3 + [True] * PER_SESSION
    assert tokens.resolve(other, NOW) is not None


def test_memory_is_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "IN_ALL", 3)
    tokens = TurnTokens()
    made = [tokens.issue(ADA, "cnv_1", f"ses_{n}", NOW + n) for n in range(5)]
    assert [tokens.resolve(token, NOW) is not None for token in made] == [False, False, True, True, True]
    assert len(tokens) == len(tokens._of_session) == 3


def test_what_is_over_is_forgotten() -> None:
    tokens = TurnTokens()
    for n in range(50):
        tokens.issue(ADA, "cnv_1", f"ses_{n}", NOW)
    last = tokens.issue(ADA, "cnv_1", "ses_last", NOW + LIFETIME)
    assert len(tokens) == len(tokens._of_session) == 1
    assert tokens.resolve(last, NOW + LIFETIME) is not None


# seen from the whole house


@pytest.mark.parametrize("ends", ["logout", "revoked"])
async def test_every_question_carries_a_token_of_its_own_that_dies_with_the_session(tmp_path: Path, ends: str) -> None:
    async with serving(world.honest) as server:
        shop = BotConfig("shop", "openai", url=server.url, model="m", history=0)
        home = Home(tmp_path / "home")
        home.prepare()
        async with opened(home, Config(bots={"shop": shop}), Metrics()) as node:
            services = node.services
            now = services.clock.now()
            session, _ = await services.sessions.visitor(now)
            conversation = await services.conversations.open(session.principal, "shop", now, lane=Lane.CLIENT)
            for text in ("hello", "and again"):
                received = await services.gateway.receive(session, Lane.CLIENT, conversation, text)
                await services.gateway.answer(received)
            given = Turn(conversation.id, (Utterance("user", "a client's own"),))
            async for _ in services.gateway.stream(received, given):
                pass
            tokens = [asked.headers["chatwarden-turn"] for asked in server.asked]
            assert len(set(tokens)) == 3
            assert [len(asked.body["messages"]) for asked in server.asked] == [1, 1, 1]  # a history of none is none
            known = services.gateway.turns.resolve(tokens[0], now)
            assert known is not None
            assert (known.principal, known.conversation, known.session) == (
                session.principal, conversation.id, session.id,
            )  # fmt: skip
            await services.sessions.end(session, EndReason(ends), services.clock.now(), actor="test")
            assert [services.gateway.turns.resolve(token, now) for token in tokens] == [None] * 3
            # a question that outlived its session is asked without a token
            with pytest.raises(SessionEnded):
                await services.gateway.answer(received)
            assert "chatwarden-turn" not in server.asked[-1].headers
