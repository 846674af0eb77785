"""What is wanted gone: whoever asks, the law's word first, and nothing is opened that need not be."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from chatwarden.audit.model import Lane
from chatwarden.clock import DAY, HOUR, MINUTE
from chatwarden.conversations.model import Conversation
from chatwarden.erasure import By, Kept
from chatwarden.errors import Forbidden, NotFound
from chatwarden.storage.model import StorageFailed, Transaction
from tests.world.house import HEAD, House, Open
from tests.world.keepers import end_keeper

CARD = "4111 1111 1111 1111"
KEEP_CARDS = HEAD + '[bots.helpdesk.keep]\npayment-card = "6d"\n'
BY = By("vis_1", Lane.CLIENT)


async def said(house: House, *texts: str) -> tuple[Conversation, list[str]]:
    """A visitor's conversation, and the ids of what they said in it."""
    token = await house.visitor()
    talk = await house.conversation(token)
    ids = []
    for text in texts:
        told = await house.ask("POST", f"/api/v1/conversations/{talk}/messages", {"text": text}, token)
        ids.append(told.json["message"]["id"])
    return await house.node.services.conversations.find(talk), ids


async def test_a_class_that_the_law_wants_kept_is_kept_and_the_rest_goes(open_house: Open) -> None:
    async with open_house(KEEP_CARDS) as house:
        talk, [plain, card] = await said(house, "hello", f"card {CARD}")
        now = house.clock.now()
        erased = await house.node.services.erasure.everything(talk, now, BY)
        assert erased.kept == [Kept(card, now + 6 * DAY)]
        assert plain in {receipt.message for receipt in erased.receipts}
        with pytest.raises(Forbidden):
            await house.node.services.erasure.message(talk, card, now, BY)
        with pytest.raises(NotFound):
            await house.node.services.erasure.message(talk, plain, now, BY)
        house.clock.advance(6 * DAY)
        assert (await house.node.services.erasure.everything(talk, house.clock.now(), BY)).kept == []


async def test_without_a_keeper_what_is_strict_is_destroyed_all_the_same(house: House, tmp_path: Path) -> None:
    talk, [card] = await said(house, f"card {CARD}")
    assert end_keeper(tmp_path / "home", signal.SIGKILL)
    erased = await house.node.services.erasure.everything(talk, house.clock.now(), BY)
    assert card in {receipt.message for receipt in erased.receipts}


async def test_of_timers_that_come_at_once_the_earliest_end_stays(house: House) -> None:
    talk, [message] = await said(house, "hello")
    now, erasure = house.clock.now(), house.node.services.erasure
    wishes = [HOUR, 5 * MINUTE, DAY, 2 * MINUTE, 30 * MINUTE]
    first = await asyncio.gather(*(erasure.shorten(talk, message, wish, now, BY) for wish in wishes[:2]))
    then = [await erasure.shorten(talk, message, wish, now, BY) for wish in wishes[2:]]
    ends = [one.destroy_at for one in (*first, *then)]
    left = await house.node.services.conversations.message(talk, message, now)
    assert left.destroy_at == min(ends) == (now + 2 * MINUTE) // MINUTE * MINUTE
    assert left.text == "hello"


async def test_a_timer_loses_against_an_end_that_comes_meanwhile(house: House) -> None:
    talk, [message] = await said(house, "hello")
    now, services = house.clock.now(), house.node.services
    results = await asyncio.gather(
        services.erasure.shorten(talk, message, MINUTE, now, BY),
        services.erasure.message(talk, message, now, BY),
        return_exceptions=True,
    )
    if isinstance(
        results[1], NotFound
    ):  # the timer was first, and a new row took the place of the one that was looked at
        await services.erasure.message(talk, message, now, BY)
    with pytest.raises(NotFound):
        await services.conversations.message(talk, message, now)


async def test_what_cannot_be_noted_is_not_begun(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(_: Transaction) -> None:
        raise StorageFailed("full")

    erasure = house.node.services.erasure
    with monkeypatch.context() as disk:
        disk.setattr(house.node.database, "commit", refused)
        with pytest.raises(StorageFailed):
            await erasure.request("user", "usr_1", house.clock.now(), actor="control")
