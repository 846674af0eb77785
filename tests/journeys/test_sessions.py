"""Sessions run out, ask before they do, and are dead everywhere at once."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.world.gateway import Gateway, running

FAST = """
[session]
idle = "4s"
answer_within = "2s"
absolute = "60s"
attempts = 3
[limits]
visitors = "off"
logins = "off"
messages = "off"
"""


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    home: Path = tmp_path_factory.mktemp("fast") / "home"
    with running(home, FAST) as started:
        yield started


_OPEN: list[Stream] = []


@pytest.fixture(autouse=True)
def _closed_streams() -> Iterator[None]:
    yield
    while _OPEN:
        _OPEN.pop().close()


class Stream:
    """An open event stream."""

    def __init__(self, gateway: Gateway, token: str, conversation: str, last: str = "") -> None:
        self._connection = gateway.connection(timeout=20)
        headers = {"Authorization": f"Bearer {token}"}
        if last:
            headers["Last-Event-ID"] = last
        self._connection.request("GET", f"/api/v1/conversations/{conversation}/events", headers=headers)
        self.response: http.client.HTTPResponse = self._connection.getresponse()
        assert self.response.status == 200, self.response.read()
        self.last = ""
        _OPEN.append(self)

    def next(self) -> tuple[str, Any]:
        """The next event with data, or ("end", None)."""
        name, data = "", ""
        while True:
            line = self.response.readline().decode()
            if not line:
                return "end", None
            line = line.rstrip("\n")
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("id: "):
                self.last = line[4:]
            elif line.startswith("data: "):
                data = line[6:]
            elif not line and name:
                return name, json.loads(data)

    def until(self, wanted: str) -> Any:
        """The data of the next event with this name."""
        while True:
            name, data = self.next()
            assert name != "end", f"the stream ended before {wanted}"
            if name == wanted:
                return data

    def close(self) -> None:
        self.response.close()
        self._connection.close()


def _state(gateway: Gateway, token: str) -> str:
    answer = gateway.call("GET", "/api/v1/session", token=token)
    return str(answer.json["state"]) if answer.status == 200 else f"{answer.problem} {answer.json.get('reason')}"


@pytest.mark.asvs("7.3.1")
def test_a_silent_person_is_asked_and_then_the_session_ends(fast: Gateway) -> None:
    token = fast.visitor()
    conversation = fast.conversation(token)
    stream = Stream(fast, token, conversation)
    prompt = stream.until("session.prompt")
    assert prompt["challenge"]["purpose"] == "still-there"
    assert prompt["challenge"]["kind"] == "tap"
    refused = fast.say(token, conversation, "hello")
    assert (refused.status, refused.problem) == (401, "confirmation-required")
    assert refused.json["challenge"]["id"] == prompt["challenge"]["id"]
    assert stream.until("session.ended") == {"reason": "idle"}
    assert stream.next() == ("end", None)
    assert _state(fast, token) == "session-ended idle"


def test_one_tap_keeps_the_session(fast: Gateway) -> None:
    token = fast.visitor()
    conversation = fast.conversation(token)
    stream = Stream(fast, token, conversation)
    challenge = stream.until("session.prompt")["challenge"]["id"]
    assert _state(fast, token) == "prompted"
    answer = fast.call("POST", f"/api/v1/challenges/{challenge}/answer", {"answer": "here"}, token)
    assert (answer.status, answer.json["state"]) == (200, "active")
    assert fast.say(token, conversation, "I am back").status == 201
    again = fast.call("POST", f"/api/v1/challenges/{challenge}/answer", {"answer": "here"}, token)
    assert again.problem == "not-found"
    stream.close()


def test_wrong_answers_end_the_session(fast: Gateway) -> None:
    token = fast.visitor()
    conversation = fast.conversation(token)
    challenge = Stream(fast, token, conversation).until("session.prompt")["challenge"]["id"]
    path = f"/api/v1/challenges/{challenge}/answer"
    outcomes = [fast.call("POST", path, {"answer": "wrong"}, token) for _ in range(3)]
    assert [one.problem for one in outcomes] == ["confirmation-required", "confirmation-required", "session-ended"]
    assert outcomes[0].json["challenge"]["attempts_left"] == 2
    assert _state(fast, token) == "session-ended wrong-answers"


@pytest.mark.asvs("7.3.1")
def test_an_open_stream_does_not_keep_a_session_alive(fast: Gateway) -> None:
    token = fast.visitor()
    conversation = fast.conversation(token)
    stream = Stream(fast, token, conversation)
    until = time.monotonic() + 15
    while fast.call("GET", "/api/v1/session", token=token).status == 200:
        assert time.monotonic() < until, "reading its own state kept the session alive"
        time.sleep(0.2)
    assert stream.until("session.ended") == {"reason": "idle"}


@pytest.mark.asvs("7.4.1")
def test_a_revoked_session_is_dead_on_every_stream_at_once(fast: Gateway) -> None:
    token = fast.visitor()
    conversation = fast.conversation(token)
    stream = Stream(fast, token, conversation)
    session = fast.call("GET", "/api/v1/session", token=token).json["id"]
    fast.command("session", "revoke", session)
    assert stream.until("session.ended") == {"reason": "revoked"}
    assert _state(fast, token) == "session-ended revoked"


@pytest.mark.asvs("7.4.2")
def test_a_disabled_person_is_out_at_once(fast: Gateway) -> None:
    fast.command("user", "add", "bert", "--role", "customer", "--password-stdin", stdin="correct horse battery\n")
    login = {"username": "bert", "password": "correct horse battery"}
    token = fast.call("POST", "/api/v1/session", login).json["token"]
    fast.command("user", "disable", "bert")
    assert _state(fast, token) == "session-ended disabled"
    assert fast.call("POST", "/api/v1/session", login).problem == "invalid-credentials"
    fast.command("user", "enable", "bert")
    assert fast.call("POST", "/api/v1/session", login).status == 201


@pytest.mark.asvs("7.4.1")
def test_logging_out_ends_the_session_for_good(fast: Gateway) -> None:
    token = fast.visitor()
    assert fast.call("DELETE", "/api/v1/session", token=token).status == 204
    assert _state(fast, token) == "session-ended logout"


def test_a_stream_that_was_cut_resumes_without_loss(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    stream = Stream(gateway, token, conversation)
    first = gateway.say(token, conversation, "one").json["message"]["id"]
    seen = [stream.until("message")["id"], stream.until("message")["id"]]
    assert seen[0] == first
    stream.close()
    missed = gateway.say(token, conversation, "two").json
    destroyed = gateway.call("DELETE", f"/api/v1/conversations/{conversation}/messages/{first}", token=token).json["id"]
    resumed = Stream(gateway, token, conversation, last=stream.last)
    assert resumed.until("message.destroyed")["id"] == destroyed
    assert resumed.until("message")["id"] == missed["message"]["id"]
    assert resumed.until("message")["id"] == missed["replies"][0]["id"]
    resumed.close()


def test_pieces_of_an_answer_add_up_to_the_message(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    stream = Stream(gateway, token, conversation)
    reply = gateway.say(token, conversation, "What are your opening hours?").json["replies"][0]
    pieces = []
    while True:
        name, data = stream.next()
        if name == "message.delta":
            pieces.append(data["text"])
        if name == "message" and data["from"] == "bot":
            break
    assert len(pieces) > 1
    assert "".join(pieces) == data["text"] == reply["text"]
    stream.close()


@pytest.mark.asvs("7.4.1")
def test_nothing_that_ended_revives_after_a_restart(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home, FAST) as gateway:
        ended, idle = gateway.visitor(), gateway.visitor()
        gateway.call("DELETE", "/api/v1/session", token=ended)
        gateway.kill()
    time.sleep(4)
    with running(home) as gateway:
        assert _state(gateway, ended) == "session-ended logout"
        assert _state(gateway, idle) == "session-ended idle"
        reasons = [e["reason"] for e in gateway.audit() if e["event"] == "session:ended"]
        assert sorted(reasons) == ["idle", "logout"]
