"""People behind nginx and HAProxy, as the page of the documentation sets them up."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.edge.conftest import make_pair
from tests.world import proxies
from tests.world.gateway import Gateway, running

LIMITS = """
port = 0
[metrics]
listen = "off"
[limits]
visitors = "1/1d burst 1"
"""
SECTIONS = [
    ("nginx", "nginx"),
    ("HAProxy, TLS passed through", "haproxy"),
    ("HAProxy, reading the requests", "haproxy"),
]


@contextmanager
def house(heading: str, language: str, folder: Path) -> Iterator[tuple[Gateway, Gateway]]:
    """A gateway, and the same as people see it: through the proxy of this section of the page."""
    pair = make_pair(folder)
    with running(folder / "home", proxies.documented(heading, "toml") + LIMITS, lab=False) as gateway:
        around = proxies.running(heading, language, folder, gateway=gateway.port, home=gateway.home, pair=pair)
        with around as port:
            # where TLS is passed through, the certificate is the gateway's
            trusted = ssl.create_default_context(cafile=str(gateway.home / "tls" / "ca.pem"))
            trusted.load_verify_locations(pair[0])
            people = replace(gateway, host="localhost", port=port, context=trusted)
            until = time.monotonic() + 20
            while not ready(people):  # HAProxy asks the gateway first
                assert time.monotonic() < until
                time.sleep(0.1)
            yield gateway, people


def ready(people: Gateway) -> bool:
    try:
        return people.call("GET", "/readyz").status == 200
    except OSError:
        return False


def visit(gateway: Gateway, source: str, **fields: str) -> int:
    """A visitor from this address; what the gateway answers."""
    connection = http.client.HTTPSConnection(
        gateway.host, gateway.port, context=gateway.context, timeout=30, source_address=(source, 0)
    )
    try:
        connection.request("POST", "/api/v1/session", b"{}", {"content-type": "application/json", **fields})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(("heading", "language"), SECTIONS)
def test_people_behind_a_proxy_are_told_apart_and_cannot_lie(tmp_path: Path, heading: str, language: str) -> None:
    with house(heading, language, tmp_path) as (gateway, people):
        assert [visit(people, "127.0.0.2") for _ in range(2)] == [201, 429]
        assert [visit(people, "127.0.0.3") for _ in range(2)] == [201, 429]
        # a claim of one's own: overwritten by a proxy that reads, refused where it comes through TLS
        refused = 400 if "passed through" in heading else 429
        assert visit(people, "127.0.0.2", Forwarded="for=203.0.113.7") == refused
        assert visit(people, "127.0.0.2", **{"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7"}) == 429
        # and past the proxy
        direct = replace(gateway, host="127.0.0.1")
        assert visit(direct, "127.0.0.4", Forwarded="for=203.0.113.7") == 400
        assert [visit(direct, "127.0.0.4") for _ in range(2)] == [201, 429]


@pytest.mark.parametrize(("heading", "language"), SECTIONS)
def test_a_conversation_and_its_stream_come_through_a_proxy(tmp_path: Path, heading: str, language: str) -> None:
    with house(heading, language, tmp_path) as (_, people):
        token = people.visitor()
        conversation = people.conversation(token)
        connection = people.connection()
        path = f"/api/v1/conversations/{conversation}/events"
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        stream = connection.getresponse()
        assert stream.status == 200
        answer = people.say(token, conversation, "When is the office open?")
        assert answer.status == 201
        said = answer.json["message"]["id"]
        for line in stream:  # it arrives while the stream is open: nothing is buffered
            if line.startswith(b"data: ") and json.loads(line[6:]).get("id") == said:
                break
        else:
            raise AssertionError("the stream ended")
        stream.close()
        connection.close()
