"""A test of a bot names the step that does not work, and repeats nothing of what the bot says."""

import re
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from tests.edge.conftest import make_pair
from tests.world import lies, provider
from tests.world import upstream as world
from tests.world.signed import OTHER_SECRET, SECRET, SignedBot
from tests.world.upstream import TEXT, WORDS, Behaviour, serving, whole

from chatwarden.bots import checkup as module
from chatwarden.bots.checkup import Check, checkup
from chatwarden.bots.connectors.builtin import Builtin
from chatwarden.bots.connectors.openai import OpenAI
from chatwarden.bots.connectors.webhook import Webhook
from chatwarden.clock import SystemClock
from chatwarden.config.home import write_private
from chatwarden.config.model import BotConfig, TokenConfig


def config(url: str) -> BotConfig:
    return lies.quick(BotConfig("helper", "openai", url=url, model="m"))


async def looked(config: BotConfig, home: Path = Path()) -> dict[str, Check]:
    connector = OpenAI(config, home)
    checks = await lies.patiently(checkup(config, connector))
    await connector.close()
    assert len({check.name for check in checks}) == len(checks)
    return {check.name: check for check in checks}


def failed(checks: dict[str, Check]) -> dict[str, str]:
    return {check.name: check.detail for check in checks.values() if not check.ok}


async def test_a_good_bot_passes_every_step() -> None:
    async with serving(world.honest) as server:
        checks = await looked(config(server.url))
        assert failed(checks) == {}
        assert list(checks) == ["reachable", "tls", "credential", "answers", "streams", "time"]
        assert checks["tls"].detail == "none: plain http"
        assert checks["credential"].detail == "none is sent"
        assert checks["answers"].detail == f"{len(TEXT)} characters"
        assert re.match(r"[1-9] pieces, the first after ", checks["streams"].detail)
        assert checks["time"].detail.endswith("s; limits 0.3s to begin, 0.9s in all")
        assert not any(word.strip() in str(checks) for word in WORDS)
        assert [asked.streamed for asked in server.asked] == [False, True]
        assert not any("chatwarden-turn" in asked.headers for asked in server.asked)


async def test_the_built_in_bot_has_nothing_to_connect_to() -> None:
    builtin = BotConfig("helpdesk", "builtin")
    checks = await checkup(builtin, Builtin(builtin, Path()))
    assert [check.name for check in checks if check.ok] == ["answers", "streams", "time"]


async def test_a_closed_port_is_not_reachable_and_nothing_else_is_tried() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening
        checks = await looked(config(f"http://127.0.0.1:{held.getsockname()[1]}/v1"))
    assert failed(checks) == {
        "reachable": "unreachable: ConnectionRefusedError", "answers": "not tried", "streams": "not tried",
    }  # fmt: skip


async def test_a_certificate_that_is_not_believed_is_a_matter_of_tls(tmp_path: Path) -> None:
    make_pair(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    async with serving(world.honest, tls=tls) as server:
        unknown = config(f"https://localhost:{server.port}/v1")
        checks = await looked(unknown)
        assert checks["reachable"].ok
        assert failed(checks) == {
            "tls": "self-signed certificate", "answers": "not tried", "streams": "not tried",
        }  # fmt: skip
        known = await looked(replace(unknown, ca_file=Path("cert.pem")), tmp_path)
        assert failed(known) == {}
        assert known["tls"].detail.startswith("TLSv1.3, certificate until ")


@pytest.mark.parametrize(("status", "credential"), [("401 No", True), ("403 No", True), ("500 Oops", False)])
async def test_a_refusal_is_told_apart_from_another_failure(tmp_path: Path, status: str, *, credential: bool) -> None:
    write_private(tmp_path / "key", b"sk-very-secret")
    async with serving(whole(b"{}", status=status)) as server:
        without = failed(await looked(config(server.url)))
        shown = failed(await looked(replace(config(server.url), credential_file=Path("key")), tmp_path))
    told = f"status: {status[:3]}"
    assert without == {
        **({"credential": f"none is sent, and one is wanted: {status[:3]}"} if credential else {}),
        "answers": told,
        "streams": "not tried",
    }
    assert shown == {
        **({"credential": f"refused: {status[:3]}"} if credential else {}), "answers": told, "streams": "not tried",
    }  # fmt: skip


async def test_an_accepted_key_is_told_and_not_shown(tmp_path: Path) -> None:
    write_private(tmp_path / "key", b"sk-very-secret")
    async with serving(world.honest) as server:
        checks = await looked(replace(config(server.url), credential_file=Path("key")), tmp_path)
    assert checks["credential"].detail == "accepted: a key"
    assert "sk-very" not in str(checks)


async def test_a_token_that_is_not_given_is_told_apart_from_one_that_is_not_believed(tmp_path: Path) -> None:
    write_private(tmp_path / "secret", provider.SECRET.encode())
    identity = provider.Provider()
    async with serving(identity) as server, serving(world.honest) as good, serving(whole(b"", status="401 No")) as bad:
        endpoint = f"http://127.0.0.1:{server.port}/token"
        token = TokenConfig(url=endpoint, client=provider.CLIENT, secret_file=Path("secret"))
        checks = await looked(replace(config(good.url), token=token), tmp_path)
        assert checks["credential"] == Check("credential", True, "accepted: a fetched token")
        refused = failed(await looked(replace(config(bad.url), token=token), tmp_path))
        assert refused["credential"] == "refused: 401"
        identity.secret = "another"
        without = failed(await looked(replace(config(good.url), token=token), tmp_path))
        assert without["credential"] == "no token: status: 401"
        assert without["answers"] == "token: status: 401"


async def test_a_bot_that_answers_and_does_not_stream_fails_that_step_only() -> None:
    async def only_whole(upstream: world.Upstream, asked: world.Asked, writer: world.Writer) -> None:
        behaviour: Behaviour = whole(b"{}", "text/html") if asked.streamed else world.honest
        await behaviour(upstream, asked, writer)

    async with serving(only_whole) as server:
        assert failed(await looked(config(server.url))) == {"streams": "content-type"}


async def test_a_bot_that_is_slower_than_a_command_waits_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    async with serving(world.never_answers) as server:
        assert failed(await looked(config(server.url)))["answers"] == "longer than 0.05s"


@pytest.mark.parametrize(
    ("bot", "told"),
    [
        (SignedBot(), {}),
        (
            SignedBot(secret=OTHER_SECRET),
            {"credential": "refused: 401", "answers": "status: 401", "streams": "not tried"},
        ),
        (
            SignedBot(signing=False),
            {
                "credential": "the answer is not signed for this question: unsigned",
                "answers": "signature: unsigned",
                "streams": "not tried",
            },
        ),
    ],
)
async def test_a_signature_is_a_credential(tmp_path: Path, bot: SignedBot, told: dict[str, str]) -> None:
    write_private(tmp_path / "one", SECRET.encode())
    async with serving(bot) as server:
        hook = lies.quick(BotConfig("hook", "webhook", url=server.url, secret_file=Path("one")))
        connector = Webhook(hook, tmp_path, SystemClock())
        checks = {check.name: check for check in await checkup(hook, connector)}
        await connector.close()
    assert failed(checks) == told
    if not told:
        assert checks["credential"].detail == "signed both ways"
        assert checks["streams"].detail == "in one piece, as this connector does"
        assert len(server.asked) == 1
