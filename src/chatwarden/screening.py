"""What a text becomes on its way: detection, policy and the rules of its bot applied to one message or one answer.

Nothing here is stored or sent; the gateway does that with what it is given. The same configuration decides both ways,
but towards the person what only the bot must not see is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chatwarden import tokens
from chatwarden.classes import SECRETS, STRICT, Action, DataClass, Finding, Treatment
from chatwarden.clock import Duration, Instant
from chatwarden.config.model import BotConfig, Config
from chatwarden.conversations.model import Conversation, Item, Message
from chatwarden.conversations.tokens import NOWHERE
from chatwarden.conversations.views import OURS, bot_view, record, record_again
from chatwarden.detection.allow import AllowingScanner, AllowList, Scans
from chatwarden.detection.guard import Guard, Onlooker
from chatwarden.detection.mask import mask as hidden
from chatwarden.detection.named import under
from chatwarden.detection.policy import Decision, Treated, decide
from chatwarden.detection.scan import Scanner, Verdict
from chatwarden.detection.split import Crossing, Earlier, Mark, crossing, mark, merged, parts_before
from chatwarden.detection.stream import WORDED, StreamGuard
from chatwarden.detection.wordstream import WordGuard
from chatwarden.ephemeral.rules import destroy_at

_BOT_SEES = {Action.MASKED, Action.PLACEHOLDER, Action.HELD}
_LATE = {Action.HELD: Action.MASKED, Action.BLOCKED: Action.REMOVED}
UNREADABLE = "(a message that could not be checked)"


@dataclass(slots=True)
class Screened:
    """A person's message: what may be recorded of it, what the bot may see, how long it lives, whether it waits.
    ``strict``: it is, though no finding says so. ``secrets``: passwords and keys
    that stand in it. ``blocked``: the classes for which it is refused. ``earlier``: messages in
    which it shows more than was found when they came, as they are to be recorded now.
    """

    text: str
    items: tuple[Item, ...]
    bot_text: str
    destroy_at: Instant
    hold: bool
    strict: bool = False
    secrets: Sequence[str] = field(default=(), repr=False)
    blocked: Sequence[DataClass] = ()
    earlier: Sequence[Message] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one bot."""

    scanner: Scans
    observe: bool
    treatments: Mapping[DataClass, Treatment]
    answers: Mapping[DataClass, Treatment]
    keep: Mapping[DataClass | None, Duration]

    def lifetime(self, least: Duration, classes: Iterable[DataClass]) -> Duration:
        """*least*, or longer where the law wants a message with these classes kept."""
        return max(least, *(self.keep.get(one, 0) for one in (None, *classes))) if self.keep else least


@dataclass(slots=True)
class Screening:
    """Scanner and policy. ``reconfigure`` takes over a configuration that was read again."""

    scanner: Scanner
    config: Config
    _rules: dict[str, Rules] = field(init=False)
    _strict: Rules = field(init=False)

    def __post_init__(self) -> None:
        self.reconfigure(self.config)

    def reconfigure(self, config: Config) -> None:
        """Takes over a configuration that was read again."""
        self.config = config
        self._rules = {name: self._resolved(bot) for name, bot in config.bots.items()}
        self._strict = Rules(self.scanner, False, config.policy, towards_person(config.policy), keep={})

    def _resolved(self, bot: BotConfig) -> Rules:
        allowed = AllowList(entry.value for entry in bot.allow)
        scanner = AllowingScanner(self.scanner, allowed) if allowed else self.scanner
        treatments = {**self.config.policy, **bot.policy}
        return Rules(scanner, bot.mode == "observe", treatments, towards_person(treatments), bot.keep)

    def before(self, conversation: Conversation, said: Mark, now: Instant) -> list[int]:
        """The places of the person's earlier messages that a text with these marks may go on with."""
        window = self.config.window
        recent = [one for one in conversation.said if one.at > now - window.within]
        recent = recent[max(0, len(recent) - window.turns) :]
        return [recent[at].seq for at in parts_before(said, [Mark(one.value, one.word) for one in recent])]

    def message(
        self, conversation: Conversation, text: str, seq: int, now: Instant, earlier: Sequence[Message] = (), *,
        wish: Duration | None = None,
    ) -> Screened:  # fmt: skip
        """A person's message at place *seq*, in the light of *earlier* ones, which may live no longer than its author's
        *wish*. A text that could not be checked is kept for its author as short as the strictest class, and the bot does
        not see it.
        """
        rules = self._rules.get(conversation.bot, self._strict)
        verdict = rules.scanner.scan(text)
        again: list[Message] = []
        if earlier:
            across = crossing(
                rules.scanner, [Earlier(m.text, [(i.start, i.end) for i in m.items]) for m in earlier], text
            )
            verdict = _with(verdict, across, text)
            again = [
                self._again(rules, conversation, message, found, seq, now)
                for message, found in zip(earlier, across.earlier, strict=True)
                if found
            ]
        decision = self._decide(verdict, rules.treatments)
        decision = replace(decision, lifetime=self.within(decision.lifetime, wish))
        dies_at = self.destroy_at(now, _kept(rules, decision))
        strict = verdict.unknown or not STRICT.isdisjoint(verdict.possible)
        secrets = [text[f.start : f.end] for f in verdict.findings if f.data_class is DataClass.CREDENTIAL]
        if rules.observe:
            kept, items = _observed(text, decision)
            seen = tokens.without(text, OURS)
            return Screened(kept, items, seen, dies_at, hold=False, strict=strict, earlier=again, secrets=secrets)
        if decision.blocked:
            return Screened(
                "", (), "", dies_at, hold=False, blocked=decision.blocked, earlier=again, secrets=secrets
            )  # fmt: skip
        if verdict.unknown:  # as one secret, so that no bot sees it in a later turn either
            whole = (Item(DataClass.CREDENTIAL, 0, len(text), Action.PLACEHOLDER, UNREADABLE),)
            return Screened(text, whole, UNREADABLE, dies_at, hold=False, strict=True, earlier=again)
        kept, items = _record(text, decision)
        items = _name(conversation, kept, items, seq, dies_at, now)
        return Screened(
            kept, items, bot_view(kept, items), dies_at, decision.hold, strict, earlier=again, secrets=secrets
        )  # fmt: skip

    def _again(
        self,
        rules: Rules,
        conversation: Conversation,
        message: Message,
        found: tuple[Finding, ...],
        seq: int,
        now: Instant,
    ) -> Message:
        """An earlier message, treated as what it turned out to be. It was answered already, so nobody is asked about it;
        what cannot be refused any more is removed. It ends as if that had been known when it came.
        """
        decision = self._decide(Verdict(found), rules.treatments)
        life = rules.lifetime(decision.lifetime, {f.data_class for f in found} | {i.data_class for i in message.items})
        soonest = self.destroy_at(now, self.config.retention.bucket)
        dies_at = min(message.destroy_at, max(self.destroy_at(message.at, life), soonest))
        if rules.observe:
            text, items = record_again(message, _masked(message.text, _seen(decision).items))
            would = {t.finding.data_class: t.action for t in decision.items}
            items = tuple(item if item.would else replace(item, would=would[item.data_class]) for item in items)
        else:
            text, items = record_again(message, _masked(message.text, _late(decision).items))
            items = _name(conversation, text, items, seq, dies_at, now, home=message.seq)
        return replace(message, text=text, items=items, destroy_at=dies_at)

    def history(self, conversation: Conversation, text: str, now: Instant) -> str:
        """A text that a client sends along, as the bot may see it: same token space, never stored."""
        return self.histories(conversation, [("", text)], "", now)[0]

    def histories(
        self, conversation: Conversation, lines: Sequence[tuple[str, str]], last: str, now: Instant
    ) -> list[str]:
        """The lines of history (role, text) that a client sends before its new one, as the bot may see them."""
        rules = self._rules.get(conversation.bot, self._strict)
        verdicts = [rules.scanner.scan(text) for _, text in lines]
        if rules.observe:
            return [tokens.without(text, OURS) for _, text in lines]
        said = [at for at, (role, _) in enumerate(lines) if role == "user"]
        marks = [mark(lines[at][1]) for at in said]
        for nth, text in enumerate([*(lines[at][1] for at in said[1:]), last] if said else (), start=1):
            begin = max(0, nth - self.config.window.turns)
            places = [said[begin + at] for at in parts_before(mark(text), marks[begin:nth])]
            if not places:
                continue
            earlier = [Earlier(lines[at][1], [(f.start, f.end) for f in verdicts[at].findings]) for at in places]
            across = crossing(rules.scanner, earlier, text)
            for at, found in zip(places, across.earlier, strict=True):
                verdicts[at] = replace(verdicts[at], findings=merged(verdicts[at].findings, found, lines[at][1]))
            if nth < len(said):
                verdicts[said[nth]] = _with(verdicts[said[nth]], across, text)
        return [
            self._history(rules, conversation, text, verdict, now)
            for (_, text), verdict in zip(lines, verdicts, strict=True)
        ]

    def _history(self, rules: Rules, conversation: Conversation, text: str, verdict: Verdict, now: Instant) -> str:
        if verdict.unknown:
            return UNREADABLE
        # What is refused in a new message is removed here: a client cannot take back what it once sent.
        decision = _late(self._decide(verdict, rules.treatments))
        kept, items = _record(text, decision)
        dies_at = self.destroy_at(now, decision.lifetime)
        return bot_view(kept, _name(conversation, kept, items, conversation.next_seq, dies_at, now, home=NOWHERE))

    def fetched(
        self,
        conversation: Conversation,
        text: str,
        passes: Collection[DataClass],
        now: Instant,
        names: Sequence[str] = (),
    ) -> str:
        """A text that an application said, as the bot may see it: same token space, never stored. What *passes* stays.
        *names*: under which it stands, the nearest first.
        """
        rules = self._rules.get(conversation.bot, self._strict)
        if rules.observe:
            return tokens.without(text, OURS)
        treatments = {**rules.treatments, **dict.fromkeys(passes, Treatment.ALLOW)}
        return self._history(
            replace(rules, treatments=treatments), conversation, text, under(rules.scanner, names, text), now
        )  # fmt: skip

    def observes(self, bot: str) -> bool:
        """Whether this bot is only observed."""
        return self._rules.get(bot, self._strict).observe

    def guard(self, bot: str) -> Guard:
        """What checks one answer of *bot*, piece by piece or whole."""
        rules = self._rules.get(bot, self._strict)
        if rules.observe:
            return Onlooker()
        worded = any(rules.answers[one] is not Treatment.ALLOW for one in WORDED)
        made = WordGuard if worded else StreamGuard
        return made(rules.scanner, lambda verdict: self._decide(verdict, rules.answers))

    def answer(
        self, bot: str, guard: Guard, text: str, now: Instant, *, wish: Duration | None = None
    ) -> tuple[str, tuple[Item, ...], Instant]:
        """What may be recorded of an answer that *guard* released, what was found in it, and when it is destroyed: no
        later than the *wish* of whom it answers.
        """
        rules = self._rules.get(bot, self._strict)
        if isinstance(guard, StreamGuard):
            # Its masks are in the text already, and looked for is only what would be changed. How long an answer may
            # live follows from all that is in it: it is scanned once more, as a whole.
            decision = _late(self._decide(rules.scanner.scan(text), rules.answers))
            hidden_before = [(f, action, text[f.start : f.end]) for f, action in guard.treated]
            more = [
                one
                for one in _masked(text, decision.items)
                if not any(one[0].start < f.end and f.start < one[0].end for f, _ in guard.treated)
            ]
            text, items = record(text, sorted([*hidden_before, *more], key=lambda one: one[0].start))
            least = min(guard.lifetime, decision.lifetime)
        else:
            decision = self._decide(rules.scanner.scan(text), rules.answers)
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

    def hidden(self, bot: str) -> frozenset[DataClass]:
        """The classes that an agent sees masked in what is said to and by this bot."""
        treatments = self._rules.get(bot, self._strict).treatments
        return frozenset(one for one, treatment in treatments.items() if treatment is not Treatment.ALLOW)

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
    the person would be asked about is masked. What is refused ends the answer.
    """
    turned = {Treatment.PLACEHOLDER: Treatment.ALLOW, Treatment.HOLD: Treatment.MASK}
    return {data_class: turned.get(treatment, treatment) for data_class, treatment in policy.items()}


def _record(text: str, decision: Decision) -> tuple[str, tuple[Item, ...]]:
    if not decision.items:
        return text, ()
    return record(text, _masked(text, decision.items))


def _masked(text: str, treated: Iterable[Treated]) -> list[tuple[Finding, Action, str]]:
    return [
        (t.finding, t.action, hidden(t.finding.data_class, text[t.finding.start : t.finding.end])) for t in treated
    ]  # fmt: skip


def _with(verdict: Verdict, across: Crossing, text: str) -> Verdict:
    """A verdict on a text alone, with what earlier ones add."""
    return replace(
        verdict, findings=merged(verdict.findings, across.new, text), unknown=verdict.unknown or across.unknown
    )  # fmt: skip


def _seen(decision: Decision) -> Decision:
    """Nothing is done but to what the record may never hold."""
    acted = tuple(
        Treated(t.finding, Action.REMOVED if t.finding.data_class in SECRETS else Action.ALLOWED)
        for t in decision.items
    )
    return Decision(acted, decision.lifetime, hold=False)


def _late(decision: Decision) -> Decision:
    """What is done with a text that was sent before: nobody can be asked about it any more, and nothing refused."""
    acted = tuple(replace(t, action=_LATE.get(t.action, t.action)) for t in decision.items)
    return replace(decision, items=acted, hold=False)


def _observed(text: str, decision: Decision) -> tuple[str, tuple[Item, ...]]:
    """Nothing changes but what the record may never hold; each item says what would have been done."""
    kept, items = _record(text, _seen(decision))
    return kept, tuple(replace(item, would=t.action) for item, t in zip(items, decision.items, strict=True))


def _name(
    conversation: Conversation, text: str, items: tuple[Item, ...], seq: int, dies_at: Instant, now: Instant, *,
    home: int | None = None,
) -> tuple[Item, ...]:  # fmt: skip
    """Gives each value that the bot must not see its placeholder, if it has none. *home* holds the value, if not *seq*."""
    if not items:
        return items
    name = conversation.tokens.name
    return tuple(
        Item(
            i.data_class, i.start, i.end, i.action,
            name(i.data_class, text[i.start : i.end], seq=seq, dies_at=dies_at, now=now, home=home), i.mask,
        )
        if i.action in _BOT_SEES and not i.placeholder
        else i
        for i in items
    )  # fmt: skip
