"""An answer is cut short at each of its system calls by a power cut: on no disk that is left lies an answer without the
request for people that came of it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from tests.world.crashes import traced

SAID = "I would like to talk to a person, please"


def lying(home: Path) -> tuple[int, str, int]:
    """As the database lies there: answers, the state of the conversation, and who waits."""
    with contextlib.closing(sqlite3.connect(home / "data" / "chatwarden.db")) as base:
        [(answers,)] = base.execute("SELECT count(*) FROM messages WHERE source <> 'client'")
        [(state,)] = base.execute("SELECT state FROM conversations")
        [(waiting,)] = base.execute("SELECT count(*) FROM handoffs WHERE state = 'queued' AND ended_at IS NULL")
        return answers, state, waiting


def test_a_power_cut_parts_no_answer_from_its_request_for_people(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with traced(home) as run:
        token = run.gateway.visitor()
        talk = run.gateway.conversation(token)
        run.arm()
        assert run.gateway.say(token, talk, SAID).json["handoff"] == "queued"
        run.disarm()
        found = {lying(run.laid_out(image, tmp_path / "cut")) for image in run.images()}
        assert run.gateway.stop() == 0
    assert found == {(0, "bot", 0), (1, "queued", 1)}
