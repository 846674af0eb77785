"""Accounts are made, rotated, stopped and swept, on each engine; what is over is over for its tokens too."""

from __future__ import annotations

from typing import Any

import pytest
from tests.bots.accounts.conftest import NOW, Place

from chatwarden.bots.accounts.model import Method, State
from chatwarden.clock import DAY, HOUR, SECOND
from chatwarden.config.model import AccountsConfig
from chatwarden.errors import Conflict, InvalidRequest, NotAccepted, NotFound


async def rotate(place: Place, label: str = "", *, overlap: int = HOUR, now: int = NOW, **more: Any) -> Any:
    return await place.administration.rotate(
        "helpdesk", label, now, life=90 * DAY, overlap=overlap, actor="control", **more
    )


async def switch(place: Place, label: str | None, *, enabled: bool, now: int = NOW) -> None:
    await place.administration.set_enabled("helpdesk", label, now, enabled=enabled, actor="control")


async def test_the_first_instance_makes_the_account_and_the_next_joins_it(place: Place) -> None:
    first, second = await place.add(), await place.add(label="second", key=b"PEM", plain=True)
    (account,) = await place.administration.all()
    assert first.account.id == second.account.id == account.id
    assert [(one.label, one.plain, one.credentials[0].method) for one in account.instances] == [
        ("main", False, Method.SECRET), ("second", True, Method.KEY),
    ]  # fmt: skip
    assert (first.secret[:4], second.secret) == ("cwk_", "")
    assert [one[0] for one in await place.log()] == ["bot:added", "bot:instance-added", "bot:instance-added"]


async def test_a_bot_has_one_level_and_a_label_once(place: Place) -> None:
    await place.add()
    with pytest.raises(Conflict, match="has an instance main already"):
        await place.add()
    with pytest.raises(Conflict, match="has the access level reader"):
        await place.administration.add("helpdesk", "clerk", NOW, life=DAY, label="two", actor="control")
    with pytest.raises(InvalidRequest, match="small letters"):
        await place.add(label="Not So")
    for life in (0, 401 * DAY):
        with pytest.raises(InvalidRequest, match="at most"):
            await place.add(label="two", life=life)


async def test_while_it_is_rotated_both_credentials_count_each_by_itself(place: Place) -> None:
    old = await place.add()
    before = await place.sign_in(old, 0)
    new = await rotate(place)
    assert new.instance.id == old.instance.id
    after = await place.sign_in(new, 0)
    await place.accounts.caller(before, NOW)
    await place.accounts.caller(after, NOW)
    soon = NOW + HOUR - SECOND
    late = await place.sign_in(old, 1, soon)
    await place.accounts.caller(late, soon)
    assert await place.why_not(late, NOW + HOUR) == "expired"
    with pytest.raises(NotAccepted, match="wrong-secret"):
        await place.sign_in(old, 2, NOW + HOUR)
    assert await place.sign_in(new, 1, NOW + HOUR)


async def test_without_overlap_the_old_one_is_dead_at_once(place: Place) -> None:
    old = await place.add()
    token = await place.sign_in(old, 0)
    await rotate(place, overlap=0)
    assert await place.why_not(token) == "unknown-token"
    with pytest.raises(NotAccepted, match="wrong-secret"):
        await place.sign_in(old, 1)


async def test_a_locked_instance_comes_back_by_another_credential_and_by_nothing_else(place: Place) -> None:
    old = await place.add()
    with pytest.raises(NotAccepted, match="generation-ahead"):
        await place.sign_in(old, 9)
    with pytest.raises(Conflict, match="only another credential unlocks it"):
        await switch(place, "main", enabled=True)
    await switch(place, None, enabled=True)  # the account was never disabled
    with pytest.raises(NotAccepted, match="locked"):
        await place.sign_in(old, 0)
    new = await rotate(place, overlap=HOUR)
    assert await place.sign_in(new, 0)
    with pytest.raises(NotAccepted, match="wrong-secret"):  # whoever copied it gets no hour
        await place.sign_in(old, 0)


async def test_a_key_is_replaced_by_a_key_and_a_secret_by_a_secret(place: Place) -> None:
    await place.add()
    await place.add(label="keyed", key=b"one")
    with pytest.raises(InvalidRequest, match="a secret: leave"):
        await rotate(place, "main", key=b"two")
    with pytest.raises(InvalidRequest, match="a key: give"):
        await rotate(place, "keyed")
    with pytest.raises(InvalidRequest, match="several instances"):
        await rotate(place)
    with pytest.raises(NotFound, match="no instance third"):
        await rotate(place, "third")
    await rotate(place, "keyed", key=b"two")
    (keyed,) = [one for one in (await place.administration.find("helpdesk")).instances if one.label == "keyed"]
    proved = await place.accounts.keys(keyed.id, NOW)
    assert [one.credential.material for one in proved] == [b"two", b"one"]


@pytest.mark.parametrize("label", [None, "main"])
async def test_what_is_disabled_is_dead_at_once_and_its_tokens_do_not_come_back(
    place: Place, label: str | None
) -> None:
    issued = await place.add()
    token = await place.sign_in(issued, 0)
    await switch(place, label, enabled=False)
    assert await place.why_not(token) == "unknown-token"
    with pytest.raises(NotAccepted, match="disabled"):
        await place.sign_in(issued, 1)
    await switch(place, label, enabled=True)
    assert await place.why_not(token) == "unknown-token"
    assert await place.sign_in(issued, 1)


async def test_a_bot_without_an_account_is_told_apart_from_one_with(place: Place) -> None:
    with pytest.raises(NotFound, match="has no account: chatwarden bot add helpdesk"):
        await place.administration.find("helpdesk")


async def test_what_nobody_uses_is_disabled_and_told(place: Place) -> None:
    used, unused = await place.add(), await place.add(label="second")
    await place.sign_in(used, 0, NOW + DAY)
    await place.administration.tend(NOW + 30 * DAY)
    states = {one.label: (one.state, one.reason) for one in (await place.administration.find("helpdesk")).instances}
    assert states == {"main": (State.ENABLED, ""), "second": (State.DISABLED, "unused")}
    assert place.told == [("bot-unused", unused.account.id)]
    await switch(place, "second", enabled=True, now=NOW + 30 * DAY)
    await place.administration.tend(NOW + 30 * DAY + HOUR)  # it gets its time anew
    assert (await place.administration.find("helpdesk")).instances[1].state is State.ENABLED
    place.administration.config = AccountsConfig(unused_after=0)
    await place.administration.tend(NOW + 89 * DAY)
    assert all(one.state is State.ENABLED for one in (await place.administration.find("helpdesk")).instances)


async def test_what_runs_out_is_told_once_ahead_and_goes(place: Place) -> None:
    issued = await place.add()
    place.administration.config = AccountsConfig(unused_after=0)
    for _ in range(2):
        await place.administration.tend(NOW + 76 * DAY)
    assert place.told == [("bot-expiring", issued.account.id)]
    token = await place.sign_in(issued, 0, NOW + 90 * DAY - SECOND)
    await place.administration.tend(NOW + 90 * DAY)
    (instance,) = (await place.administration.find("helpdesk")).instances
    assert instance.credentials == ()
    assert await place.why_not(token, NOW + 90 * DAY) == "unknown-token"
    assert (await place.log())[-1] == ("bot:credential-ended", issued.instance.id, "secret 1")
    new = await rotate(place, now=NOW + 91 * DAY)  # and it comes back
    assert await place.sign_in(new, 0, NOW + 91 * DAY)


async def test_a_disabled_account_is_neither_swept_nor_told_of(place: Place) -> None:
    await place.add()
    await switch(place, None, enabled=False)
    await place.administration.tend(NOW + 89 * DAY)
    assert place.told == []
