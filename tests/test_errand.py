"""The road of an errand, with every part real: bot accounts, sessions, record, broker process and application."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatwarden.bots.turns import LIFETIME
from chatwarden.broker import wire
from chatwarden.classes import DataClass
from chatwarden.clock import DAY, MINUTE, SECOND, Instant
from chatwarden.conversations.model import Conversation
from chatwarden.errand import proved_ago
from chatwarden.screening import Screening
from chatwarden.sessions.model import EndReason, Why
from tests.journeys.test_broker import processes
from tests.world import orders
from tests.world.errand_house import Scene, scene
from tests.world.orders import OrdersApp


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrdersApp]:
    with orders.started(tmp_path_factory.mktemp("orders")) as started:
        yield started


@pytest.fixture
async def shop(tmp_path: Path, app: OrdersApp) -> AsyncIterator[Scene]:
    async with scene(tmp_path / "home", app) as made:
        await made.add()
        yield made


async def reasons(shop: Scene) -> list[str]:
    return [one.reason for one in await shop.entries("broker:refused")]


async def test_what_is_granted_is_asked_and_on_record_before_and_after(shop: Scene) -> None:
    await shop.grant("/me")
    told = await shop.ask()
    assert (told.status, told.json) == (200, {"account": "fleet-bot", "person": None})
    assert told.headers["content-security-policy"].endswith("sandbox")
    (called,), (answered,) = await shop.entries("broker:called"), await shop.entries("broker:answered")
    assert (called.cause, answered.cause) == ("aud_cause", called.id)
    assert called.act == answered.act == (shop.session.principal.id,)
    audit = shop.house.node.services.audit
    detail = await audit.detail(called)
    assert detail is not None
    assert (detail["method"], detail["path"]) == ("GET", "/me")
    assert await audit.detail(answered) == {"status": "200"}


async def test_the_caller_learns_nothing_of_why(shop: Scene) -> None:
    await shop.grant("/me", person_right="orders:all")
    services, now = shop.house.node.services, shop.house.clock.now()
    told = [
        await shop.ask("/broker/orders/orders"),
        await shop.ask("/broker/nothing/me"),
        await shop.ask("/broker/orders/me"),
        await shop.ask(turn="cwt_" + "0" * 64),
        await shop.ask("/broker/orders/me", "DELETE"),
    ]
    assert {(one.status, one.body) for one in told} == {(403, told[0].body)}
    assert await reasons(shop) == ["path", "no-grant", "person-right", "turn", "method"]
    assert shop.app.seen("/orders") == []
    refused = await shop.entries("broker:refused")
    assert [one.resource for one in refused] == ["app:orders", "", "app:orders", "app:orders", "app:orders"]
    await services.sessions.end(shop.session, EndReason.REVOKED, now, actor="test")


async def test_every_condition_of_the_person_and_the_moment_counts(shop: Scene) -> None:
    await shop.grant("/me", step_up=300)
    services = shop.house.node.services
    assert (await shop.ask()).status == 200
    # Another bot's turn, though the person is the same.
    other = await services.conversations.find(await shop.house.conversation(shop.session_token, "other"))
    turn = shop.errands.turns.issue(shop.session.principal, other.id, shop.session.id, shop.house.clock.now())
    assert (await shop.ask(turn=turn)).status == 403
    # Five minutes later the proof is not fresh any more.
    shop.house.clock.advance(4 * MINUTE)
    turn, token = shop.turn, shop.token
    assert (await shop.ask(turn=turn)).status == 200
    shop.house.clock.advance(MINUTE - SECOND)
    services.sessions.touch(shop.session, shop.house.clock.now())
    assert (await shop.ask(turn=turn)).status == 200
    shop.session.authenticated_at -= 2 * SECOND
    assert (await shop.ask(turn=turn)).status == 403
    shop.session.authenticated_at = shop.house.clock.now()
    # The level of the bot, at once and for tokens that are out.
    await services.administration.set_level("shop", "none", shop.house.clock.now(), actor="test")
    assert (await shop.ask(turn=turn)).status == 403
    await services.administration.set_level("shop", "sales", shop.house.clock.now(), actor="test")
    # A person who is being asked whether it is them.
    services.sessions.ask(shop.session, Why.INTERVAL, shop.house.clock.now())
    assert (await shop.ask(turn=turn)).status == 403
    services.sessions.confirm(shop.session, shop.house.clock.now())
    assert (await shop.ask(turn=turn, token=token)).status == 200
    assert await reasons(shop) == ["turn", "step-up", "right", "session"]
    shop.house.clock.advance(LIFETIME)
    assert (await shop.ask(turn=turn)).status == 401  # the bot's own five minutes are over too


async def test_a_person_freshens_their_proof_within_the_session_and_the_bot_may_ask_again(shop: Scene) -> None:
    await shop.grant("/me", step_up=60)
    assert (await shop.ask()).status == 200
    shop.house.clock.advance(61 * SECOND)
    assert (await shop.ask()).status == 403
    wanted = {"operation": "applications"}
    told = await shop.house.ask("POST", "/api/v1/step-up", wanted, shop.session_token)
    assert (told.status, told.problem) == (401, "step-up-required")
    answer = f"/api/v1/challenges/{told.json['challenge']['id']}/answer"
    assert (await shop.house.ask("POST", answer, {"answer": "wrong"}, shop.session_token)).status == 401
    assert (await shop.ask()).status == 403
    assert (await shop.house.ask("POST", answer, {"answer": "tandem-velvet-orchid"}, shop.session_token)).status == 200
    assert (await shop.ask()).status == 200
    assert (await shop.house.ask("POST", "/api/v1/step-up", wanted, shop.session_token)).status == 200
    shop.house.clock.advance(61 * SECOND)
    assert (await shop.ask()).status == 403
    told = await shop.house.ask("POST", "/api/v1/step-up", wanted, shop.session_token)
    assert told.problem == "step-up-required"  # the answer before counts no more


async def test_only_its_person_is_told_that_a_fresh_proof_is_all_that_is_missing(shop: Scene) -> None:
    hub = shop.house.node.services.hub
    own, other = hub.listen(shop.conversation.id, shop.session.id), hub.listen(shop.conversation.id, "ses_other")
    await shop.grant("/me", step_up=60)
    shop.house.clock.advance(61 * SECOND)
    await shop.ask("/broker/orders/orders")  # not granted at all
    assert own.queue.empty()
    assert (await shop.ask()).json["type"].endswith(":forbidden")
    event = own.queue.get_nowait()
    assert event is not None
    assert (event.name, json.loads(event.data)) == (
        "step-up", {"conversation": shop.conversation.id, "operation": "applications", "application": "orders"}
    )  # fmt: skip
    assert own.queue.empty()
    assert other.queue.empty()


async def test_who_never_proved_anything_has_no_fresh_proof(shop: Scene) -> None:
    now = shop.house.clock.now()
    assert proved_ago(shop.session, now) == 0
    visitor, _ = await shop.house.node.services.sessions.visitor(now)
    assert proved_ago(visitor, now + DAY) is None
    shop.session.factors = ("issued",)
    assert proved_ago(shop.session, now) is None


async def test_a_rate_is_charged_only_for_what_is_allowed(shop: Scene) -> None:
    await shop.grant("/me", rate="1/m burst 2")
    for _ in range(3):
        assert (await shop.ask("/broker/orders/orders")).status == 403
    assert [(await shop.ask()).status for _ in range(3)] == [200, 200, 429]
    shop.house.clock.advance(MINUTE)
    assert (await shop.ask()).status == 200
    assert (await reasons(shop))[-1] == "rate"


async def test_values_go_out_for_placeholders_of_granted_classes_only(shop: Scene) -> None:
    await shop.grant("/orders/*/contact", "/orders", methods=["GET", "PUT"], classes=["email"])
    await shop.ask("/broker/orders/orders")
    name = next(
        word for word in (await shop.say("Please use jane.roe@example.net now")).split() if word.startswith("[")
    )
    assert name.startswith("[email-")
    told = await shop.ask("/broker/orders/orders/A-1/contact", "PUT", {"email": name})
    assert told.status == 404  # no such order; but it was asked
    called = (await shop.entries("broker:called"))[-1]
    assert called.reason == "email"
    # A class that was not granted, a name that stands for nothing: refused, and nothing was asked.
    phone = next(
        word
        for word in (await shop.say("Call me at +49 30 901820 then")).split("then")[0].split()
        if word.startswith("[")
    )
    before = len(shop.app.seen())
    assert (await shop.ask("/broker/orders/orders/A-1/contact", "PUT", {"email": phone})).status == 403
    assert (await shop.ask("/broker/orders/orders/A-1/contact", "PUT", {"email": "[email-999]"})).status == 403
    assert len(shop.app.seen()) == before
    assert await reasons(shop) == ["class", "placeholder"]


async def test_a_value_is_put_in_only_for_its_own_conversation(shop: Scene) -> None:
    await shop.grant("/orders", methods=["GET"], classes=["email"])
    name = next(word for word in (await shop.say("I am jane.roe@example.net")).split() if word.startswith("["))
    assert (await shop.ask(f"/broker/orders/orders?who=%5B{name[1:-1]}%5D")).status == 200
    assert shop.app.seen("/orders")[-1]["path"] == "/orders?who=jane.roe%40example.net"
    services = shop.house.node.services
    other = await services.conversations.find(await shop.house.conversation(await shop.house.visitor(), "shop"))
    stranger = await services.sessions.authenticate(await shop.house.visitor(), shop.house.clock.now())
    turn = shop.errands.turns.issue(stranger.principal, other.id, stranger.id, shop.house.clock.now())
    assert (await shop.ask(f"/broker/orders/orders?who=%5B{name[1:-1]}%5D", turn=turn)).status == 403
    assert await reasons(shop) == ["placeholder"]


async def test_a_value_cannot_lead_a_path_elsewhere(shop: Scene) -> None:
    """A person may call themselves what they like: what is put into a path is judged again, as a path."""
    await shop.grant("/orders/*", classes=["url", "email", "person-name"])
    name = next(
        word for word in (await shop.say("I am jane/..@example.net or jane@example.net")).split() if "[" in word
    )
    told = await shop.ask(f"/broker/orders/orders/%5B{name.strip('[].,')}%5D")
    assert told.status in {403, 404}
    assert not [one for one in shop.app.seen("/orders/") if "/.." in one["path"] or "%2f" in one["path"].lower()]


async def test_personal_data_of_an_answer_is_hidden_and_what_the_grant_lets_pass_is_not(shop: Scene) -> None:
    await shop.grant("/orders")
    hidden = await shop.ask("/broker/orders/orders")
    assert hidden.status == 200
    assert "ada.byron@example.org" not in hidden.body.decode()
    assert [one["status"] for one in hidden.json] == ["sent", "paid"]  # still JSON
    assert [one["total"] for one in hidden.json] == [118.5, 118.5]
    for grant in list(shop.errands.applications.grants):
        await shop.run("app.ungrant", id=grant.id)
    await shop.grant("/orders", classes=["email"])
    assert "ada.byron@example.org" in (await shop.ask("/broker/orders/orders")).body.decode()


async def test_a_body_that_cannot_be_looked_into_is_not_sent(shop: Scene) -> None:
    await shop.grant("/orders/*", methods=["PUT"])
    before = len(shop.app.seen())
    for media, body in (
        ("application/octet-stream", b"x"), ("application/json", b"{"), ("multipart/form-data", b"x"),
        ("application/json; charset=utf-16", b"{}"), ("application/json", b'{"a": 1, "_m\\u0065thod": "DELETE"}'),
        ("application/x-www-form-urlencoded", b"a=1&_method=DELETE"), ("application/x-www-form-urlencoded", b".method=DELETE"),
    ):  # fmt: skip
        assert (await shop.ask("/broker/orders/orders/1", "PUT", body, **{"content-type": media})).status == 403
    assert len(shop.app.seen()) == before


async def test_a_session_that_ends_takes_its_lease_and_its_question_with_it(shop: Scene) -> None:
    await shop.grant("/slow", "/me")
    services = shop.house.node.services
    assert (await shop.ask()).status == 200
    asking = asyncio.create_task(shop.ask("/broker/orders/slow"))
    async with asyncio.timeout(20):
        while len(await shop.entries("broker:called")) < 2:  # noqa: ASYNC110  the log has no event for it
            await asyncio.sleep(0.01)
    (lease,) = shop.errands.leases.all()
    await services.sessions.end(shop.session, EndReason.REVOKED, shop.house.clock.now(), actor="test")
    assert (await asyncio.wait_for(asking, 5)).status == 403  # the application takes ten seconds
    assert shop.errands.leases.all() == []
    await shop.house.node.watch_broker()
    (ended,) = await shop.entries("lease:ended")
    assert (ended.object, ended.reason, ended.late) == (lease.id, "revoked", True)
    assert (await shop.entries("broker:answered"))[-1].reason == "session-ended"
    assert (await shop.ask(turn="cwt_" + "1" * 64)).status == 403


async def test_without_a_broker_or_an_application_nothing_goes_on(shop: Scene, tmp_path: Path) -> None:
    await shop.grant("/me")
    assert (await shop.ask()).status == 200
    (broker,) = processes(tmp_path / "home")
    (tmp_path / "home" / "broker" / "key").rename(tmp_path / "key")
    (tmp_path / "home" / "broker" / "key").mkdir()
    os.kill(broker, signal.SIGKILL)
    told = await shop.ask()
    assert (told.status, told.problem) == (503, "unavailable")
    assert (await shop.entries("broker:answered"))[-1].reason == "broker-gone"


async def test_an_application_that_fails_is_told_in_one_way(shop: Scene, app: OrdersApp) -> None:
    await shop.grant("/me")
    service = shop.errands.applications
    known = await service.known()
    assert set(known) == {"orders"}
    with orders.started(app.journal.parent / "second") as second:
        shop.app, url = second, second.url
        await shop.add(name="second", credential=second.accounts["fleet-bot"]["token"])
        await shop.grant("/me", application="second")
        assert (await shop.ask("/broker/second/me")).status == 200
    told = await shop.ask("/broker/second/me")
    assert (told.status, told.problem) == (502, "unavailable")
    assert url.rpartition(":")[2] not in told.body.decode()
    assert (await shop.entries("broker:answered"))[-1].reason in {"unreachable", "truncated"}


async def test_a_grant_holds_for_the_place_at_which_the_application_stood(shop: Scene) -> None:
    await shop.grant("/me")
    grants = shop.errands.applications.grants
    grants[0] = replace(grants[0], origin="https://elsewhere.example:443")
    assert (await shop.ask()).status == 403
    assert await reasons(shop) == ["origin"]
    assert json.dumps((await shop.run("app.drift"))["drift"]).count("no such application stands at") == 1


async def test_a_grant_that_is_taken_away_in_the_middle_gives_nothing_back(
    shop: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, broker = await shop.grant("/me"), shop.errands.broker
    asked = broker.ask

    async def taken_away(question: wire.Question, *args: Any, **more: Any) -> tuple[wire.Answered, bytes]:
        told = await asked(question, *args, **more)
        if isinstance(question, wire.Call):
            await shop.run("app.ungrant", id=grant)
        return told

    monkeypatch.setattr(broker, "ask", taken_away)
    told = await shop.ask()
    assert (told.status, told.problem) == (403, "forbidden")
    assert (await shop.entries("broker:answered"))[-1].reason == "grant-removed"


async def test_strangers_do_not_fill_the_log(shop: Scene) -> None:
    for _ in range(30):
        told = await shop.ask(token="cwb_" + "0" * 64)
        assert (told.status, told.problem) == (401, "invalid-token")
    assert await reasons(shop) == ["bot-token unknown-token"] * 20
    assert (await shop.ask()).status == 403  # who is known is heard all the same
    assert (await reasons(shop))[-1] == "no-grant"


async def test_a_bot_that_is_refused_again_and_again_does_not_fill_the_log_and_nothing_is_left_out(shop: Scene) -> None:
    await shop.grant("/me", rate="1/1h")
    for _ in range(30):
        assert (await shop.ask("/broker/orders/orders")).status == 403
    assert (await shop.ask()).status == 200  # what is allowed goes on
    for _ in range(5):
        assert (await shop.ask()).status == 429
    assert await reasons(shop) == ["path"] * 20
    await shop.house.node.sweep()
    assert len(await reasons(shop)) == 20
    shop.house.clock.advance(MINUTE)
    await shop.house.node.sweep()
    refused = await shop.entries("broker:refused")
    assert refused[-1].reason == "and 15 more: 10 path, 5 rate"
    assert (refused[-1].act, refused[-1].decision, len(refused)) == ((shop.session.principal.id,), "deny", 21)


async def test_a_bot_asks_an_application_for_so_many_things_at_the_same_time_and_no_more(shop: Scene) -> None:
    await shop.grant("/slow", "/me")
    shop.errands.at_once = 2
    asking = [asyncio.create_task(shop.ask("/broker/orders/slow")) for _ in range(2)]
    async with asyncio.timeout(20):
        while len(await shop.entries("broker:called")) < 2:  # noqa: ASYNC110  the log has no event for it
            await asyncio.sleep(0.01)
    told = await shop.ask()
    assert (told.status, told.problem, told.headers["retry-after"]) == (429, "too-many-requests", "1")
    assert await reasons(shop) == ["at-once"]
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    assert (await shop.ask()).status == 200  # who went away holds no place


async def test_an_answer_is_given_back_as_the_kind_that_was_looked_into_and_nothing_else(
    shop: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.grant("/me")
    ask = shop.errands.broker.ask

    async def typed(question: wire.Question, *args: Any, **more: Any) -> tuple[wire.Answered, bytes]:
        told, data = await ask(question, *args, **more)
        told.headers = [("content-type", "application/ada.byron@example.org+json; card=4111111111111111")]
        return told, data

    monkeypatch.setattr(shop.errands.broker, "ask", typed)
    told = await shop.ask()
    assert (told.status, told.headers["content-type"]) == (200, "application/json")


async def test_what_a_name_further_out_says_of_a_text_counts(shop: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.grant("/me")
    ask = shop.errands.broker.ask

    async def nested(question: wire.Question, *args: Any, **more: Any) -> tuple[wire.Answered, bytes]:
        told, data = await ask(question, *args, **more)
        return told, b'{"password": {"value": "hunter2-of-ada"}, "note": "hello there"}' if data else data

    monkeypatch.setattr(shop.errands.broker, "ask", nested)
    told = await shop.ask()
    assert "hunter2" not in told.body.decode()
    assert told.json["note"] == "hello there"


async def test_an_answer_with_very_many_texts_keeps_nobody_else_waiting(
    shop: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.grant("/me")
    asked, fetched, turns = shop.errands.broker.ask, Screening.fetched, [0]
    looked: list[int] = []

    async def many(question: wire.Question, *args: Any, **more: Any) -> tuple[wire.Answered, bytes]:
        told, data = await asked(question, *args, **more)
        return told, json.dumps([f"text {at}" for at in range(200)]).encode() if data else data

    def counted(
        self: Screening, conversation: Conversation, text: str, passes: Collection[DataClass], now: Instant,
        names: Sequence[str] = (),
    ) -> str:  # fmt: skip
        looked.append(turns[0])
        return fetched(self, conversation, text, passes, now, names)

    async def others() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(shop.errands.broker, "ask", many)
    monkeypatch.setattr(Screening, "fetched", counted)
    waiting = asyncio.create_task(others())
    told = await shop.ask()
    waiting.cancel()
    assert told.json[-1] == "text 199"
    assert max(looked.count(turn) for turn in looked) <= 20
