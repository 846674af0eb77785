"""The rows of bots' accounts, on each engine: of two who change one thing at once, one wins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from chatwarden.bots.accounts import store
from chatwarden.bots.accounts.model import Account, Credential, Instance, Method, State
from chatwarden.clock import DAY, ManualClock
from chatwarden.storage.model import Database, Stale, Transaction

NOW = ManualClock().now()
CREDENTIAL = Credential(1, Method.SECRET, b"\x00\xff", 3, NOW, NOW + 90 * DAY)
INSTANCE = Instance("bin_1", "bot_1", "main", True, State.ENABLED, "", NOW, NOW, None, (CREDENTIAL,))
ACCOUNT = Account("bot_1", "helpdesk", "reader", State.ENABLED, NOW, (INSTANCE,))


async def do(database: Database, *acts: Callable[[Transaction], None]) -> None:
    tx = Transaction()
    for act in acts:
        act(tx)
    await database.commit(tx)


@pytest.fixture
async def kept(database: Database) -> Database:
    """With one account, one instance and one credential."""
    await do(
        database, lambda tx: store.add_account(tx, ACCOUNT), lambda tx: store.add_instance(tx, INSTANCE),
        lambda tx: store.add_credential(tx, "bin_1", CREDENTIAL),
    )  # fmt: skip
    return database


async def only(database: Database) -> Instance:
    found = await store.instance(database, "bin_1")
    assert found is not None
    return found[1]


async def test_what_was_written_is_read_back(kept: Database) -> None:
    assert await store.all_accounts(kept) == [ACCOUNT]
    assert await store.instance(kept, "bin_1") == (replace(ACCOUNT, instances=()), INSTANCE)
    assert await store.instance(kept, "bin_2") is None


async def test_a_bot_has_one_account_and_a_label_one_instance(kept: Database) -> None:
    with pytest.raises(Stale):
        await do(kept, lambda tx: store.add_account(tx, replace(ACCOUNT, id="bot_2")))
    with pytest.raises(Stale):
        await do(kept, lambda tx: store.add_instance(tx, replace(INSTANCE, id="bin_2")))
    with pytest.raises(Stale):
        await do(kept, lambda tx: store.add_credential(tx, "bin_1", CREDENTIAL))


async def test_of_many_sign_ins_with_one_generation_one_wins(kept: Database) -> None:
    results = await asyncio.gather(
        *(do(kept, lambda tx: store.advance(tx, "bin_1", CREDENTIAL, NOW + 1)) for _ in range(10)),
        return_exceptions=True,
    )
    assert results.count(None) == 1
    assert all(isinstance(one, Stale) for one in results if one is not None)
    (credential,) = (await only(kept)).credentials
    assert (credential.generation, credential.moved_at) == (4, NOW + 1)


async def test_a_token_is_read_with_all_that_it_rests_on(kept: Database) -> None:
    await do(kept, lambda tx: store.add_token(tx, b"hash", "bin_1", 1, 4, NOW + 5))
    shown = await store.token(kept, b"hash")
    assert shown == store.Shown(replace(ACCOUNT, instances=()), INSTANCE, 4, False, False, NOW + 5)
    assert shown.ends == NOW + 5
    assert shown._replace(expires_at=NOW + 100 * DAY).ends == NOW + 90 * DAY
    await do(kept, lambda tx: store.note_shown(tx, b"hash"))
    assert (await store.token(kept, b"hash") or shown).used
    assert await store.token(kept, b"other") is None
    await do(kept, lambda tx: store.remove_token(tx, b"hash"))
    assert await store.token(kept, b"hash") is None


async def test_a_lost_answer_is_replaced_only_while_nobody_showed_its_token(kept: Database) -> None:
    last = replace(CREDENTIAL, generation=4)
    assert not await store.last_is_unused(kept, INSTANCE, last)
    await do(kept, lambda tx: store.add_token(tx, b"one", "bin_1", 1, 4, NOW + 5))
    assert await store.last_is_unused(kept, INSTANCE, last)
    await do(kept, lambda tx: store.replace_last(tx, "bin_1", last))
    assert not await store.last_is_unused(kept, INSTANCE, last)
    with pytest.raises(Stale):  # what was replaced cannot be noted as shown any more
        await do(kept, lambda tx: store.note_shown(tx, b"one"))
    await do(
        kept, lambda tx: store.add_token(tx, b"two", "bin_1", 1, 4, NOW + 5), lambda tx: store.note_shown(tx, b"two")
    )
    with pytest.raises(Stale):
        await do(kept, lambda tx: store.replace_last(tx, "bin_1", last))


@pytest.mark.parametrize("stop", ["instance", "account"])
async def test_what_was_stopped_meanwhile_signs_nobody_in(kept: Database, stop: str) -> None:
    await do(kept, lambda tx: store.note_use(tx, INSTANCE, NOW + 1))
    assert (await only(kept)).used_at == NOW + 1
    if stop == "instance":
        await do(kept, lambda tx: store.set_state(tx, INSTANCE, State.DISABLED, "administrator"))
    else:
        await do(kept, lambda tx: store.set_account_state(tx, "bot_1", State.DISABLED))
    with pytest.raises(Stale):
        await do(kept, lambda tx: store.note_use(tx, INSTANCE, NOW + 2))


async def test_what_was_used_meanwhile_is_not_disabled_as_unused(kept: Database) -> None:
    await do(kept, lambda tx: store.note_use(tx, INSTANCE, NOW + 1))
    with pytest.raises(Stale):
        await do(kept, lambda tx: store.disable_if_still_unused(tx, INSTANCE))
    used = await only(kept)
    await do(kept, lambda tx: store.disable_if_still_unused(tx, used))
    assert ((await only(kept)).state, (await only(kept)).reason) == (State.DISABLED, "unused")
    await do(kept, lambda tx: store.restart_use(tx, "bin_1", NOW + 9))
    assert (await only(kept)).since == NOW + 9


async def test_what_is_over_goes_with_its_tokens(kept: Database) -> None:
    await do(
        kept, lambda tx: store.add_credential(tx, "bin_1", replace(CREDENTIAL, number=2)),
        lambda tx: store.add_token(tx, b"one", "bin_1", 1, 4, NOW + 5),
        lambda tx: store.add_token(tx, b"two", "bin_1", 2, 4, NOW + 6),
        lambda tx: store.note_warned(tx, "bin_1", 2),
        lambda tx: store.shorten(tx, "bin_1", NOW + 7),
    )  # fmt: skip
    assert [(one.warned, one.expires_at) for one in (await only(kept)).credentials] == [
        (False, NOW + 7),
        (True, NOW + 7),
    ]
    await do(kept, lambda tx: store.drop_credential(tx, "bin_1", 1))
    assert [one.number for one in (await only(kept)).credentials] == [2]
    assert await store.token(kept, b"one") is None
    await do(kept, lambda tx: store.forget_tokens(tx, NOW + 5))
    assert await store.token(kept, b"two") is not None
    await do(kept, lambda tx: store.end_tokens(tx, "bin_1"), lambda tx: store.set_level(tx, "bot_1", "clerk"))
    assert await store.token(kept, b"two") is None
    assert [one.level for one in await store.all_accounts(kept)] == ["clerk"]
