"""A bank's people, end to end against a running gateway: factors, rechecks, step-up, and an end that reaches everywhere."""

from __future__ import annotations

import concurrent.futures
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.test_sessions import Stream
from tests.world.gateway import Answer, Gateway, running, start
from tests.world.people import code

from chatwarden.clock import SystemClock

RIGHT = "a long and quiet afternoon"
BANK = """
[session]
profile = "bank"
idle = "40s"
answer_within = "32s"
absolute = "180s"
confirmation = "totp"
attempts = 5
[session.customer]
recheck = "off"
[step_up.transfer]
within = "20s"
[limits]
visitors = "off"
logins = "off"
login_failures = "off"
messages = "off"
"""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("bank") / "home", BANK) as started:
        yield started


def person(gateway: Gateway, name: str, role: str = "customer") -> str:
    gateway.command("user", "add", name, "--role", role, "--password-stdin", stdin=RIGHT + "\n")
    return name


def login(gateway: Gateway, name: str, password: str = RIGHT, **more: Any) -> Answer:
    return gateway.call("POST", "/api/v1/session", {"username": name, "password": password}, **more)


def answer(gateway: Gateway, challenge: str, given: object, token: str | None = None, kind: str = "") -> Answer:
    return gateway.call("POST", f"/api/v1/challenges/{challenge}/answer", {"answer": given, "kind": kind}, token)


class Phone:
    """An authenticator app. Each code is shown once: who needs another waits for the next step."""

    def __init__(self) -> None:
        self.secret = ""
        self.last = 0

    def code(self) -> str:
        while (step := SystemClock().now() // 30_000_000) == self.last:
            time.sleep(0.2)
        self.last = step
        return code(self.secret, step * 30_000_000)


def stepped_up(gateway: Gateway, token: str, method: str, path: str, body: object, given: str) -> Answer:
    """The request, once more after the question that it leads to was answered."""
    asked = gateway.call(method, path, body, token)
    assert (asked.status, asked.problem) == (401, "step-up-required"), asked
    done = answer(gateway, asked.json["challenge"]["id"], given, token)
    assert done.status == 200, done
    return gateway.call(method, path, body, token)


def with_phone(gateway: Gateway, token: str) -> tuple[Phone, Any]:
    begun = stepped_up(gateway, token, "POST", "/api/v1/factors", {"kind": "totp", "name": "Phone"}, RIGHT)
    phone = Phone()
    phone.secret = begun.json["secret"]
    done = gateway.call("POST", f"/api/v1/factors/{begun.json['id']}/confirm", {"answer": phone.code()}, token)
    assert done.status == 201, done
    return phone, done.json


def state(gateway: Gateway, token: str) -> str:
    told = gateway.call("GET", "/api/v1/session", token=token)
    return str(told.json["state"]) if told.status == 200 else f"{told.problem} {told.json.get('reason')}"


def test_a_customer_sets_up_codes_and_needs_them_from_then_on(bank: Gateway) -> None:
    person(bank, "anna")
    token = login(bank, "anna").json["token"]
    other = login(bank, "anna").json["token"]
    phone, done = with_phone(bank, token)
    assert len(done["recovery_codes"]) == 10
    assert state(bank, other) == "session-ended credential-changed"
    asked = login(bank, "anna")
    assert (asked.status, asked.problem) == (401, "second-factor-required")
    wrong = answer(bank, asked.json["challenge"]["id"], "000000")
    assert wrong.json["challenge"]["attempts_left"] == 4
    right = answer(bank, asked.json["challenge"]["id"], phone.code())
    assert (right.status, right.json["session"]["assurance"]["factors"]) == (201, ["password", "totp"])
    asked = login(bank, "anna")
    lost = answer(bank, asked.json["challenge"]["id"], done["recovery_codes"][0].lower(), kind="recovery")
    assert lost.status == 201
    again = answer(bank, login(bank, "anna").json["challenge"]["id"], done["recovery_codes"][0], kind="recovery")
    assert again.status == 401


def test_the_prompt_asks_for_the_factor_and_the_right_code_in_time_keeps_the_session(bank: Gateway) -> None:
    person(bank, "bert")
    token = login(bank, "bert").json["token"]
    phone, _ = with_phone(bank, token)
    absolute = bank.call("GET", "/api/v1/session", token=token).json["absolute_deadline"]
    conversation = bank.conversation(token)
    stream = Stream(bank, token, conversation)
    assert bank.say(token, conversation, "hello").status == 201
    prompt = stream.until("session.prompt")["challenge"]
    assert (prompt["kind"], prompt["attempts_left"]) == ("totp", 5)
    refused = bank.say(token, conversation, "may I?")
    assert (refused.status, refused.problem) == (401, "confirmation-required")
    kept = answer(bank, prompt["id"], phone.code(), token)
    assert (kept.status, kept.json["state"]) == (200, "active")
    assert kept.json["absolute_deadline"] == absolute
    assert bank.say(token, conversation, "thank you").status == 201
    stream.close()


@pytest.mark.slow  # waits for a code of the next half minute
def test_wrong_codes_eat_up_the_time_and_end_the_session(bank: Gateway) -> None:
    person(bank, "carl")
    token = login(bank, "carl").json["token"]
    with_phone(bank, token)
    stream = Stream(bank, token, bank.conversation(token))
    prompt = stream.until("session.prompt")["challenge"]
    told = answer(bank, prompt["id"], "000000", token)
    assert told.problem == "confirmation-required"
    assert told.json["challenge"]["expires_at"] < prompt["expires_at"]
    assert stream.until("session.ended") == {"reason": "wrong-answers"}


def test_of_two_hundred_right_codes_one_lets_in(bank: Gateway) -> None:
    person(bank, "dora")
    phone, _ = with_phone(bank, login(bank, "dora").json["token"])
    challenge = login(bank, "dora").json["challenge"]["id"]
    right = phone.code()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda _: answer(bank, challenge, right).status, range(200)))
    assert outcomes.count(201) == 1
    assert set(outcomes) <= {201, 401, 404}


def test_a_transfer_wants_a_factor_of_its_own_and_ending_ones_own_session_never(bank: Gateway) -> None:
    person(bank, "emil")
    token = login(bank, "emil").json["token"]
    asked = bank.call("POST", "/api/v1/step-up", {"operation": "transfer"}, token)
    assert (asked.status, asked.problem) == (401, "step-up-required")
    assert "insufficient_user_authentication" in asked.headers["www-authenticate"]
    assert answer(bank, asked.json["challenge"]["id"], RIGHT, token).status == 200
    approved = bank.call("POST", "/api/v1/step-up", {"operation": "transfer"}, token)
    assert approved.json["operation"] == "transfer"
    assert bank.call("POST", "/api/v1/step-up", {"operation": "reveal"}, token).problem == "step-up-required"
    other = login(bank, "emil").json
    assert bank.call("DELETE", f"/api/v1/sessions/{other['session']['id']}", token=token).status == 204
    conversation = bank.conversation(token)
    said = bank.say(token, conversation, "forget me").json["message"]["id"]
    path = f"/api/v1/conversations/{conversation}/messages/{said}"
    assert bank.call("DELETE", path, token=token).status == 200
    assert bank.call("DELETE", "/api/v1/session", token=token).status == 204


def test_another_client_is_asked_on_the_persons_own_screen(bank: Gateway) -> None:
    person(bank, "fred")
    home = {"User-Agent": "Browser/1"}
    token = login(bank, "fred", headers=home).json["token"]
    made = bank.call("POST", "/api/v1/conversations", {"bot": "helpdesk"}, token, home)
    stream_of = {"Authorization": f"Bearer {token}", **home}
    connection = bank.connection(timeout=20)
    connection.request("GET", f"/api/v1/conversations/{made.json['id']}/events", headers=stream_of)
    events = connection.getresponse()
    thief = bank.call("GET", "/api/v1/conversations", token=token, headers={"User-Agent": "curl/8"})
    assert (thief.status, thief.problem) == (401, "confirmation-required")
    assert thief.json["challenge"]["kinds"] == ["password"]
    lines = (events.readline().decode() for _ in range(50))
    told = next(json.loads(line[6:]) for line in lines if line.startswith("data: ") and "challenge" in line)
    assert answer(bank, told["challenge"]["id"], "a guess", token).problem == "confirmation-required"
    kept = bank.call("POST", f"/api/v1/challenges/{told['challenge']['id']}/answer", {"answer": RIGHT}, token, home)
    assert kept.status == 200
    assert bank.call("GET", "/api/v1/conversations", token=token, headers=home).status == 200
    connection.close()


def test_staff_need_a_second_factor_before_anything_else(bank: Gateway) -> None:
    bank.command("user", "add", "gerd", "--role", "admin", "--password-stdin", stdin="quiet afternoons 1974\n")
    token = login(bank, "gerd", "quiet afternoons 1974").json["token"]
    assert bank.call("GET", "/api/v1/sessions", token=token).problem == "second-factor-required"
    begun = stepped_up(bank, token, "POST", "/api/v1/factors", {"kind": "totp"}, "quiet afternoons 1974")
    phone = Phone()
    phone.secret = begun.json["secret"]
    done = bank.call("POST", f"/api/v1/factors/{begun.json['id']}/confirm", {"answer": phone.code()}, token)
    assert state(bank, token) == "session-ended replaced"
    assert bank.call("GET", "/api/v1/sessions", token=done.json["token"]).status == 200
    assert "totp" in bank.command("user", "list").stdout


@pytest.mark.parametrize("how", ["logout", "revoke", "disable", "password", "reset", "role"])
def test_however_it_ends_it_is_over_everywhere_within_a_second_and_after_kill_9(tmp_path: Path, how: str) -> None:
    with running(tmp_path / "home", BANK.replace('confirmation = "totp"', "")) as gateway:
        person(gateway, "anna")
        told = login(gateway, "anna").json
        token, session = told["token"], told["session"]["id"]
        other = login(gateway, "anna").json["token"]
        stream = Stream(gateway, token, gateway.conversation(token))
        reason = {"logout": "logout", "revoke": "revoked", "disable": "disabled", "role": "revoked"}.get(
            how, "credential-changed"
        )
        if how == "logout":
            assert gateway.call("DELETE", "/api/v1/session", token=token).status == 204
        elif how == "revoke":
            gateway.command("session", "revoke", session)
        elif how == "password":
            changed = gateway.call(
                "PUT", "/api/v1/password", {"current": RIGHT, "password": "another long evening here"}, other
            )
            assert changed.status == 204
        elif how == "role":
            gateway.command("user", "role", "anna", "agent")
        else:
            gateway.command("user", how, "anna")
        gateway.kill()
        assert stream.until("session.ended") == {"reason": reason}
        stream.close()
        again = start(gateway.home)
        try:
            assert state(again, token) == f"session-ended {reason}"
            ends = [one for one in again.audit() if one["event"] == "session:ended" and one["object"] == session]
            assert [one["reason"] for one in ends] == [reason]
        finally:
            again.stop()
            assert again.process.stdout is not None
            again.process.stdout.close()
