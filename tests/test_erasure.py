"""What is wanted gone: whoever asks, the law's word first, and nothing is opened that need not be."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatwarden.audit.checkpoint import check_proof
from chatwarden.audit.folder import Folder
from chatwarden.audit.model import Detail, Event, Lane
from chatwarden.audit.prove import prove
from chatwarden.clock import DAY, HOUR, MINUTE
from chatwarden.conversations.model import Conversation
from chatwarden.erasure import By, Kept
from chatwarden.errors import Forbidden, NotFound
from chatwarden.storage.model import StorageFailed, Transaction
from chatwarden.storage.sqlite import SqliteDatabase
from chatwarden.web import operations
from tests.world.gateway import command
from tests.world.golang import check_log
from tests.world.house import HEAD, House, Open
from tests.world.keepers import end_keeper
from tests.world.search import forms, where

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


async def test_what_grants_is_refused_without_the_log_and_what_takes_away_happens_at_once(open_house: Open) -> None:
    """The database cannot be written: nobody gets in, nothing is sent, and yet a message and a session end."""
    async with open_house() as house:
        services = house.node.services
        talk, [gone, stays] = await said(house, "first", "second")
        token = await house.visitor()
        with house_without_a_log(house):
            assert (await house.ask("POST", "/api/v1/session", {})).status == 503
            assert (await house.ask("POST", "/api/v1/conversations", {"bot": "helpdesk"}, token)).status == 503
            with pytest.raises(StorageFailed):
                await services.erasure.message(talk, gone, house.clock.now(), BY)
            left = [m.text for m in await services.conversations.since(talk, 0, 9, house.clock.now())]
            assert left[0] != "first"
            assert (await house.ask("DELETE", "/api/v1/session", None, token)).status in {200, 204}
            assert (await house.ask("GET", "/api/v1/session", None, token)).status == 401
            entries = [e async for _, e in services.audit.read() if e.object == gone and e.event == "message:destroyed"]
            assert entries == []
        await house.node.sweep()
        entries = [e async for _, e in services.audit.read() if e.object == gone and e.event == "message:destroyed"]
        assert [(e.late, e.actor) for e in entries] == [(True, "vis_1")]
        assert [e.late async for _, e in services.audit.read() if e.event == "session:ended"] == [True]
        states = {m.id: m.state for m in await services.conversations.since(talk, 0, 9, house.clock.now())}
        assert (states[gone].value, states[stays].value) == ("destroyed", "live")


@contextmanager
def house_without_a_log(house: House) -> Iterator[None]:
    """Its database refuses every unit, as one that lost its disk does; what is there can be read."""
    database = house.node.database
    assert isinstance(database, SqliteDatabase)
    database._writer.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        database._writer.execute("PRAGMA query_only = OFF")


async def test_the_erasure_of_a_person_leaves_the_tree_and_old_proofs_valid_and_nothing_readable(
    open_house: Open, tmp_path: Path
) -> None:
    canary = "Rosalind-Canary-7431"
    home = tmp_path / "home"
    async with open_house() as house:
        services = house.node.services
        shown = await operations.run(
            services, "user.add", {"name": "ada", "role": "customer", "password": "nine green lamps at noon"}
        )
        assert isinstance(shown, dict)
        ada = shown["user"]["id"]
        tx = Transaction()
        entry = services.audit.append(
            tx, Event.BOT_FAILED, lane=Lane.BOT, actor="bot_1", at=house.clock.now(), act=[ada],
            detail=Detail(ada, {"path": f"/orders/{canary}"}),
        )  # fmt: skip
        await house.node.database.commit(tx)
        found = [(index - 1, e) async for index, e in services.audit.read() if e.id == entry]
        index, noted = found[0]
        assert await services.audit.detail(noted) == {"path": f"/orders/{canary}"}
        assert await house.node.integrate() == ""
        (folder,) = [Folder(one) for one in (home / "audit").iterdir()]
        proof, leaf = prove(folder, index)
        before = folder.read("checkpoint") or b""
        (tmp_path / "control").write_text(f"plain {canary}")
        assert where(tmp_path / "control", forms(canary)) != []  # what is there is found
        await operations.run(services, "erase", {"user": "ada"})
        assert await services.audit.detail(noted) is None
        assert await house.node.integrate() == ""
        erased = [e async for _, e in services.audit.read() if e.event == "audit:details-erased"]
        assert [(e.object, e.late) for e in erased] == [(ada, True)]
        vkey = folder.vkey
        assert vkey is not None
        assert check_proof(str(proof).encode(), leaf, vkey).size > index
    assert where(home, forms(canary)) == []
    (tmp_path / "before").write_bytes(before)
    assert check_log(folder.path, tmp_path / "before").ok
    said = command("audit", "verify", "--json", "--home", str(home))
    assert '"ok":true' in said.stdout
