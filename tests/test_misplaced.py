"""Credentials where they do not belong are known and told of, and nobody learns from it whether a password was right."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatwarden import misplaced
from chatwarden.config.model import BotConfig, TokenConfig
from chatwarden.misplaced import TRIES, credential_files
from chatwarden.web import operations
from tests.world.bots import Bot, alarms, log, watched
from tests.world.house import House, Open, Told

RIGHT = "a-long-and-quiet-afternoon"
WATCHED = '[bots.helpdesk]\n[bots.watched]\nconnector = "builtin"\nmode = "observe"\n'


@pytest.fixture
async def house(open_house: Open, tmp_path: Path) -> AsyncIterator[House]:
    async with watched(open_house, tmp_path / "home", WATCHED) as opened:
        yield opened


async def arrive(house: House, name: str = "anna", password: str = RIGHT) -> str:
    await operations.run(house.node.services, "user.add", {"name": name, "role": "customer", "password": password})
    told = await house.ask("POST", "/api/v1/session", {"username": name, "password": password})
    token: str = told.json["token"]
    return token


async def say(house: House, token: str, conversation: str, text: str) -> Told:
    return await house.ask("POST", f"/api/v1/conversations/{conversation}/messages", {"text": text}, token)


async def found(house: House) -> list[str]:
    await house.node.services.misplaced.settled()
    return [reason for event, _, reason in await log(house) if event == "credential:misplaced"]


# -- whose it is


async def test_whatever_this_gateway_hands_out_is_known(house: House) -> None:
    bot, token = await Bot.added(house), await arrive(house)
    whose = house.node.services.misplaced.whose
    assert await whose(token) == "session-token"
    assert await whose(f"Bearer {await bot.sign_in()}") == "bot-token"
    assert await whose(bot.secret) == "bot-secret"
    assert await whose("cwt_" + "0" * 64) == "turn-token"
    for nobodys in ("sk-live-123456", "", "cws_", "Bearer x", "Basic !!", "Basic gA=="):
        assert await whose(nobodys) is None


async def test_a_persons_name_and_password_are_known_in_every_form(house: House) -> None:
    await arrive(house)
    whose = house.node.services.misplaced.whose
    assert await whose(f"anna:{RIGHT}") == "persons-password"
    assert await whose("Basic " + base64.b64encode(f"anna:{RIGHT}".encode()).decode()) == "persons-password"
    for nobodys in ("anna:wrong", f"bert:{RIGHT}", f"anna{RIGHT}", "anna:", RIGHT):
        assert await whose(nobodys) is None


# -- what is typed


async def test_ones_own_password_in_a_chat_is_told_of_and_the_answer_says_nothing(house: House) -> None:
    token = await arrive(house)
    conversation = await house.conversation(token)
    right = await say(house, token, conversation, f"my password is {RIGHT}")
    # In a conversation of its own: what is said twice in one is a reason to offer a person.
    wrong = await say(house, token, await house.conversation(token), "my password is another-quiet-afternoon")
    assert right.status == wrong.status == 201
    assert RIGHT not in str(right.json)
    assert {key: right.json["message"][key] for key in ("state", "from")} == {
        key: wrong.json["message"][key] for key in ("state", "from")
    }
    assert right.json.keys() == wrong.json.keys()
    assert await found(house) == ["persons-password"]
    person = (await house.ask("GET", "/api/v1/session", None, token)).json["principal"]["id"]
    assert await alarms(house) == [("credential-misplaced", person)]
    entries = {one.id: one async for _, one in house.node.services.audit.read()}
    (told,) = [one for one in entries.values() if one.event == "credential:misplaced"]
    assert (told.actor, told.decision, entries[told.cause].event) == (person, "deny", "message:received")
    assert RIGHT not in str(list(entries.values()))


async def test_only_ones_own_password_is_tried_and_only_what_looks_like_one(house: House) -> None:
    await arrive(house, "bert", "berts-own-quiet-evening")
    token = await arrive(house)
    conversation = await house.conversation(token)
    await say(house, token, conversation, "my password is berts-own-quiet-evening")
    await say(house, token, conversation, RIGHT)  # nothing says that this is one
    assert await found(house) == []


async def test_a_chat_is_no_place_to_guess(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await arrive(house)
    conversation = await house.conversation(token)
    tried: list[str] = []
    own = house.node.services.identity.is_own_password

    async def counted(person: str, password: str) -> bool:
        tried.append(password)
        return await own(person, password)

    monkeypatch.setattr(house.node.services.identity, "is_own_password", counted)
    for at in range(TRIES.burst + 3):
        await say(house, token, conversation, f"my password is number-{at}-of-many")
        await house.node.services.misplaced.settled()
    assert len(tried) == TRIES.burst
    house.clock.advance(TRIES.interval)
    await say(house, token, conversation, f"my password is {RIGHT}")
    assert await found(house) == ["persons-password"]


@pytest.mark.parametrize("bot", ["helpdesk", "watched"])
async def test_a_token_in_a_chat_reaches_no_bot_and_is_told_of(house: House, bot: str) -> None:
    token = await arrive(house)
    secret = (await Bot.added(house)).secret
    conversation = await house.conversation(token, bot)
    for text in (f"it is {secret}", f"and {token}"):
        told = await say(house, token, conversation, text)
        assert told.status == 201
        assert secret not in str(told.json)
    assert sorted(await found(house)) == ["bot-secret", "session-token"]
    opened = await house.node.services.conversations.access(
        (await house.node.services.sessions.authenticate(token, house.clock.now())).principal,
        conversation,
        house.clock.now(),
    )
    screened = house.node.services.gateway.screening.message(opened, f"it is {secret}", 99, house.clock.now())
    assert secret not in screened.bot_text
    assert secret not in house.node.services.gateway.screening.history(opened, f"it is {secret}", house.clock.now())
    assert secret not in repr(screened)


async def test_a_visitor_has_no_password_to_type(house: House) -> None:
    token = await house.visitor()
    await say(house, token, await house.conversation(token), f"my password is {RIGHT}")
    assert await found(house) == []


# -- files of connectors


async def test_a_file_of_a_connector_with_a_credential_of_ours_is_told_of(house: House, tmp_path: Path) -> None:
    token = await arrive(house)
    texts = {"token": token, "pair": f"anna:{RIGHT}", "own": "sk-live-123456"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text + "\n")
        (tmp_path / name).chmod(0o600)
    bots = {name: BotConfig(name, "openai", credential_file=Path(name)) for name in (*texts, "absent")}
    bots["asks"] = BotConfig("asks", "openai", token=TokenConfig(secret_file=Path("token")))
    told = await house.node.services.misplaced.in_files(bots, tmp_path, house.clock.now())
    assert told == [
        ("token", "credential_file", "session-token"),
        ("pair", "credential_file", "persons-password"),
        ("asks", "token.secret_file", "session-token"),
    ]
    assert await found(house) == ["session-token", "persons-password", "session-token"]
    assert ("credential-misplaced", "control") in await alarms(house)
    assert credential_files(bots["asks"]) == [("token.secret_file", Path("token"))]


def test_a_field_that_is_no_pair_stays_what_it_is() -> None:
    assert misplaced._plain("Bearer abc") == "Bearer abc"
