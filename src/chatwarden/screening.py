"""What a text becomes on its way: detection and policy applied to one message or one answer.

Nothing here is stored or sent; the gateway does that with what it is given. The same configuration decides both ways,
but towards the person what only the bot must not see is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatwarden.classes import Action, DataClass, Treatment
from chatwarden.clock import Duration, Instant
from chatwarden.config.model import Config
from chatwarden.conversations.model import Conversation, Item
from chatwarden.conversations.views import bot_view, record
from chatwarden.detection.mask import mask
from chatwarden.detection.policy import Decision, decide
from chatwarden.detection.scan import Scanner, Verdict
from chatwarden.detection.stream import StreamGuard
from chatwarden.ephemeral.rules import destroy_at

_BOT_SEES = {Action.MASKED, Action.PLACEHOLDER, Action.HELD}
UNREADABLE = "(a message that could not be checked)"


@dataclass(slots=True)
class Screened:
    """A person's message: what may be recorded of it, what the bot may see, how long it lives, whether it waits."""

    text: str
    items: tuple[Item, ...]
    bot_text: str
    destroy_at: Instant
    hold: bool


@dataclass(slots=True)
class Screening:
    """Scanner and policy. ``reconfigure`` takes over a configuration that was read again."""

    scanner: Scanner
    config: Config
    _answers: dict[DataClass, Treatment] = field(init=False)

    def __post_init__(self) -> None:
        self.reconfigure(self.config)

    def reconfigure(self, config: Config) -> None:
        """Takes over a configuration that was read again."""
        self.config = config
        self._answers = towards_person(config.policy)

    def message(self, conversation: Conversation, text: str, seq: int, now: Instant) -> Screened:
        """A person's message at place *seq*. A text that could not be checked is kept for its author as short as the
        strictest class, and the bot does not see it.
        """
        verdict = self.scanner.scan(text)
        decision = self._decide(verdict, self.config.policy)
        dies_at = destroy_at(now, decision.lifetime, self.config.retention.bucket)
        kept, items = _record(text, decision)
        items = _name(conversation, kept, items, seq, dies_at, now)
        shown = UNREADABLE if verdict.unknown else bot_view(kept, items)
        return Screened(kept, items, shown, dies_at, decision.hold)

    def history(self, conversation: Conversation, text: str, now: Instant) -> str:
        """A line of history that a client sends, as the bot may see it: same token space, never stored."""
        return self.message(conversation, text, conversation.next_seq, now).bot_text

    def guard(self) -> StreamGuard:
        """What checks one answer, piece by piece or whole."""
        return StreamGuard(self.scanner, lambda verdict: self._decide(verdict, self._answers))

    def destroy_at(self, now: Instant, lifetime: Duration) -> Instant:
        """When something that may live for *lifetime* is destroyed."""
        return destroy_at(now, lifetime, self.config.retention.bucket)

    def _decide(self, verdict: Verdict, treatments: Mapping[DataClass, Treatment]) -> Decision:
        retention = self.config.retention
        return decide(
            verdict, treatments=treatments, lifetimes=retention.classes, default_lifetime=retention.default
        )  # fmt: skip


def answer_items(guard: StreamGuard, text: str) -> tuple[Item, ...]:
    """What was found in an answer; its masks are in the text already."""
    return tuple(Item(f.data_class, f.start, f.end, action, mask=text[f.start : f.end]) for f, action in guard.treated)


def towards_person(policy: Mapping[DataClass, Treatment]) -> dict[DataClass, Treatment]:
    """What is done with an answer. What only the bot must not see may be shown to the person whom it answers; what
    the person would be asked about is masked.
    """
    turned = {Treatment.PLACEHOLDER: Treatment.ALLOW, Treatment.HOLD: Treatment.MASK}
    return {data_class: turned.get(treatment, treatment) for data_class, treatment in policy.items()}


def _record(text: str, decision: Decision) -> tuple[str, tuple[Item, ...]]:
    if not decision.items:
        return text, ()
    return record(
        text,
        [
            (t.finding, t.action, mask(t.finding.data_class, text[t.finding.start : t.finding.end]))
            for t in decision.items
        ],
    )


def _name(
    conversation: Conversation, text: str, items: tuple[Item, ...], seq: int, dies_at: Instant, now: Instant
) -> tuple[Item, ...]:
    """Gives each value that the bot must not see its placeholder."""
    if not items:
        return items
    name = conversation.tokens.name
    return tuple(
        Item(
            i.data_class, i.start, i.end, i.action,
            name(i.data_class, text[i.start : i.end], seq=seq, dies_at=dies_at, now=now), i.mask,
        )
        if i.action in _BOT_SEES
        else i
        for i in items
    )  # fmt: skip
