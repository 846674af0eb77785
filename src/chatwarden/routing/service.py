"""The desk: whose a conversation is. Every change is decided on the table (rules.py) and made through the book (book.py).
What happens by itself is a stored instant that every use compares with ``now``; the sweep makes it visible.

Not here: who may read what and what they see (chatwarden.desk), and the bot's half of the rule that one speaks at a time
(chatwarden.answering).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from chatwarden.audit.service import AuditLog
from chatwarden.clock import Instant
from chatwarden.config.desk import DeskConfig
from chatwarden.errors import Conflict, NotFound
from chatwarden.log import get_logger
from chatwarden.principal import Principal
from chatwarden.routing import assignment, moves, rules, store
from chatwarden.routing.book import Book
from chatwarden.routing.model import SYSTEM, By, Handoff, Move, Reason, Speak, Talk, Talks, Why
from chatwarden.routing.presence import Agents, Presence
from chatwarden.routing.rules import Happening, State
from chatwarden.storage.model import Database, StorageFailed, Transaction

_log = get_logger("desk")
Lives = Callable[[str, Instant], Awaitable[bool]]
IDLE, CUT_OFF, OVER, SESSION_ENDED = "idle", "cut-off", "wrap-up-over", "session-ended"


async def _silent(_tx: Transaction, _talk: Talk, _text: str, _now: Instant) -> Callable[[], None]:
    return lambda: None


async def _nobody(_owner: str, _now: Instant) -> bool:
    return False


class Desk:
    """``speak`` writes lines of the gateway's own into a conversation; ``still_there``: whether a person has a session."""

    def __init__(self, database: Database, audit: AuditLog, config: DeskConfig, talks: Talks) -> None:
        self.agents = Agents()
        self.book = Book(database, audit, config, talks)
        self.speak: Speak = _silent
        self.still_there: Lives = _nobody
        self._talks = talks
        self._gone: set[str] = set()

    @property
    def config(self) -> DeskConfig:
        """What holds now."""
        return self.book.config

    async def load(self, now: Instant) -> None:
        """Reads what is under way. Agents who have something are given time to come back."""
        await self.book.load()
        for handoff in self.book.all():
            if handoff.agent:
                self.agents.expected(handoff.agent, now)

    # -- looking

    def queue(self) -> list[Handoff]:
        """Who waits, in the order in which they are served."""
        return assignment.in_order(one for one in self.book.all() if one.state is State.QUEUED)

    def held_by(self, agent_id: str) -> list[Handoff]:
        """What an agent has, the wrap-up included."""
        return [one for one in self.book.all() if one.agent == agent_id and one.state is not State.QUEUED]

    def load_of(self, agent_id: str) -> int:
        """How many conversations an agent works at; those in the wrap-up do not count."""
        return len(self._working(agent_id))

    def position(self, talk: Talk) -> int | None:
        """The place in the queue, from 1."""
        return next((at for at, one in enumerate(self.queue(), start=1) if one.conversation == talk.no), None)

    def bot_answers(self, talk: Talk) -> bool:
        """Whether the bot is asked and may be heard. Ask it under ``turn`` before the bot's words are written."""
        handoff = self.book.of(talk)
        return handoff is None or rules.bot_answers(handoff.state)

    # -- offered and asked for

    def offer(self, tx: Transaction, talk: Talk, why: Why, now: Instant, *, cause: str = "") -> Move | None:
        """Adds an offer to *tx*; None where people were offered or asked for already. The caller holds ``book.turn``,
        commits, and calls ``book.done``.
        """
        if rules.after(State(talk.state), Happening.OFFER) is None:
            return None
        return self.book.begin(tx, talk, Happening.OFFER, why, SYSTEM._replace(cause=cause), now)

    async def request(self, talk: Talk, why: Why, by: By, now: Instant) -> State:
        """A person is asked for by the person themselves, at once."""
        tx = Transaction()
        async with self.book.turn(talk):
            await self.due(talk, now)
            done = await self.ask(tx, talk, why, by, now)
            if done is not None:
                await self.book.commit(tx)
                done()
        await self.distribute(now)
        return State(talk.state)

    async def ask(self, tx: Transaction, talk: Talk, why: Why, by: By, now: Instant) -> Callable[[], None] | None:
        """Adds to *tx* that a person is asked for: by the person, or because of what was said. Outside of the hours the
        person is told that it will take until then. Who waits already and says something more urgent is served sooner;
        else None, and nothing changes. The caller holds ``book.turn``, has seen to what is ``due``, commits, calls what
        this returns, and then ``distribute``.
        """
        current = self.book.of(talk)
        if current is not None and current.state is State.QUEUED:
            if why.priority <= current.why.priority:
                return None
            urgent = why._replace(skill=why.skill or current.why.skill)
            move = self.book.plan(tx, talk, current, Happening.RAISE, by, now, why=urgent, reason=why.reason)
            return partial(self.book.done, move)
        if rules.after(State(talk.state), Happening.REQUEST) is None:
            return None
        if current is not None and why.priority <= current.why.priority:
            why = current.why  # who takes up an offer wants a person for what it was made for
        line = "" if moves.is_open(self.config, now) else self.config.closed_line
        show = await self.speak(tx, talk, line, now) if line else None
        asked = self.book.request(tx, talk, why, by, now)._replace(notice=line)

        def done() -> None:
            if show is not None:
                show()
            self.book.done(asked)

        return done

    async def turn_down(self, talk: Talk, by: By, now: Instant, reason: str = "") -> State:
        """The person wants no person (any more). Raises Conflict while one answers."""
        async with self.book.turn(talk):
            await self.due(talk, now)
            state = State(talk.state)
            what = {State.OFFERED: Happening.DECLINE, State.QUEUED: Happening.WITHDRAW}.get(state)
            if what is not None:
                await self.book.change(talk, what, by, now, reason=reason)
            elif not rules.bot_answers(state):
                raise Conflict("a person answers already")
        return State(talk.state)

    # -- agents

    async def take(self, talk: Talk, agent: Principal, by: By, now: Instant) -> Handoff:
        """*agent* takes a conversation that waits, or was only offered people. Raises Conflict when another has it, NotFound
        when nobody was offered or asked for.
        """
        async with self.book.turn(talk):
            await self.due(talk, now)
            current = self.book.of(talk)
            if current is None:
                raise NotFound
            if current.agent == agent.id and current.state is not State.QUEUED:
                return current
            if not rules.bot_answers(current.state):
                raise Conflict("another agent has this conversation")
            if self.load_of(agent.id) >= self.config.room(agent.name):
                raise Conflict("you have as many conversations as you can")
            tx = Transaction()
            first = None
            if current.state is State.OFFERED:
                first = self.book.request(tx, talk, current.why._replace(reason=Reason.AGENT), by, now)
                current = first.after
            last = self.book.plan(tx, talk, current, Happening.TAKE, by, now, agent=agent.id)
            await self.book.commit(tx)
            if first is not None:
                self.book.done(first)
            self.book.done(last)
            self._given(agent.id, now)
            assert last.after is not None
            return last.after

    async def next(self, agent: Principal, by: By, now: Instant) -> Talk | None:
        """*agent* takes what they can of what waits longest. Raises Conflict when they have no room."""
        skills = self.config.skills(agent.name)
        for handoff in self.queue():
            if assignment.fits(handoff, skills):
                talk = await self._talks.look_up(handoff.talk, now)
                try:
                    await self.take(talk, agent, by, now)
                except (Conflict, NotFound):
                    if self.load_of(agent.id) >= self.config.room(agent.name):
                        raise
                    continue  # somebody else was quicker
                return talk
        return None

    async def transfer(
        self, talk: Talk, by: By, now: Instant, *, to: str = "", skill: str = "", together: Transaction
    ) -> Handoff:
        """Passes a conversation on to another agent, or back to the queue for who has *skill*. *together* is written with
        it. The caller has seen to it that *by* may.
        """
        async with self.book.turn(talk):
            current = await self._owned(talk, now)
            if current.state is State.WRAP_UP:
                raise Conflict("this conversation is finished")
            if to and to == current.agent:
                raise Conflict("this agent has it already")
            if to:
                move = self.book.plan(together, talk, current, Happening.TRANSFER, by, now, agent=to, reason=to)
            else:
                why = current.why._replace(skill=skill)
                move = self.book.plan(together, talk, current, Happening.REQUEUE, by, now, why=why, reason="transfer")
            await self.book.commit(together)
            self.book.done(move)
        if to:
            self._given(to, now)
        else:
            await self.distribute(now)
        assert move.after is not None
        return move.after

    async def change(self, talk: Talk, what: Happening, by: By, now: Instant, together: Transaction) -> Handoff:
        """FINISH, RETURN or CLOSE by its agent. Raises Conflict where that does not come next."""
        async with self.book.turn(talk):
            current = await self._owned(talk, now)
            if rules.after(current.state, what) is None:
                raise Conflict(f"this conversation is {current.state}")
            move = await self.book.change(talk, what, by, now, tx=together)
        await self.distribute(now)
        assert move.after is not None
        return move.after

    async def _owned(self, talk: Talk, now: Instant) -> Handoff:
        await self.due(talk, now)
        current = self.book.of(talk)
        if current is None or rules.bot_answers(current.state):
            raise Conflict("nobody has this conversation")
        return current

    # -- what is said

    async def wrote(self, talk: Talk, by: By, now: Instant) -> None:
        """Its person wrote. In the wrap-up the conversation goes on, and the agent owes an answer."""
        async with self.book.turn(talk):
            await self.due(talk, now)
            current = self.book.of(talk)
            if current is None or rules.bot_answers(current.state):
                return
            if current.state is State.WRAP_UP:
                await self.book.change(talk, Happening.RESUME, by, now)
                return
            new = moves.said(current, now, self.config)
            if new is not current:
                tx = Transaction()
                store.write(tx, current, new)
                await self.book.commit(tx)
            self.book.put(new)

    async def reopen(self, talk: Talk, by: By, now: Instant) -> None:
        """Its person writes again after it was closed: the bot answers."""
        async with self.book.turn(talk):
            if talk.state == State.CLOSED:
                tx = Transaction()
                move = self.book.plan(tx, talk, None, Happening.REOPEN, by, now)
                await self.book.commit(tx)
                self.book.done(move)

    def answers(self, tx: Transaction, talk: Talk, agent_id: str, by: By, now: Instant) -> Callable[[], None]:
        """*agent_id* writes to the person, in *tx*. The caller holds ``turn``, commits, and calls what this returns. Raises
        Conflict when the conversation is not theirs.
        """
        current = self.book.of(talk)
        if current is None or current.agent != agent_id or rules.bot_answers(current.state):
            raise Conflict("this conversation is not yours")
        move = None
        if current.state is State.WRAP_UP:
            move = self.book.plan(tx, talk, current, Happening.RESUME, by, now)
            assert move.after is not None
            current = move.after
            new = moves.answered(current)
        else:
            new = moves.answered(current)
        if new is not current:
            store.write(tx, current, new)

        def done() -> None:
            if move is not None:
                self.book.done(move._replace(after=new))
            self.book.put(new)

        return done

    def busy(self, talk: Talk, agent_id: str, now: Instant) -> None:
        """Its agent does something about it, and is not idle. In memory: a restart takes nothing from anybody."""
        current = self.book.of(talk)
        if current is not None and current.agent == agent_id:
            self.book.put(moves.busy(current, now, self.config))

    # -- time passes

    async def settle(self, talk: Talk, now: Instant) -> None:
        """What is due happens before anything else does."""
        current = self.book.of(talk)
        if current is not None and moves.by_itself(current, now) is not None:
            async with self.book.turn(talk):
                await self.due(talk, now)
            await self.distribute(now)

    def person_gone(self, owner: str) -> None:
        """A session of a person ended: who has no other does not wait any more. With the next sweep."""
        self._gone.add(owner)

    async def sweep(self, now: Instant) -> None:
        """Makes visible what time did: nobody took it, agents went idle or are out of touch, wrap-ups are over. A
        conversation that cannot be read or changed now does not keep the others; the next sweep tries it again.
        """
        gone, self._gone = self._gone, set()
        for agent in self.agents.out_of_touch(now, self.config.cut_off):
            agent.becomes(Presence.OFFLINE, now)
            agent.looks_at = ""
        for handoff in self.book.all():
            try:
                await self._pass_time(handoff, gone, now)
            except (Conflict, NotFound, StorageFailed) as error:
                self._gone |= gone
                _log.error("desk-not-swept", kind=type(error).__name__)
        await self.distribute(now)

    async def _pass_time(self, handoff: Handoff, gone: set[str], now: Instant) -> None:
        agent = self.agents.get(handoff.agent) if handoff.state is State.ASSIGNED else None
        if agent is not None and agent.silent(now, self.config.cut_off):
            await self._requeue(handoff, CUT_OFF, now)
        elif moves.by_itself(handoff, now) is not None:
            await self.settle(await self._talks.look_up(handoff.talk, now), now)
        elif gone and rules.bot_answers(handoff.state):
            talk = await self._talks.look_up(handoff.talk, now)
            if talk.owner in gone and not await self.still_there(talk.owner, now):
                await self.turn_down(talk, SYSTEM, now, SESSION_ENDED)

    async def distribute(self, now: Instant) -> None:
        """Gives what waits to who is free, where the configuration says that the gateway does that."""
        free = [
            assignment.Free(
                one.id, self.config.skills(one.name), self.config.room(one.name), self.load_of(one.id),
                one.given_at,
            )
            for one in self.agents
            if one.presence is Presence.AVAILABLE
        ]  # fmt: skip
        for handoff, agent_id in assignment.pairs(self.queue(), free, self.config.assign):
            talk = await self._talks.look_up(handoff.talk, now)
            async with self.book.turn(talk):
                if self.book.of(talk) is handoff:
                    await self.book.change(talk, Happening.ASSIGN, SYSTEM, now, agent=agent_id, reason=agent_id)
                    self._given(agent_id, now)

    async def _requeue(self, handoff: Handoff, reason: str, now: Instant) -> None:
        talk = await self._talks.look_up(handoff.talk, now)
        async with self.book.turn(talk):
            current = self.book.of(talk)
            if current is not None and current.state is State.ASSIGNED and current.agent == handoff.agent:
                await self.book.change(talk, Happening.REQUEUE, SYSTEM, now, reason=reason)

    async def due(self, talk: Talk, now: Instant) -> None:
        """The same for who holds ``book.turn`` already, and gives what waits to who is free when they have let go of it."""
        current = self.book.of(talk)
        what = None if current is None else moves.by_itself(current, now)
        if current is None or what is None:
            return
        if what is Happening.REQUEUE:
            idle = self.agents.get(current.agent)
            if idle is not None and idle.presence is Presence.AVAILABLE:
                idle.becomes(Presence.AWAY, now)  # or it would be given to them again
        if what is Happening.GIVE_UP:
            tx = Transaction()
            line = self.config.nobody_line
            show = await self.speak(tx, talk, line, now)
            move = self.book.plan(tx, talk, current, what, SYSTEM, now)
            await self.book.commit(tx)
            show()
            self.book.done(move._replace(notice=line))
        else:
            await self.book.change(talk, what, SYSTEM, now, reason=IDLE if what is Happening.REQUEUE else OVER)

    def _working(self, agent_id: str) -> list[Handoff]:
        return [one for one in self.book.all() if one.agent == agent_id and one.state is State.ASSIGNED]

    def _given(self, agent_id: str, now: Instant) -> None:
        agent = self.agents.get(agent_id)
        if agent is not None:
            agent.given_at = now
