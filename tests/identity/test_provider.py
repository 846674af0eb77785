"""The provider over a database: what it grants is on record first, what it took back stays back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.world.forge import Signer, claims
from tests.world.outside import ORDERS, SITE, STOCK, TOML, US, Outside

from chatwarden.audit.service import AuditLog
from chatwarden.clock import DAY, MINUTE, SECOND, ManualClock
from chatwarden.config.home import Home
from chatwarden.config.model import OAuthConfig
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError, NotAccepted
from chatwarden.identity.grants import Behalf, NotGranted
from chatwarden.identity.keys import from_pem
from chatwarden.identity.provider import Provider
from chatwarden.storage.model import Database, StorageFailed

NOW = ManualClock().now()
CONFIG = parse(TOML)
ORDER = CONFIG.clients["orders"]


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
async def provider(tmp_path: Path, database: Database, outside: Outside) -> Provider:
    home = Home(tmp_path / "home")
    home.prepare()
    outside.settle(home.path)
    return Provider.over(home, CONFIG, database, AuditLog(database))


async def issued(provider: Provider, now: int = NOW, behalf: Behalf | None = None) -> str:
    told = await provider.access_token(ORDER, issuer=US, service=STOCK, rights=None, behalf=behalf, now=now)
    token: str = told["access_token"]
    return token


async def test_what_is_issued_is_ones_own_until_it_is_over_or_taken_back(provider: Provider) -> None:
    first, second = await issued(provider), await issued(provider)
    shown = await provider.own(first, US, NOW)
    assert (shown.subject, shown.claims["aud"]) == ("orders", STOCK)
    await provider.revoke(shown, NOW, actor="client:orders")
    with pytest.raises(NotAccepted, match="revoked"):
        await provider.own(first, US, NOW)
    assert (await provider.own(second, US, NOW)).id != shown.id
    with pytest.raises(NotAccepted, match="expired"):
        await provider.own(second, US, NOW + 5 * MINUTE)
    with pytest.raises(NotAccepted, match="issuer"):
        await provider.own(second, "https://other.example", NOW)


async def test_a_token_that_is_not_on_record_is_not_given(provider: Provider, database: Database) -> None:
    await issued(provider)  # the key is there
    await database.close()
    with pytest.raises(StorageFailed):
        await issued(provider)


async def test_a_session_that_ends_this_second_gives_no_token(provider: Provider) -> None:
    behalf = Behalf("usr_1", "ses_1", (), ("password",), NOW, NOW + SECOND - 1)
    with pytest.raises(NotGranted) as refused:
        await issued(provider, behalf=behalf)
    assert refused.value.error == "invalid_grant"


async def test_what_is_not_ours_is_not_ones_own(provider: Provider, outside: Outside) -> None:
    sound = {**claims(US, STOCK, NOW // SECOND), "client_id": "orders"}
    for token, reason in (
        (outside.robot.token(sound, typ="at+jwt"), "unknown-key"),
        (outside.robot.token({**sound, "client_id": "nobody"}), "unknown-client"),
        (outside.robot.token({**sound, "client_id": SITE}), "unknown-client"),
        ("x", "malformed"),
    ):
        with pytest.raises(NotAccepted) as refused:
            await provider.own(token, US, NOW)
        assert refused.value.reason == reason
    await issued(provider)
    with pytest.raises(NotAccepted, match="signature"):
        await provider.own(outside.robot.token(sound, typ="at+jwt", alg="EdDSA"), US, NOW)


async def test_a_token_for_a_service_that_was_taken_from_the_client_counts_no_more(provider: Provider) -> None:
    token = await issued(provider)
    less = replace(CONFIG, clients={"orders": replace(ORDER, audiences=(ORDERS,))})
    assert provider.reconfigure(less) == []
    with pytest.raises(NotAccepted, match="audience"):
        await provider.own(token, US, NOW)


async def test_an_assertion_shows_a_client_once(provider: Provider, outside: Outside) -> None:
    token = outside.client_assertion(US, NOW // SECOND)["client_assertion"]
    assert (await provider.assertion_of(token, (US,), NOW)).actor == "client:robot"
    with pytest.raises(NotAccepted, match="replayed"):
        await provider.assertion_of(token, (US,), NOW)


async def test_an_assertion_shows_a_visitor_once(provider: Provider, outside: Outside) -> None:
    token = outside.assertion(US, NOW // SECOND)
    party, user = await provider.visitor_of(token, US, NOW)
    assert (party.actor, user.name) == ("site:shop", "shop+c-1042")
    with pytest.raises(NotAccepted, match="replayed"):
        await provider.visitor_of(token, US, NOW)


async def test_one_of_several_keys_of_a_party_shows_it_once(provider: Provider) -> None:
    old, new = Signer.fresh(), Signer.fresh("ES256")
    keys = [from_pem(one.public_pem) for one in (new, old)]

    async def shown(signer: Signer, name: str = "bin_1", **more: object) -> int:
        token = signer.token({**claims("bin_1", US, NOW // SECOND), **more})
        return (await provider.shown(token, "bot_1", name, keys, (US,), NOW))[0]

    assert (await shown(new), await shown(old)) == (0, 1)
    for signer, more, reason in (
        (Signer.fresh(), {}, "algorithm"),
        (Signer.fresh("ES256"), {}, "algorithm"),
        (new, {"aud": "https://other.example.org"}, "audience"),
        (new, {"sub": "bin_2"}, "subject"),
        (new, {"iss": "bin_2"}, "issuer"),
    ):
        with pytest.raises(NotAccepted) as refused:
            await shown(signer, **more)
        assert refused.value.reason in {reason, "signature"}
    token = new.token(claims("bin_1", US, NOW // SECOND))
    await provider.shown(token, "bot_1", "bin_1", keys, (US,), NOW)
    with pytest.raises(NotAccepted, match="replayed"):
        await provider.shown(token, "bot_1", "bin_1", keys, (US,), NOW)
    with pytest.raises(NotAccepted, match="unknown-client"):
        await provider.shown(token, "", "bin_1", [], (US,), NOW)


async def test_one_id_serves_one_purpose(provider: Provider, outside: Outside) -> None:
    """The same id cannot show the website itself and a visitor: they share the memory of what was used."""
    itself = outside.shop.token(claims(SITE, US, NOW // SECOND, jti="one"))
    await provider.assertion_of(itself, (US,), NOW)
    with pytest.raises(NotAccepted, match="replayed"):
        await provider.visitor_of(outside.assertion(US, NOW // SECOND, jti="one"), US, NOW)


async def test_a_refusal_is_on_record_with_its_reason(provider: Provider, database: Database) -> None:
    await provider.refused("expired", NOW, actor="client:orders")
    log = [entry async for _, entry in AuditLog(database).read()]
    assert [(e.event, e.actor, e.decision, e.reason) for e in log] == [
        ("token:refused", "client:orders", "deny", "expired")
    ]


async def test_of_what_no_honest_program_makes_the_administrators_are_told(provider: Provider) -> None:
    told: list[tuple[str, str]] = []
    provider.tell = lambda _tx, event, user_id, _now: told.append((event, user_id))
    for reason in ("expired", "signature", "unknown-key", "replayed"):
        await provider.refused(reason, NOW, actor="client:orders")
    assert told == [("hostile-token", "")] * 2


async def test_another_algorithm_and_age_are_taken_over(provider: Provider) -> None:
    await issued(provider)
    provider.reconfigure(replace(CONFIG, oauth=OAuthConfig("ES256", DAY)))
    assert [key["alg"] for key in await provider.keys.published(NOW)] == ["ES256", "EdDSA"]
    await provider.tend(NOW + DAY + SECOND)
    assert len(await provider.keys.published(NOW + DAY + SECOND)) == 2  # a new one by age; the first is over


async def test_a_file_that_cannot_be_used_stops_a_start(tmp_path: Path, database: Database) -> None:
    with pytest.raises(ConfigurationError):
        Provider.over(Home(tmp_path), CONFIG, database, AuditLog(database))
