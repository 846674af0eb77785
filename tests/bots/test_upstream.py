"""One bot's HTTP: what is sent, what is believed, and over which TLS."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.world import egress
from tests.world import upstream as world
from tests.world.upstream import serving, whole

from chatwarden.bots.model import BotFailed
from chatwarden.bots.upstream import BODY_MAX, Upstream
from chatwarden.clock import SECOND
from chatwarden.config.model import BotConfig
from chatwarden.errors import ConfigurationError

CONFIG = BotConfig("helper", "openai", plaintext=True, first_byte_timeout=SECOND, total_timeout=3 * SECOND)
PATIENCE = 30


async def fetch(url: str, fields: bytes = b"", content_type: str = "application/json") -> bytes:
    client = Upstream(replace(CONFIG, url=url), Path(), "/x")
    try:
        async with asyncio.timeout(PATIENCE):
            return await client.whole(fields, b"{}", content_type)
    finally:
        await client.close()


async def test_a_request_goes_to_the_address_with_its_fields() -> None:
    async with serving(whole(b"[]")) as server:
        assert await fetch(server.url, b"x-a: b\r\n") == b"[]"
        (asked,) = server.asked
    assert asked.path == "/v1/x"
    assert asked.headers == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": "chatwarden",
        "x-a": "b",
        "content-length": "2",
    }


@pytest.mark.parametrize(
    ("written", "below", "asked"),
    [
        ("", "", "/"),
        ("/", "", "/"),
        ("/hook/", "", "/hook/"),
        ("/v1/", "/x", "/v1/x"),
        ("", "/x", "/x"),
        ("/", "/x", "/x"),
    ],
)
async def test_an_address_is_asked_for_as_it_is_written(written: str, below: str, asked: str) -> None:
    async with serving(whole(b"[]")) as server, egress.serving(hosts={"bot.example": "127.0.0.1"}) as proxy:
        direct = replace(CONFIG, url=f"http://127.0.0.1:{server.port}{written}")
        around = replace(CONFIG, url=f"http://bot.example:{server.port}{written}", egress_proxy=proxy.url)
        for config in (direct, around):
            client = Upstream(config, Path(), below)
            await client.whole(b"", b"{}", "application/json")
            await client.close()
        assert server.asked[0].path == asked
        assert proxy.asked == [f"POST http://bot.example:{server.port}{asked} HTTP/1.1"]


async def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with serving(whole(b"[]")) as server:
        assert await fetch(server.url) == b"[]"


async def test_a_redirect_is_not_followed() -> None:
    async with serving(world.honest) as other:
        moved = whole(b"", status="307 Temporary Redirect", extra=f"location: {other.url}\r\n")
        async with serving(moved) as server:
            with pytest.raises(BotFailed, match="status: 307"):
                await fetch(server.url)
        assert other.connections == 0


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
async def test_a_content_type_may_have_parameters_and_any_case(kind: str) -> None:
    async with serving(whole(b"[]", content_type=kind)) as server:
        assert await fetch(server.url) == b"[]"


@pytest.mark.parametrize(("size", "fits"), [(BODY_MAX, True), (BODY_MAX + 1, False)])
async def test_a_body_has_a_limit_to_the_byte(size: int, *, fits: bool) -> None:
    async with serving(whole(bytes(size))) as server:
        if fits:
            assert len(await fetch(server.url)) == size
        else:
            with pytest.raises(BotFailed, match="oversized"):
                await fetch(server.url)


async def test_connections_are_kept_and_many_may_be_open_at_once() -> None:
    async with serving(whole(b"[]")) as server:
        client = Upstream(replace(CONFIG, url=server.url), Path(), "/x")
        for _ in range(3):
            await client.whole(b"", b"{}", "application/json")
        assert server.connections == 1
        await asyncio.gather(*(client.whole(b"", b"{}", "application/json") for _ in range(20)))
        assert 2 <= server.connections <= 20
        await client.close()


DONE = b"data: [DONE]\n\n"


@dataclass
class Ends:
    """Says [DONE], and what else it has to say only when it is told to."""

    rest: bytes
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, upstream: world.Upstream, asked: world.Asked, writer: world.Writer) -> None:
        writer.write(world.head("text/event-stream", None) + world.chunk(DONE))
        await writer.drain()
        await self.go.wait()
        with contextlib.suppress(OSError):
            writer.write(self.rest)
            await writer.drain()
            await upstream.hung_up.wait()


async def left(client: Upstream) -> None:
    async with asyncio.timeout(PATIENCE):
        assert [data async for data in client.events(b"", b"{}", b"[DONE]")] == [[b"[DONE]"]]


async def kept(client: Upstream) -> None:
    """Waits until a connection is there for the next request."""
    assert client._pool is not None
    async with asyncio.timeout(PATIENCE):
        while not client._pool._idle:  # noqa: ASYNC110  a pool tells nobody
            await asyncio.sleep(0)


async def test_a_stream_whose_last_chunk_comes_late_leaves_its_connection_for_the_next() -> None:
    behaviour = Ends(world.chunk(b": bye\n\n") + b"0\r\n\r\n")
    async with serving(behaviour) as server:
        client = Upstream(replace(CONFIG, url=server.url), Path(), "/x")
        await left(client)  # before the end was sent
        behaviour.go.set()
        await kept(client)
        await client.close()
        assert server.connections == 1


async def test_connections_of_streams_are_used_again() -> None:
    async with serving(world.events(DONE)) as server:
        client = Upstream(replace(CONFIG, url=server.url), Path(), "/x")
        for _ in range(3):
            await left(client)
            await kept(client)
        assert (server.connections, len(server.asked)) == (1, 3)
        await client.close()


@pytest.mark.parametrize(
    ("rest", "seconds"), [(b"", 0.2), (b"nonsense\r\n", 0.2), (world.chunk(b"x" * 1_000_000), 3_600.0)]
)
async def test_a_stream_that_does_not_end_after_its_end_is_closed(
    rest: bytes, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatwarden.bots.http1._REST", seconds)
    behaviour = Ends(rest)
    async with serving(behaviour) as server:
        client = Upstream(replace(CONFIG, url=server.url), Path(), "/x")
        await left(client)
        behaviour.go.set()
        await asyncio.wait_for(server.hung_up.wait(), PATIENCE)
        assert client._pool is not None
        assert not client._pool._idle
        await client.close()


def key_file(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_an_authority_that_is_none_is_refused(tmp_path: Path) -> None:
    config = replace(CONFIG, url="https://bot.example/v1", ca_file=Path("ca.pem"))
    for data in (b"no certificate", b"", b"\xff"):
        key_file(tmp_path / "ca.pem", data)
        with pytest.raises(ConfigurationError, match="holds no certificate"):
            Upstream(config, tmp_path, "/x")
    with pytest.raises(ConfigurationError, match="ca_file"):
        Upstream(replace(config, ca_file=Path("missing.pem")), tmp_path, "/x")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that the gateway shows to bots."""
    return made(tmp_path_factory.mktemp("client"), "chatwarden")


def made(folder: Path, name: str) -> Path:
    """A folder with a self-signed certificate and its key."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", f"/CN={name}"]
    subprocess.run([*command, "-addext", f"subjectAltName=DNS:{name}"], cwd=folder, check=True, capture_output=True)
    return folder


@asynccontextmanager
async def over_tls(folder: Path, *, clients: Path | None = None) -> AsyncIterator[int]:
    """A bot behind TLS; it lets in only who shows a certificate of *clients*, where that is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(world.head("application/json", 2) + b"[]")
            await writer.drain()
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def asked(config: BotConfig, home: Path) -> bytes:
    client = Upstream(config, home, "/x")
    try:
        async with asyncio.timeout(PATIENCE):
            return await client.whole(b"", b"{}", "application/json")
    finally:
        await client.close()


async def test_a_certificate_of_ones_own_authority_is_accepted(certificate: Path) -> None:
    async with over_tls(certificate) as port:
        config = replace(CONFIG, url=f"https://localhost:{port}/v1", ca_file=Path("cert.pem"))
        assert await asked(config, certificate) == b"[]"


async def test_with_an_authority_of_ones_own_no_public_one_is_believed(
    certificate: Path, visitor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))  # to OpenSSL, these are the public ones
    async with over_tls(certificate) as port:
        config = replace(CONFIG, url=f"https://localhost:{port}/v1")
        assert await asked(config, certificate) == b"[]"
        with pytest.raises(BotFailed, match="unreachable"):
            await asked(replace(config, ca_file=visitor / "cert.pem"), certificate)


@pytest.mark.parametrize(("host", "authority"), [("localhost", None), ("127.0.0.1", Path("cert.pem"))])
async def test_a_certificate_of_nobody_or_of_another_name_is_unreachable(
    certificate: Path, host: str, authority: Path | None
) -> None:
    async with over_tls(certificate) as port:
        config = replace(CONFIG, url=f"https://{host}:{port}/v1", ca_file=authority)
        client = Upstream(config, certificate, "/x")
        with pytest.raises(BotFailed, match="unreachable"):
            await asyncio.wait_for(client.whole(b"", b"{}", "application/json"), PATIENCE)
        await client.close()


# a client certificate


def showing(config: BotConfig, folder: Path) -> BotConfig:
    return replace(config, client_certificate_file=folder / "cert.pem", client_key_file=folder / "key.pem")


async def test_a_bot_that_demands_a_certificate_gets_it(certificate: Path, visitor: Path) -> None:
    async with over_tls(certificate, clients=visitor / "cert.pem") as port:
        config = replace(CONFIG, url=f"https://localhost:{port}/v1", ca_file=Path("cert.pem"))
        assert await asked(showing(config, visitor), certificate) == b"[]"
        for refused in (config, showing(config, certificate)):
            with pytest.raises(BotFailed):
                await asked(refused, certificate)


async def test_a_reload_shows_the_new_certificate_and_a_bad_one_changes_nothing(
    certificate: Path, visitor: Path, tmp_path: Path
) -> None:
    made(tmp_path, "nobody")
    async with over_tls(certificate, clients=visitor / "cert.pem") as port:
        config = replace(CONFIG, url=f"https://localhost:{port}/v1", ca_file=certificate / "cert.pem")
        client = Upstream(showing(config, tmp_path), tmp_path, "/x")
        with pytest.raises(BotFailed):
            await client.whole(b"", b"{}", "application/json")
        for name in ("cert.pem", "key.pem"):
            (tmp_path / name).write_bytes((visitor / name).read_bytes())
        client.reload()
        assert await client.whole(b"", b"{}", "application/json") == b"[]"
        (tmp_path / "cert.pem").write_bytes((certificate / "cert.pem").read_bytes())
        with pytest.raises(ConfigurationError):
            client.reload()
        await client.close()
        assert await client.whole(b"", b"{}", "application/json") == b"[]"
        await client.close()


def test_a_client_certificate_that_is_none_is_refused(certificate: Path, visitor: Path, tmp_path: Path) -> None:
    config = showing(replace(CONFIG, url="https://bot.example/v1"), visitor)
    with pytest.raises(ConfigurationError, match="cannot be used: key values mismatch") as refused:
        Upstream(replace(config, client_key_file=certificate / "key.pem"), tmp_path, "/x")
    assert refused.value.setting == "client_certificate_file"
    open_key = key_file(tmp_path / "key.pem", (visitor / "key.pem").read_bytes(), 0o640)
    with pytest.raises(ConfigurationError, match="read by others") as refused:
        Upstream(replace(config, client_key_file=open_key), tmp_path, "/x")
    assert refused.value.setting == "client_key_file"
    with pytest.raises(ConfigurationError, match="cannot read client_certificate_file"):
        Upstream(replace(config, client_certificate_file=Path("missing.pem")), tmp_path, "/x")


# an egress proxy


async def test_tls_goes_through_the_proxy_to_the_bot_itself(certificate: Path, visitor: Path) -> None:
    async with (
        over_tls(certificate, clients=visitor / "cert.pem") as port,
        egress.serving(hosts={"localhost": "127.0.0.1"}) as proxy,
    ):
        config = replace(CONFIG, url=f"https://localhost:{port}/v1", ca_file=Path("cert.pem"), egress_proxy=proxy.url)
        assert await asked(showing(config, visitor), certificate) == b"[]"
        assert proxy.asked == [f"CONNECT localhost:{port} HTTP/1.1"]
        # the proxy may lead somewhere else: the certificate tells
        with pytest.raises(BotFailed, match="unreachable"):
            await asked(showing(replace(config, ca_file=None), visitor), certificate)


async def test_in_the_clear_the_proxy_is_asked_in_absolute_form() -> None:
    async with serving(whole(b"[]")) as server, egress.serving(hosts={"bot.example": "127.0.0.1"}) as proxy:
        url = f"http://bot.example:{server.port}/v1"
        assert await asked(replace(CONFIG, url=url, egress_proxy=proxy.url), Path()) == b"[]"
        assert proxy.asked == [f"POST {url}/x HTTP/1.1"]
        assert server.asked[0].headers["host"] == f"bot.example:{server.port}"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", "unreachable: egress proxy: 407"),
        (b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1\r\n\r\n", "unreachable: egress proxy: 302"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "unreachable: egress proxy: answer"),
        (b"HTTP/1.1 200 OK\r\n\r\nand more", "unreachable: egress proxy: answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 4_000, "unreachable: egress proxy: answer"),
        (b"HTTP/1.1 200 OK\r\n", "timeout: connect"),
        (b"", "timeout: connect"),
    ],
)
async def test_a_proxy_that_does_not_connect_is_a_failure(certificate: Path, answer: bytes, told: str) -> None:
    async with egress.serving(answer=answer) as proxy:
        config = replace(CONFIG, url="https://bot.example/v1", egress_proxy=proxy.url, connect_timeout=SECOND // 4)
        with pytest.raises(BotFailed, match=told):
            await asked(config, certificate)


async def test_a_proxy_that_is_gone_or_leads_nowhere_is_a_failure() -> None:
    async with egress.serving() as proxy:
        config = replace(CONFIG, url="https://127.0.0.1:1/v1", egress_proxy=proxy.url)
        with pytest.raises(BotFailed, match="unreachable: egress proxy: closed"):
            await asked(config, Path())
    with pytest.raises(BotFailed, match="unreachable: ConnectionRefusedError"):
        await asked(config, Path())
