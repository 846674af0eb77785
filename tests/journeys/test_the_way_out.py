"""A bot that demands a certificate, behind a proxy that is the only way to it, seen from a real gateway."""

from __future__ import annotations

import shutil
import signal
import ssl
import time
from pathlib import Path

from tests.edge.conftest import make_pair
from tests.world import egress
from tests.world import upstream as bots
from tests.world.gateway import running
from tests.world.threaded import in_thread

TOML = """
[bots.shop]
connector = "openai"
url = "https://localhost:{port}/v1"
model = "m"
ca_file = "secrets/ca.pem"
client_certificate_file = "secrets/cert.pem"
client_key_file = "secrets/key.pem"
egress_proxy = "{proxy}"
[limits]
messages = "off"
"""


def test_a_bot_behind_a_proxy_answers_whom_it_knows(tmp_path: Path) -> None:
    for name in ("bot", "known", "unknown"):
        (tmp_path / name).mkdir()
        make_pair(tmp_path / name)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "bot" / "cert.pem", tmp_path / "bot" / "key.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(tmp_path / "known" / "cert.pem")
    home = tmp_path / "home"
    secrets = shutil.copytree(tmp_path / "unknown", home / "secrets")
    shutil.copy(tmp_path / "bot" / "cert.pem", secrets / "ca.pem")
    with (
        in_thread(lambda: bots.serving(bots.honest, tls=tls)) as bot,
        in_thread(egress.serving) as proxy,
        running(home, TOML.format(port=bot.port, proxy=proxy.url)) as gateway,
    ):
        assert gateway.command("bot", "test", "shop", check=False).returncode == 1
        assert bot.asked == []
        shutil.copytree(tmp_path / "known", secrets, dirs_exist_ok=True)
        gateway.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 20
        while "gateway-reloaded" not in gateway.log.read_text():
            assert time.monotonic() < until
            time.sleep(0.02)
        tested = gateway.command("bot", "test", "shop")
        assert tested.stdout.count("ok ") == 6, tested.stdout
        token = gateway.visitor()
        answer = gateway.say(token, gateway.conversation(token, "shop"), "hello")
        assert [one["text"] for one in answer.json["replies"]] == [bots.TEXT]
        assert set(proxy.asked) == {f"CONNECT localhost:{bot.port} HTTP/1.1"}
