"""What is served is what is described, whatever is sent: Schemathesis walks over ``/openapi.json`` of a running gateway.

Malformed JSON, wrong types, oversized values and unknown fields get a 4xx problem that the document knows, and never a
5xx. Left out are the event stream, which goes on, and what would end the very session that asks.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world.gateway import Gateway, running

LIMITS = """
[limits]
messages = "off"
visitors = "off"
logins = "off"
login_failures = "off"
tokens = "off"
token_failures = "off"
connections_per_peer = 2000
new_connections_per_peer = "off"
"""
CONFIG = """
[parameters]
"path.bot" = "helpdesk"
[[operations]]
include-path-regex = "/conversations/"
parameters = {{ "path.id" = "{conversation}", "path.mid" = "{message}" }}
"""
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("described") / "home", LIMITS) as started:
        yield started


def token(gateway: Gateway, role: str) -> str:
    if role == "visitor":
        return gateway.visitor()
    password = "a long and quiet afternoon 1974\n"
    gateway.command("user", "add", f"the-{role}", "--role", role, "--password-stdin", stdin=password)
    return gateway.command("session", "issue", "--user", f"the-{role}", "--for", "1h").stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize("role", ["visitor", "customer", "admin"])
def test_whatever_is_sent_the_answer_is_one_that_is_described(open_to_all: Gateway, tmp_path: Path, role: str) -> None:
    gateway = open_to_all
    asking = token(gateway, role)
    conversation, message = "cnv_" + "0" * 32, "msg_" + "0" * 32
    if role != "admin":  # no bot is for administrators unless it says so
        conversation = gateway.conversation(asking)
        message = gateway.say(asking, conversation, "hello").json["message"]["id"]
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(conversation=conversation, message=message))
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run",
            f"{gateway.url}/openapi.json", "--tls-verify", str(gateway.home / "tls" / "ca.pem"),
            "--header", f"Authorization: Bearer {asking}", "--checks", CHECKS, "--max-examples", "30",
            "--exclude-path-regex", "events$|/sessions?$", "--phases", "coverage,fuzzing", "--seed", "1",
            "--generation-with-security-parameters", "false", "--generation-database", "none", "--no-color",
        ],
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert gateway.call("GET", "/api/v1/session", token=asking).status == 200  # it was asked with all the time
