"""What a home does as time passes, beside its requests."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import cast

import pytest

from chatwarden import __version__
from chatwarden.audit.model import Event
from chatwarden.audit.witness import Witnesses
from chatwarden.clock import DAY, MINUTE
from chatwarden.errors import CannotRun
from chatwarden.outgoing import Outgoing
from tests.world.gateway import NotReady, command, running
from tests.world.house import House, Open, at_home
from tests.world.keepers import end_keeper, until
from tests.world.witness import witnessing

CARD = "card 4111 1111 1111 1111"


def test_property_6_state_rollback_an_older_copy_of_the_key_ring_is_refused(tmp_path: Path) -> None:
    """It would bring back what was destroyed since."""
    home = tmp_path / "home"
    with running(home) as gateway:
        token = gateway.visitor()
        talk = gateway.conversation(token)
        said = [gateway.say(token, talk, text).json["message"]["id"] for text in ("one", "two")]
        gateway.stop()
        shutil.copy(home / "keys" / "ring", tmp_path / "older")
    with running(home) as gateway:
        path = f"/api/v1/conversations/{talk}/messages"
        assert gateway.call("DELETE", f"{path}/{said[0]}", None, token).status == 200
        gateway.stop()
    shutil.copy(home / "keys" / "ring", tmp_path / "right")
    shutil.copy(tmp_path / "older", home / "keys" / "ring")
    with pytest.raises(NotReady, match=r"older copy of it\nhint: put HOME/keys/ring back"):
        running(home).__enter__()
    (home / "keys" / "ring").unlink()
    with pytest.raises(NotReady, match="not the one of this record"):
        running(home).__enter__()
    shutil.copy(tmp_path / "right", home / "keys" / "ring")
    with running(home) as gateway:
        texts = [
            m.get("text") for m in gateway.call("GET", path, None, token).json["messages"] if m["from"] == "client"
        ]
        assert texts == [None, "two"]
    (home / "keys" / "ring").unlink()
    command("init", "--accept-ring", "--home", str(home), "--config", str(gateway.config))
    with running(home) as gateway:  # given up, and said so
        texts = [
            m.get("text") for m in gateway.call("GET", path, None, token).json["messages"] if m["from"] == "client"
        ]
        assert texts == [None, None]


async def test_readiness_says_where_strict_messages_do_not_reach_their_level(open_house: Open) -> None:
    async with open_house() as house:
        await house.node.watch_keeper()
        assert (await house.ask("GET", "/readyz")).json == {"status": "ready"}
        house.node.holder.level = "memory cannot be locked"
        told = (await house.ask("GET", "/readyz")).json
        assert told == {"status": "ready", "note": "E3 not available: memory cannot be locked"}


async def test_a_keeper_that_ended_is_replaced_and_what_it_took_is_buried(open_house: Open) -> None:
    async with open_house() as house:
        token = await house.visitor()
        talk = (await house.ask("POST", "/api/v1/conversations", {"bot": "helpdesk"}, token)).json["id"]
        path = f"/api/v1/conversations/{talk}/messages"
        await house.ask("POST", path, {"text": CARD}, token)
        await house.node.watch_keeper()
        states = [m["state"] for m in (await house.ask("GET", path, None, token)).json["messages"]]
        assert states[0] == "live"
        end_keeper(house.node.holder._folder.parent)
        await until(lambda: not house.node.holder.connected)
        await house.node.watch_keeper()
        states = [m["state"] for m in (await house.ask("GET", path, None, token)).json["messages"]]
        assert states[0] == "destroyed"


async def test_from_the_receipt_on_an_older_copy_of_the_ring_is_known_for_one(open_house: Open, tmp_path: Path) -> None:
    """No sweep has to come between: the copy is from right before the destruction, the crash is right after it."""
    async with open_house() as house:
        token = await house.visitor()
        path = f"/api/v1/conversations/{await house.conversation(token)}/messages"
        said = (await house.ask("POST", path, {"text": "one"}, token)).json["message"]["id"]
        await house.node.note_ring(0)
        older = (tmp_path / "home" / "keys" / "ring").read_bytes()
        assert (await house.ask("DELETE", f"{path}/{said}", None, token)).status == 200
        for name in ("crashed", "as-it-was-left"):
            shutil.copytree(tmp_path / "home", tmp_path / name, ignore=lambda *_: ["run"])
    async with at_home(tmp_path / "as-it-was-left"):
        pass  # nothing to object to
    (tmp_path / "crashed" / "keys" / "ring").write_bytes(older)
    with pytest.raises(CannotRun, match="older copy"):
        async with at_home(tmp_path / "crashed"):
            pass


async def test_receipts_say_where_strict_messages_do_not_reach_their_level(open_house: Open) -> None:
    async with open_house() as house:
        token = await house.visitor()
        path = f"/api/v1/conversations/{await house.conversation(token)}/messages"

        async def said(text: str) -> str:
            name: str = (await house.ask("POST", path, {"text": text}, token)).json["message"]["id"]
            return name

        cards = [await said(CARD) for _ in range(3)]
        plain = await said("hello")
        held = await house.ask("DELETE", f"{path}/{cards[0]}", None, token)
        assert "note" not in held.json
        house.node.holder.level = "memory cannot be locked"
        receipts = [(await house.ask("DELETE", f"{path}/{one}", None, token)).json for one in (cards[1], plain)]
        note = "E3 not available: memory cannot be locked"
        assert [receipt.get("note") for receipt in receipts] == [note, None]
        house.clock.advance(DAY)
        await house.node.sweep()
        noted = {e.object: e.note async for _, e in house.node.services.audit.read() if e.event == "message:destroyed"}
        assert [noted[one] for one in (*cards, plain)] == ["", note, note, ""]


async def test_a_row_that_expired_is_in_neither_file_of_the_database_after_the_sweep(
    open_house: Open, tmp_path: Path
) -> None:
    files = [tmp_path / "home" / "data" / name for name in ("chatwarden.db", "chatwarden.db-wal")]
    async with open_house() as house:
        token = await house.visitor()
        path = f"/api/v1/conversations/{await house.conversation(token)}/messages"
        assert (await house.ask("POST", path, {"text": CARD}, token)).status == 201
        house.clock.advance(14 * MINUTE)
        await house.node.sweep()  # what is done every five minutes is done now
        found = await house.node.database.fetch("SELECT payload FROM messages ORDER BY seq")
        card, *others = [cast("bytes", row[0]) for row in found]
        for row in (card, *others):
            assert any(row in file.read_bytes() for file in files)  # the test can see
        house.clock.advance(MINUTE)
        await house.node.sweep()
        assert not any(card in file.read_bytes() for file in files)
        assert await house.node.database.fetch("SELECT payload FROM messages WHERE page >= 4294967296") == []


async def test_a_witness_that_saw_more_than_there_is_raises_an_alarm_and_an_entry(
    open_house: Open, tmp_path: Path
) -> None:
    """Whoever put the whole home back can forge all of it but what the witness remembers."""
    async with open_house() as house:
        node = house.node
        await house.visitor()
        assert await node.integrate() == ""
        folder = node.tree.folder
        assert folder is not None
        (tmp_path / "witness").mkdir()
        (tmp_path / "witness" / "latest").write_text(f"999 {base64.b64encode(bytes(32)).decode()}\n")
        with witnessing(tmp_path / "witness", str(folder.vkey)) as witness:
            node.witnesses = Witnesses([witness.configured], Outgoing().fetch, node._refused_by_witness)
            for _ in range(2):
                await node.witness()
        entries = [e async for _, e in node.services.audit.read() if e.event == "witness:refused"]
        assert [(e.object, e.reason, e.decision) for e in entries] == [("witness.example", "rollback", "deny")]


async def test_a_log_that_is_damaged_is_told_once_and_messages_go_on(open_house: Open, tmp_path: Path) -> None:
    async with open_house() as house:
        await house.visitor()
        assert await house.node.integrate() == ""
        shutil.copytree(tmp_path / "home" / "audit", tmp_path / "earlier")
        await house.visitor()
        assert await house.node.integrate() == ""
    shutil.rmtree(tmp_path / "home" / "audit")
    shutil.copytree(tmp_path / "earlier", tmp_path / "home" / "audit")
    async with open_house() as house:
        for _ in range(2):
            assert "an earlier one was put back" in await house.node.integrate()
        entries = [e async for _, e in house.node.services.audit.read() if e.event == "audit:damaged"]
        assert len(entries) == 1
        assert "the log is damaged" in (await house.ask("GET", "/readyz")).json["note"]
        await house.conversation(await house.visitor())


async def test_the_acts_of_the_gateway_itself_are_recorded_with_its_version(house: House) -> None:
    acts = (Event.GATEWAY_STARTED, Event.GATEWAY_RELOADED, Event.GATEWAY_STOPPED)
    for act in acts:
        await house.node.record(act)
    log = [e async for _, e in house.node.services.audit.read() if e.event in acts]
    assert [(e.event, e.lane, e.reason) for e in log] == [(act, "system", __version__) for act in acts]
