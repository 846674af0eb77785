"""A token is fetched when it is needed, shared by who waits for it, and believed in its shape only."""

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.edge.conftest import make_pair
from tests.world import egress, lies, provider
from tests.world.upstream import serving, whole

from chatwarden.bots.bearer import ClientCredentials
from chatwarden.bots.model import BotFailed
from chatwarden.bots.upstream import Upstream
from chatwarden.config.home import write_private
from chatwarden.config.model import BotConfig, TokenConfig
from chatwarden.errors import ConfigurationError

CONFIG = TokenConfig(url="https://login.example/token", client="gate:way", scope="a b")


@dataclass
class Endpoint:
    """A provider's answers, one after the other; the last one stays. It waits while *closed*."""

    answers: list[bytes | BotFailed]
    asked: list[tuple[bytes, bytes, str]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def post(self, fields: bytes, body: bytes, content_type: str) -> bytes:
        self.asked.append((fields, body, content_type))
        await self.open.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BotFailed):
            raise answer
        return answer


def granted(token: str, life: object = 3600, kind: str = "Bearer") -> bytes:
    said = {"access_token": token, "token_type": kind, "expires_in": life}
    return json.dumps({name: value for name, value in said.items() if value is not None}).encode()


def client(*answers: bytes | BotFailed) -> tuple[ClientCredentials, Endpoint]:
    endpoint = Endpoint(list(answers))
    return ClientCredentials(CONFIG, "s%cret", endpoint.post), endpoint


async def test_it_is_asked_for_as_the_standard_says() -> None:
    credentials, endpoint = client(granted("t1"))
    assert await credentials.field() == b"authorization: Bearer t1\r\n"
    [(fields, body, content_type)] = endpoint.asked
    pair = base64.b64encode(b"gate%3Away:s%25cret").decode()
    assert fields.decode().split("\r\n") == [
        "content-type: application/x-www-form-urlencoded", "accept: application/json", f"authorization: Basic {pair}", "",
    ]  # fmt: skip
    assert body == b"grant_type=client_credentials&scope=a+b"
    assert content_type == "application/json"


@pytest.mark.parametrize(
    ("life", "fetched"), [(3600, 1), ("3600", 1), (None, 1), (10**9, 1), (0, 3), ("0", 3), (-5, 3)]
)
async def test_it_is_kept_while_it_lives_and_no_longer(life: object, fetched: int) -> None:
    credentials, endpoint = client(granted("t1", life))
    for _ in range(3):
        await credentials.field()
    assert len(endpoint.asked) == fetched


async def test_it_is_fetched_anew_when_the_bot_refused_it_or_the_secret_changed() -> None:
    credentials, endpoint = client(granted("t1"), granted("t2"), granted("t3"))
    assert b"t1" in await credentials.field()
    credentials.forget()
    assert b"t2" in await credentials.field()
    credentials.renew("other")
    assert b"t3" in await credentials.field()
    assert base64.b64encode(b"gate%3Away:other") in endpoint.asked[-1][0]


@asynccontextmanager
async def waiting(credentials: ClientCredentials, endpoint: Endpoint) -> AsyncIterator[list[asyncio.Task[bytes]]]:
    """Three questions that wait for one token, which comes at the end of the block."""
    endpoint.open.clear()
    tasks = [asyncio.ensure_future(credentials.field()) for _ in range(3)]
    while not endpoint.asked:  # noqa: ASYNC110  a turn of the loop, no time
        await asyncio.sleep(0)
    yield tasks
    endpoint.open.set()


async def test_who_waits_shares_one_fetch_and_who_leaves_does_not_take_it_away() -> None:
    credentials, endpoint = client(granted("t1"))
    async with waiting(credentials, endpoint) as (first, *others):
        first.cancel()
    assert await asyncio.gather(*others) == [b"authorization: Bearer t1\r\n"] * 2
    assert first.cancelled()
    assert len(endpoint.asked) == 1


async def test_who_waits_shares_a_failure_and_the_next_one_tries_again() -> None:
    credentials, endpoint = client(BotFailed("timeout"), granted("t1"))
    async with waiting(credentials, endpoint) as tasks:
        pass
    for failure in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(failure, BotFailed)
        assert (failure.reason, failure.detail) == ("token", "timeout")
    assert len(endpoint.asked) == 1
    assert await credentials.field() == b"authorization: Bearer t1\r\n"


async def test_a_fetch_ends_when_the_bot_is_let_go() -> None:
    credentials, endpoint = client(granted("t1"))
    async with waiting(credentials, endpoint) as tasks:
        credentials.close()
        assert all(
            isinstance(one, asyncio.CancelledError) for one in await asyncio.gather(*tasks, return_exceptions=True)
        )


@pytest.mark.parametrize(
    "lie",
    [
        b"",
        b"null",
        b"token",
        b"{}",
        b'{"access_token": "t1"}',
        granted(""),
        granted("two words"),
        granted("t1\r\nx-role: admin"),
        granted("\u00fc"),
        granted("t" * 16_385),
        granted("t1", kind="mac"),
        granted("t1", life="soon"),
        b'{"access_token": "\xff", "token_type": "Bearer"}',
        b"[" * 100_000,
    ],
)
async def test_what_is_no_token_is_never_shown_to_a_bot(lie: bytes) -> None:
    credentials, _ = client(lie)
    with pytest.raises(BotFailed) as failed:
        await credentials.field()
    assert (failed.value.reason, failed.value.detail) == ("token", "malformed")


# over the wire


def with_token(home: Path, url: str, endpoint: str, ca_file: Path | None = None) -> BotConfig:
    write_private(home / "secret", provider.SECRET.encode())
    token = TokenConfig(url=endpoint, client=provider.CLIENT, secret_file=Path("secret"), ca_file=ca_file)
    return replace(lies.quick(BotConfig("helper", "openai")), url=url, token=token)


async def asked_with_token(config: BotConfig, home: Path) -> None:
    client = Upstream(config, home, "/x")
    try:
        await lies.patiently(client.whole(b"", b"{}", "application/json"))
    finally:
        await client.close()


async def test_the_provider_has_an_authority_of_its_own_and_is_reached_by_the_same_way_out(tmp_path: Path) -> None:
    make_pair(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    identity = provider.Provider()
    async with (
        serving(identity, tls=tls) as server,
        serving(whole(b"[]")) as bot,
        egress.serving(hosts={"localhost": "127.0.0.1", "bot.example": "127.0.0.1"}) as proxy,
    ):
        endpoint = f"https://localhost:{server.port}/token"
        with pytest.raises(BotFailed, match="token: unreachable: tls"):
            await asked_with_token(with_token(tmp_path, bot.url, endpoint), tmp_path)
        assert (identity.given, bot.asked) == ([], [])
        around = with_token(tmp_path, f"http://bot.example:{bot.port}/v1", endpoint, ca_file=Path("cert.pem"))
        await asked_with_token(replace(around, egress_proxy=proxy.url), tmp_path)
        assert bot.asked[0].headers["authorization"] == f"Bearer {identity.given[0]}"
        assert [line.split()[0] for line in proxy.asked] == ["CONNECT", "POST"]


@pytest.mark.parametrize("lie", lies.PLAIN)
async def test_every_lie_of_a_provider_is_a_failure_and_the_bot_is_not_asked(tmp_path: Path, lie: str) -> None:
    behaviour, reason = lies.PLAIN[lie]
    async with serving(behaviour) as server, serving(whole(b"[]")) as bot:
        with pytest.raises(BotFailed) as failed:
            await asked_with_token(with_token(tmp_path, bot.url, f"http://127.0.0.1:{server.port}/token"), tmp_path)
        assert failed.value.reason == "token"
        assert failed.value.detail.startswith(reason)
        assert (len(server.asked), bot.asked) == (1, [])


async def test_a_reload_takes_the_new_secret_of_the_client_and_a_bad_one_changes_nothing(tmp_path: Path) -> None:
    identity = provider.Provider(life=0, secret="new")
    async with serving(identity) as server, serving(whole(b"[]")) as bot:
        client = Upstream(with_token(tmp_path, bot.url, f"http://127.0.0.1:{server.port}/token"), tmp_path, "/x")
        with pytest.raises(BotFailed, match="token: status: 401"):
            await client.whole(b"", b"{}", "application/json")
        write_private(tmp_path / "secret", b"two words")
        with pytest.raises(ConfigurationError, match="one key"):
            client.reload()
        write_private(tmp_path / "secret", b"new")
        client.reload()
        await client.whole(b"", b"{}", "application/json")
        assert len(bot.asked) == 1
        await client.close()
