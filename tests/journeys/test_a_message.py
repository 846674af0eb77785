"""A message takes the whole road, told from outside: a real process, real TLS, real storage."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from pathlib import Path
from typing import Any

from tests.world.gateway import Gateway, running

CARD = "4111 1111 1111 1111"


def eventually(check: Any, seconds: float = 10) -> None:
    """Waits until *check* is true; fails when it never is."""
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def test_a_visitor_asks_and_is_answered_with_a_source(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    answer = gateway.say(token, conversation, "What are your opening hours?")
    assert answer.status == 201
    turn = answer.json
    assert turn["message"]["from"] == "client"
    assert turn["message"]["state"] == "live"
    [reply] = turn["replies"]
    assert reply["from"] == "bot"
    assert reply["reply_to"] == turn["message"]["id"]
    assert "open" in reply["text"].lower()


def test_a_card_number_is_masked_on_the_screen_and_lives_fifteen_minutes(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    message = gateway.say(token, conversation, f"I lost my card {CARD}, what now?").json["message"]
    assert CARD not in message["text"]
    [finding] = message["findings"]
    assert finding["class"] == "payment-card"
    assert finding["action"] == "masked"
    shown = message["text"][finding["start"] : finding["end"]]
    assert shown.startswith("4111")
    assert "1111 1111" not in shown
    lifetime = _instant(message["destroy_at"]) - _instant(message["at"])
    assert 14 * 60 <= lifetime <= 15 * 60


def test_a_card_code_is_not_even_stored(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    message = gateway.say(token, conversation, f"card {CARD} cvv 737").json["message"]
    assert "737" not in message["text"]
    assert {finding["class"]: finding["action"] for finding in message["findings"]} == {
        "payment-card": "masked",
        "card-code": "removed",
    }


def test_pages_of_messages_follow_each_other(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    for number in range(3):
        assert gateway.say(token, conversation, f"hello {number}").status == 201
    path = f"/api/v1/conversations/{conversation}/messages"
    seen: list[str] = []
    after = ""
    while True:
        page = gateway.call("GET", f"{path}?limit=2{after}", token=token).json
        seen += [message["id"] for message in page["messages"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == 6
    everything = gateway.call("GET", path, token=token).json["messages"]
    assert [message["id"] for message in everything] == seen
    assert [message["from"] for message in everything] == ["client", "bot"] * 3


def test_the_same_client_id_returns_the_first_answer(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    client_id = uuid.uuid4().hex
    first = gateway.say(token, conversation, "What are your opening hours?", client_id=client_id)
    again = gateway.say(token, conversation, "something else", client_id=client_id)
    assert first.status == again.status == 201
    assert first.json["message"]["id"] == again.json["message"]["id"]
    assert first.json["replies"] == again.json["replies"]
    assert again.json["message"]["client_id"] == client_id
    listed = gateway.call("GET", f"/api/v1/conversations/{conversation}/messages", token=token).json
    assert len(listed["messages"]) == 2


def test_a_message_is_destroyed_on_wish_and_leaves_a_tombstone(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    message = gateway.say(token, conversation, "please forget this").json["message"]
    path = f"/api/v1/conversations/{conversation}/messages"
    receipt = gateway.call("DELETE", f"{path}/{message['id']}", token=token)
    assert receipt.status == 200
    assert receipt.json["id"] == message["id"]
    [tombstone] = [m for m in gateway.call("GET", path, token=token).json["messages"] if m["id"] == message["id"]]
    assert tombstone["state"] == "destroyed"
    assert "text" not in tombstone
    assert "findings" not in tombstone
    assert gateway.call("DELETE", f"{path}/{message['id']}", token=token).problem == "not-found"
    [entry] = [one for one in gateway.audit() if one["id"] == receipt.json["receipt"]]
    assert entry["event"] == "message:destroyed"


def test_asking_for_a_person_is_recorded_once(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    path = f"/api/v1/conversations/{conversation}/handoff"
    assert gateway.call("POST", path, token=token).json == {"state": "queued"}
    assert gateway.call("POST", path, token=token).status == 202
    events = [e["event"] for e in gateway.audit() if e.get("object") == conversation]
    assert events.count("conversation:handoff-requested") == 1


def test_attachments_are_refused_in_plain_words(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    answer = gateway.call("POST", f"/api/v1/conversations/{conversation}/attachments", b"x", token)
    assert (answer.status, answer.problem) == (422, "attachment-refused")


def test_a_turn_is_four_acts_in_two_lanes_with_a_cause(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    turn = gateway.say(token, conversation, f"card {CARD}").json
    entries = gateway.audit()
    [asked] = [e for e in entries if e.get("object") == turn["message"]["id"]]
    [answered] = [e for e in entries if e.get("object") == turn["replies"][0]["id"]]
    assert (asked["lane"], answered["lane"]) == ("client", "bot")
    assert answered["cause"] == asked["id"]
    assert asked["reason"] == "payment-card"
    assert len(asked["commitment"]) == 64
    log = json.dumps(entries)  # four digits alone stand in random identifiers now and then
    assert CARD not in log
    assert CARD.replace(" ", "") not in log


def test_a_person_logs_in_and_the_visitors_conversation_comes_along(gateway: Gateway) -> None:
    name = f"anna{uuid.uuid4().hex[:8]}"
    gateway.command("user", "add", name, "--role", "customer", "--password-stdin", stdin="correct horse battery\n")
    visitor = gateway.visitor()
    conversation = gateway.conversation(visitor)
    wrong = gateway.call("POST", "/api/v1/session", {"username": name, "password": "not the right one"}, visitor)
    assert (wrong.status, wrong.problem) == (401, "invalid-credentials")
    login = gateway.call("POST", "/api/v1/session", {"username": name, "password": "correct horse battery"}, visitor)
    assert login.status == 201
    assert login.json["session"]["principal"]["kind"] == "person"
    assert login.json["session"]["assurance"]["factors"] == ["password"]
    ended = gateway.call("GET", "/api/v1/session", token=visitor)
    assert (ended.problem, ended.json["reason"]) == ("session-ended", "replaced")
    assert gateway.say(login.json["token"], conversation, "still mine").status == 201


def test_an_enrolment_link_works_once(gateway: Gateway) -> None:
    name = f"otto{uuid.uuid4().hex[:8]}"
    shown = json.loads(gateway.command("user", "add", name, "--role", "agent", "--json").stdout)
    token = shown["enrolment_link"].partition("#")[2]
    password = "a long enough password"
    short = gateway.call("POST", "/api/v1/enrolments", {"token": token, "password": "short"})
    assert (short.status, short.problem) == (422, "invalid-request")
    done = gateway.call("POST", "/api/v1/enrolments", {"token": token, "password": password})
    assert (done.status, done.json) == (201, {"username": name})
    assert gateway.call("POST", "/api/v1/enrolments", {"token": token, "password": password}).problem == "not-found"
    assert gateway.call("POST", "/api/v1/session", {"username": name, "password": password}).status == 201


def test_messages_end_at_their_deadline_without_anybody_asking(tmp_path: Path) -> None:
    toml = '[retention]\ndefault = "2s"\n[ephemeral]\nbucket = "1s"\n'
    with running(tmp_path / "home", toml) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token)
        marker = "zanzibar marker"
        turn = gateway.say(token, conversation, f"{marker} hello").json
        path = f"/api/v1/conversations/{conversation}/messages"

        def gone() -> bool:
            listed = gateway.call("GET", path, token=token).json["messages"]
            return [m["state"] for m in listed] == ["destroyed", "destroyed"]

        eventually(gone)

        def rows_gone() -> bool:
            with sqlite3.connect(f"file:{gateway.home}/data/chatwarden.db?mode=ro", uri=True) as db:
                count: int = db.execute("SELECT count(*) FROM messages").fetchone()[0]
            return count == 0

        eventually(rows_gone)
        expired = [e for e in gateway.audit() if e["event"] == "message:destroyed"]
        assert turn["message"]["id"] in {e["object"] for e in expired}
        for file in gateway.home.rglob("*"):
            if file.is_file():
                assert marker.encode() not in file.read_bytes(), file


def _instant(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()
