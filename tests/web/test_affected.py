"""Whom something concerns, from the log."""

from __future__ import annotations

from typing import Any

import pytest

from chatwarden.clock import HOUR, SECOND, rfc3339
from chatwarden.errors import InvalidRequest
from tests.web.test_operations import RIGHT, run, say
from tests.world.house import House


async def person(house: House, name: str, *texts: str) -> str:
    """A person who said things; their conversation."""
    await run(house, "user.add", name=name, role="customer", password=RIGHT)
    token = (await house.ask("POST", "/api/v1/session", {"username": name, "password": RIGHT})).json["token"]
    talk = await house.conversation(token)
    for text in texts:
        assert (await say(house, token, talk, text)).status == 201
    return talk


async def affected(house: House, **args: object) -> dict[str, Any]:
    result: dict[str, Any] = await run(house, "audit.affected", **args)
    return result


def by_name(result: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one for one in result["persons"]}


async def test_an_export_concerns_its_person_with_all_that_was_still_there(house: House) -> None:
    await person(house, "anna", "card 4111 1111 1111 1111", "mail a@b.example")
    await person(house, "bert", "call +49 30 901820")
    house.clock.advance(HOUR)
    await house.node.sweep()
    house.clock.advance(SECOND)
    since = rfc3339(house.clock.now())
    await run(house, "export", user="anna")
    found = await affected(house, actor="control", **{"from": since})
    assert set(by_name(found)) == {"anna"}
    anna = by_name(found)["anna"]
    assert (anna["events"], anna["person"][:4]) == (["export:made"], "usr_")
    # A card lives for a quarter of an hour; it was gone when the export was made.
    assert anna["classes"] == found["classes"] == ["email"]


async def test_who_looked_at_conversations_concerns_those_whose_they_are(house: House) -> None:
    talks = [await person(house, name, "mail a@b.example") for name in ("anna", "bert", "cleo")]
    for talk in talks[:2]:
        await run(house, "audit.show", id=talk)
    found = await affected(house, event="conversation:shown")
    assert set(by_name(found)) == {"anna", "bert"}
    assert {one["conversations"] for one in found["persons"]} == {1}
    assert found["classes"] == ["email"]


async def test_a_span_concerns_whoever_did_something_in_it(house: House) -> None:
    await person(house, "anna", "hello")
    house.clock.advance(HOUR)
    middle = rfc3339(house.clock.now())
    house.clock.advance(HOUR)
    await person(house, "bert", "mail a@b.example")
    assert set(by_name(await affected(house, to=middle))) == {"anna"}
    assert set(by_name(await affected(house, **{"from": middle}))) == {"bert"}


async def test_a_visitor_is_a_pseudonym_and_has_no_name(house: House) -> None:
    token = await house.visitor()
    await say(house, token, await house.conversation(token), "mail a@b.example")
    (one,) = (await affected(house, lane="bot"))["persons"]
    assert (one["name"], one["person"][:4], one["classes"]) == (None, "vis_", ["email"])


async def test_of_everything_is_no_question(house: House) -> None:
    with pytest.raises(InvalidRequest, match="say of what"):
        await affected(house)
