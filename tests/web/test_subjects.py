"""A person asks an administrator for their data, or for its end."""

from __future__ import annotations

from typing import Any

import pytest

from chatwarden.errors import NotFound
from tests.web.test_operations import RIGHT, run, say
from tests.world.house import HEAD, House, Open

LOGIN = {"username": "anna", "password": RIGHT}


async def entries(house: House, wanted: str) -> list[Any]:
    return [one["entry"] for one in (await run(house, "audit.show", id=wanted))["entries"]]


async def test_what_was_theirs_as_a_visitor_and_moved_at_login_is_erased_with_the_rest(house: House) -> None:
    await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    visitor = await house.visitor()
    before = await house.conversation(visitor)
    await say(house, visitor, before, "as a visitor")
    token = (await house.ask("POST", "/api/v1/session", LOGIN, visitor)).json["token"]
    await say(house, token, await house.conversation(token), "as anna")
    other = await house.visitor()
    theirs = await house.conversation(other)
    await say(house, other, theirs, "as somebody else")
    erased = await run(house, "erase", user="anna")
    assert {name: erased["summary"][name] for name in ("erased", "conversations", "destroyed", "kept")} == {
        "erased": "user", "conversations": 2, "destroyed": 4, "kept": 0
    }  # fmt: skip
    for conversation in [before, *(c["id"] for c in (await own(house, token)))]:
        page = (await house.ask("GET", f"/api/v1/conversations/{conversation}/messages", None, token)).json
        assert {message["destroyed"]["reason"] for message in page["messages"]} == {"erasure"}
    page = (await house.ask("GET", f"/api/v1/conversations/{theirs}/messages", None, other)).json
    assert {message["state"] for message in page["messages"]} == {"live"}


async def own(house: House, token: str) -> list[Any]:
    listed: list[Any] = (await house.ask("GET", "/api/v1/conversations", None, token)).json["conversations"]
    return listed


async def test_every_receipt_is_in_the_log_and_leads_to_the_request(house: House) -> None:
    token = await house.visitor()
    talk = await house.conversation(token)
    await say(house, token, talk, "hello")
    erased = await run(house, "erase", conversation=talk)
    summary = erased["summary"]
    [request] = await entries(house, summary["receipt"])
    assert (request["event"], request["object"], request["lane"]) == ("erasure:requested", talk, "staff")
    for receipt in erased["receipts"]:
        [entry] = await entries(house, receipt["receipt"])
        assert (entry["event"], entry["object"], entry["cause"], entry["reason"]) == (
            "message:destroyed", receipt["id"], summary["receipt"], "erasure"
        )  # fmt: skip
        about = await entries(house, receipt["id"])
        assert about[-1] == entry
        assert len(about) == 2  # how it came, and how it went
    with pytest.raises(NotFound):
        await run(house, "audit.show", id="aud_" + "0" * 32)


async def test_what_the_law_wants_kept_of_a_person_is_counted_and_named(open_house: Open) -> None:
    async with open_house(HEAD + '[bots.helpdesk]\n[bots.helpdesk.keep]\npayment-card = "6d"\n') as house:
        await run(house, "user.add", name="anna", role="customer", password=RIGHT)
        token = (await house.ask("POST", "/api/v1/session", LOGIN)).json["token"]
        talk = await house.conversation(token)
        kept = (await say(house, token, talk, "card 4111 1111 1111 1111")).json["message"]["id"]
        await say(house, token, talk, "hello")
        erased = await run(house, "erase", user="anna")
        assert [one["id"] for one in erased["kept"]] == [kept]
        assert (erased["summary"]["destroyed"], erased["summary"]["kept"]) == (3, 1)
        alone = await run(house, "erase", message=kept)
        assert (alone["receipts"], alone["kept"]) == ([], erased["kept"])


async def test_an_administrator_takes_a_persons_data_out_and_that_is_in_the_log(house: House) -> None:
    await run(house, "user.add", name="anna", role="customer", password=RIGHT, email="anna@mail.example")
    token = (await house.ask("POST", "/api/v1/session", LOGIN)).json["token"]
    await say(house, token, await house.conversation(token), "my card is 4111 1111 1111 1111")
    shown = await run(house, "export", user="anna")
    assert (shown["account"]["name"], shown["account"]["told_at"], shown["complete"]) == (
        "anna", "anna@mail.example", True
    )  # fmt: skip
    assert shown["conversations"][0]["messages"][0]["text"] == "my card is 4111 1111 1111 1111"
    made = [entry for entry in await entries(house, shown["account"]["id"]) if entry["event"] == "export:made"]
    assert [(entry["actor"], entry["lane"]) for entry in made] == [("control", "staff")]
    with pytest.raises(NotFound):
        await run(house, "export", user="nobody")
