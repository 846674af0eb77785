"""Our own keys: one signs, earlier ones are known as long as what they signed, none is found in a log."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import KeySet

from chatwarden.audit.model import Entry
from chatwarden.audit.service import AuditLog
from chatwarden.clock import DAY, MINUTE, SECOND, Instant, ManualClock
from chatwarden.errors import CannotRun, NotAccepted
from chatwarden.identity.jose import Expected, verified
from chatwarden.identity.keys import from_jwks
from chatwarden.identity.signing import LONGEST, SigningKeys
from chatwarden.storage.model import Database, StorageFailed

NOW = ManualClock().now()
US, SHOP = "https://chat.example.org", "https://shop.example.org"
EXPECTED = Expected(issuer=US, audiences=(SHOP,), longest=LONGEST, types=("at+jwt",))
Open = Callable[..., SigningKeys]


@pytest.fixture
def open_keys(tmp_path: Path, database: Database) -> Open:
    def opened(algorithm: str = "EdDSA") -> SigningKeys:
        return SigningKeys(tmp_path / "oauth", database, AuditLog(database), algorithm=algorithm, age=30 * DAY)

    return opened


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "oauth").iterdir())


async def signed(keys: SigningKeys, now: Instant = NOW) -> str:
    claims = {"iss": US, "aud": SHOP, "sub": "usr_1", "exp": (now + LONGEST) // SECOND}
    return await keys.sign(claims, typ="at+jwt", now=now)


async def published(keys: SigningKeys, now: Instant) -> list[dict[str, Any]]:
    return await keys.published(now)


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
async def test_what_is_signed_is_verified_with_what_is_published(open_keys: Open, algorithm: str) -> None:
    keys = open_keys(algorithm)
    token = await signed(keys)
    (jwk,) = await published(keys, NOW)
    assert (jwk["use"], jwk["alg"]) == ("sig", algorithm)
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(jwk)
    assert jwk["kid"] == KeySet.import_key_set({"keys": [jwk]}).keys[0].thumbprint()  # RFC 7638
    outside = from_jwks(json.dumps({"keys": [jwk]}).encode())
    assert verified(token, outside, EXPECTED, NOW).subject == "usr_1"
    assert verified(token, keys.public(NOW), EXPECTED, NOW).subject == "usr_1"


async def test_a_key_outlives_a_restart_and_only_its_owner_may_read_it(open_keys: Open, tmp_path: Path) -> None:
    token = await signed(open_keys())
    assert verified(token, open_keys().public(NOW), EXPECTED, NOW).subject == "usr_1"
    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_an_earlier_key_is_known_until_what_it_signed_is_over_and_then_its_file_is_gone(
    open_keys: Open, tmp_path: Path
) -> None:
    keys = open_keys()
    token = await signed(keys)
    first = (await published(keys, NOW))[0]["kid"]
    second = await keys.rotate(NOW + 1, actor="control")
    assert [jwk["kid"] for jwk in await published(keys, NOW + 1)] == [second, first]
    assert verified(token, keys.public(NOW + 2), EXPECTED, NOW + 2).subject == "usr_1"
    again = open_keys()  # a restart in between forgets nothing
    assert [jwk["kid"] for jwk in await published(again, NOW + LONGEST)] == [second, first]
    later = NOW + LONGEST + 5 * MINUTE + 1
    assert [jwk["kid"] for jwk in await published(again, later)] == [second]
    await again.tend(later - 1)
    assert len(files(tmp_path)) == 2
    await again.tend(later)
    assert len(files(tmp_path)) == 1


async def test_a_key_is_replaced_when_it_is_old(open_keys: Open, database: Database) -> None:
    keys = open_keys()
    first = (await keys.current(NOW)).kid
    assert (await keys.current(NOW + 30 * DAY - 1)).kid == first
    await keys.tend(NOW + 30 * DAY)
    second = (await keys.current(NOW + 30 * DAY)).kid
    assert second != first
    log = [e async for _, e in AuditLog(database).read()]
    assert [(e.event, e.object, e.reason, e.actor) for e in log] == [
        ("key:made", first, "first", "system"), ("key:made", second, "age", "system"),
    ]  # fmt: skip


async def test_another_algorithm_is_another_key(open_keys: Open) -> None:
    first = (await open_keys("EdDSA").current(NOW)).kid
    keys = open_keys("ES256")
    assert [jwk["alg"] for jwk in await published(keys, NOW)] == ["ES256", "EdDSA"]
    assert (await published(keys, NOW))[1]["kid"] == first


async def test_a_key_that_somebody_saw_is_worth_nothing_at_once(open_keys: Open, tmp_path: Path) -> None:
    keys = open_keys()
    token = await signed(keys)
    kid = await keys.rotate(NOW + 1, actor="control", forget=True)
    assert [jwk["kid"] for jwk in await published(keys, NOW + 1)] == [kid]
    assert len(files(tmp_path)) == 1
    with pytest.raises(NotAccepted, match="unknown-key"):
        verified(token, keys.public(NOW + 1), EXPECTED, NOW + 1)


async def test_two_keys_of_one_instant_keep_their_order(open_keys: Open) -> None:
    keys = open_keys()
    made = [await keys.rotate(NOW, actor="control") for _ in range(3)]
    assert [jwk["kid"] for jwk in await published(keys, NOW)] == made[::-1]
    assert [jwk["kid"] for jwk in await published(open_keys(), NOW)] == made[::-1]


async def test_nothing_is_made_before_it_is_needed(open_keys: Open, tmp_path: Path) -> None:
    keys = open_keys()
    await keys.tend(NOW)
    assert keys.public(NOW) == ()
    assert not (tmp_path / "oauth").exists()


@pytest.mark.parametrize("text", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
async def test_a_damaged_key_file_is_told_and_not_replaced(open_keys: Open, tmp_path: Path, text: bytes) -> None:
    await open_keys().current(NOW)
    (file,) = files(tmp_path)
    file.write_bytes(text)
    with pytest.raises(CannotRun, match=file.name):
        open_keys()


async def test_a_key_that_cannot_be_recorded_is_not_made(open_keys: Open, tmp_path: Path, database: Database) -> None:
    keys = open_keys()
    await database.close()
    with pytest.raises(StorageFailed):
        await keys.current(NOW)
    assert not (tmp_path / "oauth").exists()


async def test_the_log_names_keys_and_never_holds_one(open_keys: Open, tmp_path: Path, database: Database) -> None:
    await open_keys().current(NOW)
    log: list[Entry] = [e async for _, e in AuditLog(database).read()]
    (pem,) = [path.read_text() for path in files(tmp_path)]
    assert pem.splitlines()[1] not in str(log)
