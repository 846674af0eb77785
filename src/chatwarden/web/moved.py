"""What open screens are told when a conversation is somebody else's: its person, agents, and those who wait behind it."""

from __future__ import annotations

from collections.abc import Callable

from chatwarden.clock import SECOND
from chatwarden.routing.model import Move, Talk
from chatwarden.routing.rules import Happening, State, bot_answers
from chatwarden.web.context import Services


def standing(services: Services, talk: Talk) -> dict[str, object]:
    """Where the hand-off of this conversation stands, for the screen of its person."""
    desk = services.desk
    handoff = desk.book.of(talk)
    told: dict[str, object] = {"state": talk.state}
    if handoff is not None:
        told["reason"] = handoff.why.reason.value
    if handoff is not None and handoff.state is State.QUEUED:
        told["position"] = desk.position(talk)
    if handoff is not None and not bot_answers(handoff.state):
        agent = desk.agents.get(handoff.agent)
        told["agent"] = {"name": "" if agent is None else desk.config.shown_as(agent.name)}
    return told


def told_of_moves(services: Services) -> Callable[[Move], None]:
    """What tells screens and numbers that a conversation is somebody else's now."""
    hub, desk, agents = services.hub, services.desk, services.agents

    def moved(move: Move) -> None:
        talk = move.talk
        hub.publish(
            talk.id, "handoff", {**standing(services, talk), **({"notice": move.notice} if move.notice else {})}
        )
        agents.entry(talk.id)
        for waiting in desk.queue():  # their place in the queue is another one, perhaps
            if waiting.talk != talk.id and hub.listening(waiting.talk):
                told = {"state": State.QUEUED.value, "reason": waiting.why.reason.value}
                at = next((n for n, one in enumerate(desk.queue(), 1) if one.id == waiting.id), None)
                hub.publish(waiting.talk, "handoff", {**told, "position": at})
        _count(services, move)

    return moved


def _count(services: Services, move: Move) -> None:
    metrics, before, after = services.metrics, move.before, move.after
    metrics.handoff(move.what.value)
    if after is None:
        return
    if move.what is Happening.REQUEST:
        metrics.handed_over(after.why.reason.value)
    if after.taken_at is not None and after.queued_at is not None and (before is None or before.taken_at is None):
        metrics.waited((after.taken_at - after.queued_at) / SECOND)
    if move.what is Happening.FINISH and after.taken_at is not None and after.finished_at is not None:
        metrics.handled((after.finished_at - after.taken_at) / SECOND)
