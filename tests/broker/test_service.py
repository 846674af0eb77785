"""The broker's service against the example application: what is kept, asked, cleaned and taken back."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from tests.broker.conftest import oauth
from tests.world import upstream as world
from tests.world.orders import OrdersApp
from tests.world.upstream import Asked, Upstream, Writer, serving, whole

from chatwarden.broker import echo
from chatwarden.broker.service import Service
from chatwarden.broker.sign_in.model import Shown
from chatwarden.broker.vault import Kept
from chatwarden.broker.wire import (
    GIVEN,
    HEAD_MAX,
    Add,
    Answered,
    Application,
    Call,
    End,
    Hello,
    Lease,
    Leases,
    Remove,
    Rotate,
    framed,
)
from chatwarden.clock import MINUTE, SECOND, ManualClock


def call(target: str = "/me", lease: str = "lea_1", **more: object) -> Call:
    fields: dict[str, object] = {"method": "GET", "session": "ses_1", "bot": "bot_1", "application": "orders", **more}
    return Call(target=target, lease=lease, **fields)  # type: ignore[arg-type]


async def added(service: Service, app: OrdersApp, application: Application | None = None, secret: str = "") -> Answered:
    told, _ = await service.answer(
        Add(application=application or oauth(app)), (secret or app.accounts["shop-bot"]["secret"]).encode()
    )
    return told


def by_key(app: OrdersApp, check: str = "/me") -> Application:
    return Application(name="orders", url=app.url, sign_in="bearer", private=True, check=check)


async def test_what_was_added_is_asked_under_a_lease_that_is_signed_in_once(service: Service, app: OrdersApp) -> None:
    assert (await added(service, app)).failed == ""
    before = len(app.seen("/oauth/token"))
    for _ in range(3):
        told, body = await service.answer(call(), b"")
        assert (told.status, json.loads(body)) == (200, {"account": "shop-bot", "person": None})
        assert [name for name, _ in told.headers] == ["content-type"]
    assert len(app.seen("/oauth/token")) == before + 1
    await asyncio.gather(*(service.answer(call(lease="lea_2"), b"") for _ in range(5)))
    assert len(app.seen("/oauth/token")) == before + 2  # those that come at once share one sign-in


async def test_nothing_is_kept_that_does_not_work(service: Service, app: OrdersApp) -> None:
    assert (
        await added(service, app, secret="a wrong secret")
    ).failed == "the application does not accept it: invalid_client"
    nowhere = msgspec.structs.replace(oauth(app), token_url="http://127.0.0.1:9/token")
    assert (await added(service, app, nowhere)).failed == "the address for signing in cannot be used: unreachable"
    no_way_back = msgspec.structs.replace(oauth(app), revoke_url=f"{app.url}/me")
    assert "cannot be taken back" in (await added(service, app, no_way_back)).failed
    token = app.accounts["fleet-bot"]["token"]
    assert "answers 401" in (await added(service, app, by_key(app), "a-wrong-token")).failed
    assert "answers 404" in (await added(service, app, by_key(app, "/nothing"), token)).failed
    assert "printable" in (await added(service, app, by_key(app), "umläute-im-token")).failed
    assert (await service.answer(Hello(), b""))[0].applications == []


async def test_a_path_that_answers_everybody_proves_nothing(service: Service, app: OrdersApp) -> None:
    async with serving(whole(b"{}")) as server:
        application = msgspec.structs.replace(by_key(app), url=f"http://127.0.0.1:{server.port}")
        assert "nothing is proved by it" in (await added(service, app, application, "a-token-of-it")).failed
        service.close()


async def test_another_credential_takes_over_only_when_it_works(service: Service, app: OrdersApp) -> None:
    await added(service, app)
    told, _ = await service.answer(Rotate(name="orders"), b"a wrong secret")
    assert told.failed
    told, _ = await service.answer(Hello(), b"")
    assert told.applications[0].generation == 1
    assert (await service.answer(call(), b""))[0].status == 200
    told, _ = await service.answer(Rotate(name="orders"), app.accounts["shop-bot"]["secret"].encode())
    assert told.applications[0].generation == 2
    assert (await service.answer(call(lease="lea_9"), b""))[0].status == 200


async def test_a_token_that_was_taken_back_over_there_is_replaced_once(service: Service, app: OrdersApp) -> None:
    await added(service, app)
    await service.answer(call(), b"")
    shown = service.leases.shown("lea_1", 0)
    assert shown is not None
    service.leases.hold(
        service.leases.listed()[0], replace(shown, header=("authorization", "Bearer otk_dead")), 0
    )  # fmt: skip
    assert (await service.answer(call(), b""))[0].status == 200


async def test_only_fields_that_belong_there_go_out(service: Service, app: OrdersApp) -> None:
    async with serving(whole(b"{}", status="401 Unauthorized")) as server:
        application = msgspec.structs.replace(by_key(app), url=f"http://127.0.0.1:{server.port}/base/")
        assert "does not accept" in (await added(service, app, application, "a-token-of-it")).failed
        server.asked.clear()
        service._kept["orders"] = Kept(application=application, secret="a-token-of-it")
        headers = [
            ("accept", "text/plain"), ("authorization", "Bearer of the bot"), ("cookie", "a=b"), ("host", "elsewhere"),
            ("x-http-method-override", "DELETE"), ("chatwarden-turn", "cwt_1"), ("connection", "x-secret"),
            ("transfer-encoding", "chunked"), ("x-forwarded-for", "1.2.3.4"),
        ]  # fmt: skip
        await service.answer(call("/a?b=1", headers=headers), b"")
        sent = server.asked[0]
        assert sent.path == "/base/a?b=1"
        assert sent.headers == {
            "host": f"127.0.0.1:{server.port}", "accept": "text/plain", "authorization": "Bearer a-token-of-it",
            "accept-encoding": "identity",
        }  # fmt: skip
        service.close()


async def test_an_ended_lease_is_taken_back_and_asks_nothing_more(
    service: Service, app: OrdersApp, clock: ManualClock, tmp_path: Path
) -> None:
    await added(service, app)
    await service.answer(call(), b"")
    before = len(app.seen("/oauth/revoke"))
    await service.answer(End(leases=["lea_1"]), b"")
    assert (await service.answer(call(), b""))[0].failed == "over"
    await service.tend()
    assert [one["status"] for one in app.seen("/oauth/revoke")][before:] == [200]
    told, _ = await service.answer(Leases(), b"")
    assert [one.state for one in told.leases] == ["revoked"]
    told, _ = await service.answer(Leases(told=["lea_1"]), b"")
    assert told.leases == []
    again = Service(tmp_path / "broker", clock, os.urandom, SECOND)
    assert (await again.answer(Hello(), b""))[0].applications[0].name == "orders"
    again.close()


async def test_what_is_removed_is_forgotten_once_its_leases_are_settled(
    service: Service, app: OrdersApp, tmp_path: Path
) -> None:
    await added(service, app)
    await service.answer(call(), b"")
    assert (await service.answer(Remove(name="orders"), b""))[0].failed == ""
    assert (await service.answer(Hello(), b""))[0].applications == []
    assert "there is no application" in (await service.answer(call(), b""))[0].failed
    assert (await added(service, app)).failed == "there is an application orders already"
    assert list((tmp_path / "broker").glob("*.app"))  # its credential is needed once more
    await service.tend()
    await service.tend()
    assert list((tmp_path / "broker").glob("*.app")) == []
    assert (await added(service, app)).failed == ""


async def test_a_person_who_goes_away_in_the_middle_leaves_no_unknown_token_behind(
    service: Service, app: OrdersApp
) -> None:
    await added(service, app)
    asking = asyncio.ensure_future(service.answer(call(), b""))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await asyncio.gather(*service._tasks)
    assert [one.state for one in service.leases.listed()] == ["open"]  # known, so that it can be taken back


async def test_where_nothing_can_be_taken_back_an_end_is_an_end(
    service: Service, app: OrdersApp, clock: ManualClock
) -> None:
    await added(service, app, msgspec.structs.replace(oauth(app), revoke_url=""))
    await service.answer(call(), b"")
    await service.answer(End(leases=["lea_1"]), b"")
    await service.tend()
    assert [one.state for one in service.leases.listed()] == ["revoked"]
    clock.advance(MINUTE)


@pytest.mark.parametrize("question", [Rotate(name="nothing"), Remove(name="nothing")])
async def test_what_is_not_there_is_told(service: Service, question: Rotate | Remove) -> None:
    assert (await service.answer(question, b"something-long"))[0].failed == "there is no application nothing"


async def test_a_credential_that_is_no_text_is_refused(service: Service, app: OrdersApp) -> None:
    assert (await service.answer(Add(application=oauth(app)), b"\xff\xfe"))[0].failed == "a credential is text"


async def test_two_that_hear_of_one_dead_token_lose_no_living_one(service: Service, app: OrdersApp) -> None:
    """The second one hears it when the first has a new token already, which must be taken back in the end too."""
    fresh, late = asyncio.Event(), asyncio.Event()
    live = json.dumps({"access_token": "otk_live", "token_type": "Bearer"}).encode()

    async def behave(_: Upstream, asked: Asked, writer: Writer) -> None:
        dead = asked.headers.get("authorization") == "Bearer otk_dead"
        if asked.path == "/token":
            writer.write(world.head("application/json", len(live)) + live)
        elif asked.path == "/late" and dead:
            late.set()
            await fresh.wait()
        if asked.path != "/token":
            writer.write(world.head("text/plain", 0, status="401 Unauthorized" if dead else "200 OK"))
        await writer.drain()

    async with serving(behave) as server:
        url = f"http://127.0.0.1:{server.port}"
        application = msgspec.structs.replace(oauth(app), url=url, token_url=f"{url}/token", revoke_url="")
        service._kept["orders"] = Kept(application=application, secret="a-secret-of-it")
        shown = Shown(("authorization", "Bearer otk_dead"), ("otk_dead",), "otk_dead", 2**62)
        lease = Lease(id="lea_1", application="orders", session="ses_1", bot="bot_1", opened_at=0)
        service.leases.hold(lease, shown, 0)
        second = asyncio.ensure_future(service.answer(call("/late"), b""))
        await late.wait()
        assert (await service.answer(call("/soon"), b""))[0].status == 200
        fresh.set()
        assert (await second)[0].status == 200
        assert [one.path for one in server.asked].count("/token") == 1
        service.close()


async def test_an_application_that_is_slow_makes_no_other_ones_tokens_wait(service: Service, app: OrdersApp) -> None:
    await added(service, app)
    async with serving(world.never_answers) as tar:
        slow = msgspec.structs.replace(oauth(app), name="aaa", revoke_url=f"http://127.0.0.1:{tar.port}/revoke")
        service._kept["aaa"] = Kept(application=slow, secret="a-secret-of-it")
        shown = Shown(("authorization", "Bearer otk_slow"), ("otk_slow",), "otk_slow", 2**62)
        lease = Lease(id="lea_0", application="aaa", session="ses_0", bot="bot_1", opened_at=0)
        service.leases.hold(lease, shown, 0)
        await service.answer(End(leases=["lea_0"]), b"")
        first = asyncio.ensure_future(service.tend())
        await tar.begun.wait()
        await service.answer(call(), b"")
        await service.answer(End(leases=["lea_1"]), b"")
        await service.tend()
        assert [one.state for one in service.leases.listed()] == ["ending", "revoked"]
        assert len(tar.asked) == 1
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_the_authorities_of_many_applications_fit_into_a_list(service: Service, app: OrdersApp) -> None:
    for number in range(8):
        made = msgspec.structs.replace(oauth(app), name=f"app-{number}", ca="x" * (HEAD_MAX // 4))
        service._kept[made.name] = Kept(application=made, secret="a-secret-of-it")
    told, _ = await service.answer(Hello(), b"")
    assert len(framed(told)) < HEAD_MAX
    assert {one.ca for one in told.applications} == {GIVEN}


async def test_an_answer_that_is_long_to_search_keeps_only_its_own_application_waiting(
    service: Service, app: OrdersApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    searching, go_on = threading.Semaphore(0), threading.Event()
    cleaned, entered = echo.cleaned, [0]

    def slow(data: bytes, wanted: Mapping[bytes, bool], alias: bytes) -> tuple[bytes, int]:
        if len(data) > 100_000:
            entered[0] += 1
            searching.release()
            assert go_on.wait(10)
        return cleaned(data, wanted, alias)

    monkeypatch.setattr(echo, "cleaned", slow)
    hostile = b'"' + b"%25" * 300_000 + b'"'
    async with serving(whole(hostile)) as server:
        far = Application(name="far", url=f"http://127.0.0.1:{server.port}", sign_in="bearer", private=True)
        service._kept["far"] = Kept(application=far, secret="a-secret-of-the-bot")
        await added(service, app)
        asking = [
            asyncio.ensure_future(service.answer(call(application="far", lease=f"lea_far_{one}"), b""))
            for one in (1, 2)
        ]
        assert await asyncio.to_thread(searching.acquire, timeout=30)
        assert (await service.answer(Hello(), b""))[0].failed == ""
        assert (await service.answer(call(), b""))[0].status == 200
        assert entered == [1]  # of one application one answer at a time
        go_on.set()
        for told, body in await asyncio.gather(*asking):
            assert (told.status, body) == (200, hostile)


async def test_a_credential_that_comes_back_is_taken_out_and_counted(service: Service) -> None:
    async with serving(whole(b'["a-secret-of-the-bot", "a-secret-of-the-bot"]')) as server:
        far = Application(name="far", url=f"http://127.0.0.1:{server.port}", sign_in="bearer", private=True)
        service._kept["far"] = Kept(application=far, secret="a-secret-of-the-bot")
        told, body = await service.answer(call(application="far"), b"")
        assert (told.echoes, body) == (2, b'["app:far", "app:far"]')
