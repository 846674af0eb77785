"""One bot's HTTP: what is sent, what is believed, and over which TLS."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.world import upstream as world
from tests.world.upstream import serving, whole

from chatwarden.bots.model import BotFailed
from chatwarden.bots.upstream import BODY_MAX, Upstream, credential
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


def key_file(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_a_credential_is_one_line(tmp_path: Path) -> None:
    assert credential(key_file(tmp_path / "key", b"  sk-abc \n")) == "sk-abc"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"two words", b"two\nlines", b"caf\xc3\xa9", b"a\x00b", b"a\r\nx-evil: 1"]
)
def test_what_is_not_one_key_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ConfigurationError, match="does not hold one key"):
        credential(key_file(tmp_path / "key", data))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_credential_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigurationError, match="read by others") as refused:
        credential(key_file(tmp_path / "key", b"sk-abc", mode))
    assert "chmod 600" in refused.value.hint


def test_an_authority_that_is_none_is_refused(tmp_path: Path) -> None:
    key_file(tmp_path / "ca.pem", b"no certificate")
    config = replace(CONFIG, url="https://bot.example/v1", ca_file=Path("ca.pem"))
    with pytest.raises(ConfigurationError, match="holds no certificate"):
        Upstream(config, tmp_path, "/x")
    with pytest.raises(ConfigurationError, match="ca_file"):
        Upstream(replace(config, ca_file=Path("missing.pem")), tmp_path, "/x")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += [
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@asynccontextmanager
async def over_tls(folder: Path) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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


async def test_a_certificate_of_ones_own_authority_is_accepted(certificate: Path) -> None:
    async with over_tls(certificate) as port:
        config = replace(CONFIG, url=f"https://localhost:{port}/v1", ca_file=Path("cert.pem"))
        client = Upstream(config, certificate, "/x")
        assert await asyncio.wait_for(client.whole(b"", b"{}", "application/json"), PATIENCE) == b"[]"
        await client.close()


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
