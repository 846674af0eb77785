"""Screening of inquiries on the road: what of a conversation the rules are shown (routing/triage.py), and what they answer.

The rules see what the bot may see, and no more. A bot that is only observed is handed over when it fails or gives up, as
ever; words are then not looked at, since observing changes nothing. What was declined is remembered as long as the gateway
runs, for the conversations in which that happened last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from chatwarden.clock import Instant
from chatwarden.config.inquiries import TriageConfig
from chatwarden.conversations.model import Conversation
from chatwarden.routing.lexicon import Feature
from chatwarden.routing.model import Move, Reason
from chatwarden.routing.rules import Happening
from chatwarden.routing.triage import Became, Decision, Past, Said, TriageRules, decided, heard, rules_of
from chatwarden.screening import UNREADABLE

DECLINED_MAX = 10_000


class Heard(NamedTuple):
    """What a message says, by the rules that held when it came. It is looked at once, however the turn goes on."""

    rules: TriageRules
    text: str
    features: tuple[Feature, ...]


class Triaging:
    """``observes``: whether a bot is only observed. Raises ConfigurationError when it is made of what cannot be."""

    def __init__(self, config: TriageConfig, observes: Callable[[str], bool]) -> None:
        self._rules = rules_of(config)
        self._past = config.past
        self._observes = observes
        self._declined: OrderedDict[int, frozenset[str]] = OrderedDict()

    def reconfigure(self, config: TriageConfig) -> None:
        """Takes over a configuration that was read again. Raises ConfigurationError, and then changes nothing."""
        self._rules, self._past = rules_of(config), config.past

    def moved(self, move: Move) -> None:
        """Told of every hand-off: an offer that was declined is remembered."""
        if move.what is Happening.DECLINE and move.before is not None:
            why = move.before.why
            about = f"{why.reason}:{why.detail}" if why.reason is Reason.TOPIC else why.reason.value
            self._declined[move.talk.no] = self._declined.pop(move.talk.no, frozenset()) | {about}
            if len(self._declined) > DECLINED_MAX:
                self._declined.popitem(last=False)

    def hear(self, conversation: Conversation, seq: int, text: str, now: Instant) -> Heard:
        """What is in the person's message at place *seq*; *text* as the bot may see it."""
        rules = self._of(conversation.bot)
        if not rules.reads:
            return Heard(rules, text, ())
        lines = [
            line.text for line in conversation.lines if line.role == "user" and line.seq < seq and line.destroy_at > now
        ]
        return Heard(rules, text, heard(text, Past(lines[max(0, len(lines) - self._past) :]), rules))

    def decide(
        self, conversation: Conversation, what: Heard, *, answer: str = "", answered: Became = "", gave_up: bool = False
    ) -> Decision:
        """What to do with the turn; *answer* as it is recorded."""
        said = Said(what.text, answer, answered, gave_up=gave_up, hostile=what.text == UNREADABLE)
        return decided(said, what.features, self._declined.get(conversation.no, frozenset()), what.rules)

    def _of(self, bot: str) -> TriageRules:
        rules = self._rules.get(bot, self._rules[""])
        return replace(rules, bot=replace(rules.bot, enabled=False)) if self._observes(bot) else rules
