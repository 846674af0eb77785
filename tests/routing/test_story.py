"""Whatever people, agents, time, restarts and crashes do in whatever order: one owner, one entry for each change, a bot that is
silent while an agent has it, and nobody who waits without an end.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world.postgres import SqliteEngine

from chatwarden.audit.model import Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import DAY, MINUTE, SECOND, Instant
from chatwarden.config.desk import DeskConfig
from chatwarden.conversations import store as record
from chatwarden.conversations.model import Conversation
from chatwarden.errors import Conflict, NotFound
from chatwarden.principal import Kind, Principal, Role
from chatwarden.routing import store
from chatwarden.routing.book import _EVENTS
from chatwarden.routing.model import By, Reason, Talk, Why
from chatwarden.routing.presence import Presence
from chatwarden.routing.rules import OWNERS, STATES, Happening, Owner, State
from chatwarden.routing.service import Desk
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Database, StorageFailed, Transaction

BEGAN = 1_700_000_000 * SECOND
CLIENT, STAFF = By("vis_1", Lane.CLIENT), By("usr_a", Lane.STAFF)
AGENTS = tuple(Principal(f"usr_{name}", Kind.PERSON, name, (Role.AGENT,)) for name in ("a", "b"))
WHAT = {event.value: happening for happening, event in _EVENTS.items()}


@dataclass
class Talks:
    """The conversations of the record, one object each until the process ends."""

    database: Database
    known: dict[str, Conversation] = field(default_factory=dict)

    async def look_up(self, conversation_id: str, now: Instant) -> Talk:
        if conversation_id not in self.known:
            found = await record.by_id(self.database, conversation_id)
            assert found is not None
            self.known[conversation_id] = found
        return self.known[conversation_id]

    def set_state(self, tx: Transaction, no: int, new: str, before: Collection[str]) -> None:
        record.set_conversation_state(tx, no, before, new)


class Mortal:
    """A database under a process that dies at a commit: before it, or behind it and before anybody knows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dies = ""

    async def commit(self, tx: Transaction) -> None:
        if self.dies == "before":
            raise StorageFailed("the process is gone")
        await self._database.commit(tx)
        if self.dies == "behind":
            raise StorageFailed("the process is gone")

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)


class Story:
    """A desk with two agents and one conversation."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.mortal = Mortal(database)
        self.now = BEGAN
        self.talk: Talk
        self.desk: Desk

    async def start(self, assign: str) -> None:
        """The process begins: all that it knows is on record."""
        self.mortal.dies = ""
        self.assign = assign
        config = dataclasses.replace(DeskConfig(), assign=assign)  # type: ignore[arg-type]
        talks = Talks(self.database)
        self.desk = Desk(self.mortal, AuditLog(self.database), config, talks)  # type: ignore[arg-type]
        await self.desk.load(self.now)
        self.talk = await talks.look_up("cnv_1", self.now)

    async def act(self, what: str, agent: Principal, priority: int) -> None:
        """Something is tried; what may not be is refused."""
        other = AGENTS[1 - AGENTS.index(agent)]
        if what in {"restart", "dies before", "dies behind"}:
            self.mortal.dies = what.removeprefix("dies ")
            if what != "restart":
                with pytest.raises(StorageFailed):
                    await self.die()
            await self.start(self.assign)
            return
        try:
            await self._act(what, agent, other, priority)
        except (Conflict, NotFound):
            return

    async def die(self) -> None:
        """The process ends in the middle of whatever comes next."""
        why = Why(Reason.TOPIC, "fraud", "", 100)
        tx = Transaction()
        async with self.desk.book.turn(self.talk):
            if (done := await self.desk.ask(tx, self.talk, why, CLIENT, self.now)) is None:
                raise StorageFailed("there was nothing to write")
            await self.desk.book.commit(tx)
            done()

    async def _act(self, what: str, agent: Principal, other: Principal, priority: int) -> None:
        desk, talk, now = self.desk, self.talk, self.now
        if what in _OF_AGENTS:  # as every request of theirs is a sign of life
            for one in (agent, other):
                desk.agents.arrived(one.id, one.name, "ses", now)
        why = Why(Reason.TOPIC, "fraud", "", priority)
        if what == "offer":
            tx = Transaction()
            async with desk.book.turn(talk):
                if (move := desk.offer(tx, talk, why, now)) is not None:
                    await desk.book.commit(tx)
                    desk.book.done(move)
        elif what == "ask":
            await desk.request(talk, why, CLIENT, now)
        elif what == "decline":
            await desk.turn_down(talk, CLIENT, now)
        elif what == "write":
            await desk.settle(talk, now)
            await desk.reopen(talk, CLIENT, now)
            await desk.wrote(talk, CLIENT, now)
        elif what == "take":
            await desk.take(talk, agent, By(agent.id, Lane.STAFF), now)
        elif what == "answer":
            tx = Transaction()
            async with desk.book.turn(talk):
                done = desk.answers(tx, talk, agent.id, STAFF, now)
                await self.database.commit(tx)
                done()
        elif what == "transfer":
            await desk.transfer(talk, STAFF, now, to=other.id, together=Transaction())
        elif what == "back to the queue":
            await desk.transfer(talk, STAFF, now, skill="", together=Transaction())
        elif what in {"finish", "return", "close"}:
            await desk.change(talk, Happening(what), STAFF, now, Transaction())
        elif what == "come":
            desk.agents.arrived(agent.id, agent.name, "ses", now).presence = Presence.AVAILABLE
        elif what == "time":
            self.now += priority * MINUTE
            await desk.sweep(self.now)

    async def holds(self) -> None:
        """What has to be true at any time, in memory and on record."""
        state, handoff = State(self.talk.state), self.desk.book.of(self.talk)
        stored = await record.by_id(self.database, self.talk.id)
        assert stored is not None
        assert stored.state == state
        open_ = await store.under_way(self.database)
        assert len(open_) == (handoff is not None) <= 1
        assert (handoff is None) == (state in {State.BOT, State.CLOSED})
        owner = OWNERS[state]
        assert self.desk.bot_answers(self.talk) == (owner is not Owner.AGENT)
        if handoff is not None:
            assert (handoff.state, open_[0].state) == (state, state)
            assert bool(handoff.agent) == (owner is Owner.AGENT)
            assert open_[0].agent == handoff.agent
            waits = state in {State.QUEUED, State.WRAP_UP} or handoff.answer_due is not None
            assert not waits or handoff.due_at is not None
        assert await self.told() == state

    async def told(self) -> State:
        """Where the conversation stands by the log alone: each entry is one move of the table."""
        state = State.BOT
        async for _, entry in AuditLog(self.database).read():
            state = STATES[state][WHAT[entry.event]]
        return state

    async def ends(self) -> None:
        """All agents are gone: nobody waits any more after a while."""
        for agent in self.desk.agents:
            agent.presence, agent.seen_at = Presence.OFFLINE, 0
        for _ in range(3):
            self.now += DAY
            await self.desk.sweep(self.now)
            await self.holds()
        assert State(self.talk.state) in {State.BOT, State.OFFERED, State.CLOSED}


ACTS = ("offer", "ask", "decline", "write", "take", "answer", "transfer", "back to the queue", "finish", "return", "close",
        "come", "time", "restart", "dies before", "dies behind")  # fmt: skip
_OF_AGENTS = {"take", "answer", "transfer", "back to the queue", "finish", "return", "close"}
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(AGENTS), st.sampled_from([0, 5, 20])), max_size=14)


@settings(max_examples=30)
@given(STEPS, st.sampled_from(["manual", "longest-wait"]))
def test_whatever_happens_in_whatever_order(steps: Sequence[tuple[str, Principal, int]], assign: str) -> None:
    asyncio.run(tell(steps, assign, lambda _: None))


async def tell(steps: Sequence[tuple[str, Principal, int]], assign: str, seen: Callable[[Story], None]) -> None:
    with TemporaryDirectory() as folder:
        database = await SqliteEngine(Path(folder) / "record.db").open(load("sqlite"))
        try:
            tx = Transaction()
            record.insert_conversation(tx, Conversation(1, "cnv_1", "shop", "vis_1", "vis_1", "bot", BEGAN))
            await database.commit(tx)
            story = Story(database)
            await story.start(assign)
            for what, agent, priority in steps:
                await story.act(what, agent, priority)
                await story.holds()
                seen(story)
            await story.ends()
        finally:
            await database.close()


def test_the_stories_reach_every_state() -> None:
    """Without this the one above could not fail where it matters."""
    bea, reached = AGENTS[0], set[str]()
    told = [(what, bea, n) for what, n in (
        ("offer", 0), ("ask", 5), ("dies behind", 0), ("take", 0), ("write", 0), ("answer", 0), ("restart", 0), ("transfer", 0),
        ("back to the queue", 0), ("take", 0), ("finish", 0), ("close", 0), ("write", 0), ("ask", 0), ("time", 20),
    )]  # fmt: skip
    asyncio.run(tell(told, "manual", lambda story: reached.add(story.talk.state)))
    assert reached == {state.value for state in State}
