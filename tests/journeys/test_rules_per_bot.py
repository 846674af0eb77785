"""An administrator tries the gateway in observe mode, switches protection on, pauses, and meets the law."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world.gateway import Gateway, running
from tests.world.threaded import bot_server
from tests.world.upstream import TEXT, Upstream, honest

CARD = "4111 1111 1111 1111"
UNLIMITED = '[limits]\nmessages = "off"\nvisitors = "off"\n'


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with bot_server(honest) as started:
        yield started


def shop(upstream: Upstream, more: str) -> str:
    return UNLIMITED + f'[bots.shop]\nconnector = "openai"\nurl = "{upstream.url}"\nmodel = "m"\n{more}\n'


def seen(upstream: Upstream) -> str:
    """The last line that the bot was given."""
    return str(upstream.asked[-1].body["messages"][-1]["content"])


def test_a_week_of_observing_then_protection_without_a_restart(upstream: Upstream, tmp_path: Path) -> None:
    with running(tmp_path / "home", shop(upstream, 'mode = "observe"')) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token, "shop")
        text = f"my card is {CARD}, cvv 737"
        turn = gateway.say(token, conversation, text)
        assert turn.status == 201
        assert seen(upstream) == text
        message = turn.json["message"]
        assert CARD in message["text"]
        assert "737" not in message["text"]
        assert [(f["class"], f["action"], f["would"]) for f in message["findings"]] == [
            ("payment-card", "allowed", "masked"),
            ("card-code", "removed", "removed"),
        ]
        assert turn.json["replies"][0]["text"] == TEXT
        shown = gateway.command("bot", "report", "shop")
        assert "1 message(s), 1 answer(s)" in shown.stdout
        report = json.loads(gateway.command("bot", "report", "shop", "--for", "1d", "--json").stdout)
        assert {"from": "person", "class": "payment-card", "would": "masked", "messages": 1} in report["findings"]
        assert json.loads(gateway.command("bot", "report", "helpdesk", "--json").stdout)["messages"] == 0
        assert [e["decision"] for e in gateway.audit() if e["event"].startswith("message:")] == ["observe"] * 2

        gateway.config.write_text(gateway.config.read_text().replace('mode = "observe"', 'mode = "protect"'))
        gateway.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 20
        while CARD in seen(upstream):
            assert time.monotonic() < until
            assert gateway.say(token, conversation, f"again {CARD}").status == 201
        assert seen(upstream).startswith("again [payment-card-")


def test_an_observed_stream_passes_as_it_comes(upstream: Upstream, tmp_path: Path) -> None:
    with running(tmp_path / "home", shop(upstream, 'mode = "observe"')) as gateway:
        body = {"model": "shop", "stream": True, "messages": [{"role": "user", "content": f"card {CARD}"}]}
        answer = gateway.call("POST", "/bots/shop/openai/v1/chat/completions", body, gateway.visitor())
        assert answer.status == 200
        pieces = [json.loads(line[6:]) for line in answer.body.splitlines() if line.startswith(b"data: {")]
        assert "".join(piece["choices"][0]["delta"].get("content", "") for piece in pieces) == TEXT
        assert seen(upstream) == f"card {CARD}"


def test_people_are_told_and_the_company_own_numbers_stay(upstream: Upstream, tmp_path: Path) -> None:
    more = 'machine_line = "A machine answers here."\nallow = [{ value = "+49 30 901820", reason = "our hotline" }]'
    with running(tmp_path / "home", shop(upstream, more)) as gateway:
        token = gateway.visitor()
        made = gateway.call("POST", "/api/v1/conversations", {"bot": "shop"}, token).json
        assert made["notice"]["machine"] == "A machine answers here."
        assert made["notice"]["privacy"].startswith("Messages are destroyed after 30 days")
        assert made["notice"]["protects"] is True
        listed = gateway.call("GET", "/api/v1/conversations", token=token).json["conversations"]
        assert listed[0]["notice"] == made["notice"]
        turn = gateway.say(token, made["id"], "Is 0049 30 901820 your number? Mine is +49 171 3920000.").json
        assert "0049 30 901820" in seen(upstream)
        assert "3920000" not in seen(upstream)
        assert [f["class"] for f in turn["message"]["findings"]] == ["phone"]


def test_what_the_law_wants_kept_nobody_destroys(upstream: Upstream, tmp_path: Path) -> None:
    with running(tmp_path / "home", shop(upstream, '[bots.shop.keep]\niban = "10d"')) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token, "shop")
        bound = gateway.say(token, conversation, "pay from DE89 3704 0044 0532 0130 00").json["message"]
        free = gateway.say(token, conversation, "and thank you").json["message"]
        path = f"/api/v1/conversations/{conversation}/messages/"
        refused = gateway.call("DELETE", path + bound["id"], token=token)
        assert (refused.status, refused.problem) == (403, "forbidden")
        assert refused.json["kept_until"] > bound["at"]
        assert gateway.call("DELETE", path + free["id"], token=token).status == 200
        stranger = gateway.visitor()
        assert gateway.call("DELETE", path + bound["id"], token=stranger).status == 404
        erased = gateway.command("erase", "--conversation", conversation, check=False)
        assert erased.returncode == 1
        assert f"kept {bound['id']}: the law wants it until" in erased.stdout
        states = {m["id"]: m["state"] for m in gateway.call("GET", path[:-1], token=token).json["messages"]}
        assert states.pop(bound["id"]) == "live"
        assert set(states.values()) == {"destroyed"}


def test_a_paused_bot_is_asked_nothing_until_it_is_resumed(upstream: Upstream, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home, shop(upstream, "")) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token, "shop")
        assert gateway.command("pause", "--bot", "shop").stdout == "paused shop\n"
        turn = gateway.say(token, conversation, "hello")
        assert turn.status == 201
        assert (turn.json["handoff"], turn.json["replies"][0]["from"]) == ("offered", "system")
        assert upstream.asked == []
        body = {"model": "shop", "messages": [{"role": "user", "content": "hello"}]}
        for stream in (False, True):
            url = "/bots/shop/openai/v1/chat/completions"
            answer = gateway.call("POST", url, {**body, "stream": stream}, token)
            assert (answer.status, answer.headers["chatwarden-handoff"]) == (200, "offered")
        assert upstream.asked == []
        assert _say_helpdesk(gateway) == "bot"
        bots = json.loads(gateway.command("bot", "list", "--json").stdout)["bots"]
        assert {bot["name"]: bot["paused"] for bot in bots} == {"helpdesk": False, "shop": True}
    with running(home) as gateway:  # a restart does not undo it
        assert gateway.say(token, conversation, "still there?").json["handoff"] == "offered"
        assert gateway.call("POST", f"/api/v1/conversations/{conversation}/handoff", token=token).status == 202
        assert gateway.command("resume", "--bot", "shop").stdout == "resumed shop\n"
        assert gateway.say(token, conversation, "and now?").json["replies"][0]["text"] == TEXT
        gateway.command("pause", "--all")
        assert _say_helpdesk(gateway) == "system"
        refused = gateway.command("resume", "--bot", "shop", check=False)
        assert (refused.returncode, "every bot is paused" in refused.stderr) == (2, True)
        gateway.command("resume", "--all")
        assert _say_helpdesk(gateway) == "bot"
        unknown = gateway.command("pause", "--bot", "nobody", check=False)
        assert (unknown.returncode, "there is no bot named nobody" in unknown.stderr) == (1, True)
        events = [(e["event"], e["object"]) for e in gateway.audit() if e["event"] in {"bot:paused", "bot:resumed"}]
        assert events == [("bot:paused", "shop"), ("bot:resumed", "shop"), ("bot:paused", "*"), ("bot:resumed", "*")]
        assert not [e for e in gateway.audit() if e["event"] == "bot:failed"]


def _say_helpdesk(gateway: Gateway) -> str:
    token = gateway.visitor()
    turn = gateway.say(token, gateway.conversation(token), "What are your opening hours?").json
    return str(turn["replies"][0]["from"])
