"""What a text becomes on its way: detection, policy and the rules of its bot applied to one message or one answer.

Nothing here is stored or sent; the gateway does that with what it is given. The same configuration decides both ways,
but towards the person what only the bot must not see is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from chatwarden.classes import SECRETS, STRICT, Action, DataClass, Treatment
from chatwarden.clock import Duration, Instant
from chatwarden.config.model import BotConfig, Config
from chatwarden.conversations.model import Conversation, Item, Message
from chatwarden.conversations.views import bot_view, record
from chatwarden.detection.allow import AllowingScanner, AllowList, Scans
from chatwarden.detection.mask import mask
from chatwarden.detection.policy import Decision, Treated, decide
from chatwarden.detection.scan import Scanner, Verdict
from chatwarden.detection.stream import StreamGuard
from chatwarden.ephemeral.rules import destroy_at

_BOT_SEES = {Action.MASKED, Action.PLACEHOLDER, Action.HELD}
UNREADABLE = "(a message that could not be checked)"


@dataclass(slots=True)
class Screened:
    """A person's message: what may be recorded of it, what the bot may see, how long it lives, whether it waits, and
    whether it is strict though no finding says so.
    """

    text: str
    items: tuple[Item, ...]
    bot_text: str
    destroy_at: Instant
    hold: bool
    strict: bool


class Guard(Protocol):
    """What checks one answer: a `StreamGuard`, or an `Onlooker` where a bot is only observed."""

    def feed(self, piece: str) -> str:
        """Takes a piece; returns what may be shown now."""
        ...

    def finish(self) -> str:
        """The rest, when the answer has ended."""
        ...

    def whole(self, text: str) -> str:
        """A whole answer at once."""
        ...


class Onlooker:
    """Stands where a guard stands and holds nothing back."""

    def feed(self, piece: str) -> str:
        """The piece."""
        return piece

    def finish(self) -> str:
        """Nothing was held back."""
        return ""

    def whole(self, text: str) -> str:
        """The text."""
        return text


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one bot."""

    scanner: Scans
    observe: bool
    keep: Mapping[DataClass | None, Duration]

    def lifetime(self, least: Duration, classes: Iterable[DataClass]) -> Duration:
        """*least*, or longer where the law wants a message with these classes kept."""
        return max(least, *(self.keep.get(one, 0) for one in (None, *classes))) if self.keep else least


@dataclass(slots=True)
class Screening:
    """Scanner and policy. ``reconfigure`` takes over a configuration that was read again."""

    scanner: Scanner
    config: Config
    _answers: dict[DataClass, Treatment] = field(init=False)
    _rules: dict[str, Rules] = field(init=False)
    _strict: Rules = field(init=False)

    def __post_init__(self) -> None:
        self.reconfigure(self.config)

    def reconfigure(self, config: Config) -> None:
        """Takes over a configuration that was read again."""
        self.config = config
        self._answers = towards_person(config.policy)
        self._rules = {name: self._resolved(bot) for name, bot in config.bots.items()}
        self._strict = Rules(self.scanner, observe=False, keep={})

    def _resolved(self, bot: BotConfig) -> Rules:
        allowed = AllowList(entry.value for entry in bot.allow)
        scanner = AllowingScanner(self.scanner, allowed) if allowed else self.scanner
        return Rules(scanner, bot.mode == "observe", bot.keep)

    def message(
        self, conversation: Conversation, text: str, seq: int, now: Instant, *, wish: Duration | None = None
    ) -> Screened:
        """A person's message at place *seq*, which may live no longer than its author's *wish*. A text that could not be
        checked is kept for its author as short as the strictest class, and the bot does not see it.
        """
        rules = self._rules.get(conversation.bot, self._strict)
        verdict = rules.scanner.scan(text)
        decision = self._decide(verdict, self.config.policy)
        decision = replace(decision, lifetime=self.within(decision.lifetime, wish))
        dies_at = self.destroy_at(now, _kept(rules, decision))
        strict = verdict.unknown or not STRICT.isdisjoint(verdict.possible)
        if rules.observe:
            kept, items = _observed(text, decision)
            return Screened(kept, items, text, dies_at, hold=False, strict=strict)
        kept, items = _record(text, decision)
        items = _name(conversation, kept, items, seq, dies_at, now)
        shown = UNREADABLE if verdict.unknown else bot_view(kept, items)
        return Screened(kept, items, shown, dies_at, decision.hold, strict)

    def history(self, conversation: Conversation, text: str, now: Instant) -> str:
        """A line of history that a client sends, as the bot may see it: same token space, never stored."""
        return self.message(conversation, text, conversation.next_seq, now).bot_text

    def observes(self, bot: str) -> bool:
        """Whether this bot is only observed."""
        return self._rules.get(bot, self._strict).observe

    def guard(self, bot: str) -> Guard:
        """What checks one answer of *bot*, piece by piece or whole."""
        rules = self._rules.get(bot, self._strict)
        if rules.observe:
            return Onlooker()
        return StreamGuard(rules.scanner, lambda verdict: self._decide(verdict, self._answers))

    def answer(
        self, bot: str, guard: Guard, text: str, now: Instant, *, wish: Duration | None = None
    ) -> tuple[str, tuple[Item, ...], Instant]:
        """What may be recorded of an answer that *guard* released, what was found in it, and when it is destroyed: no
        later than the *wish* of whom it answers.
        """
        rules = self._rules.get(bot, self._strict)
        if isinstance(guard, StreamGuard):
            # Its masks are in the text already.
            items = tuple(
                Item(f.data_class, f.start, f.end, action, mask=text[f.start : f.end]) for f, action in guard.treated
            )
            least = guard.lifetime
        else:
            decision = self._decide(rules.scanner.scan(text), self._answers)
            text, items = _observed(text, decision)
            least = decision.lifetime
        kept = rules.lifetime(self.within(least, wish), (item.data_class for item in items))
        return text, items, self.destroy_at(now, kept)

    def keeps(self, bot: str) -> bool:
        """Whether the law wants anything kept of what is said to this bot."""
        return bool(self._rules.get(bot, self._strict).keep)

    def kept_until(self, bot: str, message: Message) -> Instant:
        """Until when the law wants a message kept; 0 where it does not."""
        rules = self._rules.get(bot, self._strict)
        life = rules.lifetime(0, (item.data_class for item in message.items))
        return message.at + life if life else 0

    def destroy_at(self, now: Instant, lifetime: Duration) -> Instant:
        """When something that may live for *lifetime* is destroyed."""
        return destroy_at(now, lifetime, self.config.retention.bucket)

    def calm_until(self, bot: str, now: Instant) -> Instant:
        """When a line of the gateway's own is destroyed."""
        rules = self._rules.get(bot, self._strict)
        return self.destroy_at(now, rules.lifetime(self.config.retention.default, ()))

    def within(self, lifetime: Duration, wish: Duration | None) -> Duration:
        """*lifetime*, or what a person wishes where that is shorter: one bucket at least."""
        return lifetime if wish is None else min(lifetime, max(wish, self.config.retention.bucket))

    def _decide(self, verdict: Verdict, treatments: Mapping[DataClass, Treatment]) -> Decision:
        retention = self.config.retention
        return decide(
            verdict, treatments=treatments, lifetimes=retention.classes, default_lifetime=retention.default
        )  # fmt: skip


def _kept(rules: Rules, decision: Decision) -> Duration:
    return rules.lifetime(decision.lifetime, (item.finding.data_class for item in decision.items))


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


def _observed(text: str, decision: Decision) -> tuple[str, tuple[Item, ...]]:
    """Nothing changes but what the record may never hold; each item says what would have been done."""
    acted = [
        Treated(t.finding, Action.REMOVED if t.finding.data_class in SECRETS else Action.ALLOWED)
        for t in decision.items
    ]
    kept, items = _record(text, Decision(tuple(acted), decision.lifetime, hold=False))
    return kept, tuple(replace(item, would=t.action) for item, t in zip(items, decision.items, strict=True))


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
