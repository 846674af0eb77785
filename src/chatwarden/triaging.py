"""Screening of inquiries on the road: what of a conversation the rules are shown (routing/triage.py), and what they answer.

The rules see what the bot may see, and no more. A bot that is only observed is handed over when it fails or gives up, as
ever; words are then not looked at, since observing changes nothing. What was declined is on record with the hand-off, and
is read where people would be offered, and only there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import NamedTuple

from chatwarden.clock import Instant
from chatwarden.config.inquiries import TriageConfig
from chatwarden.conversations.model import Conversation
from chatwarden.routing.lexicon import Feature
from chatwarden.routing.triage import Became, Decision, Past, Said, TriageRules, decided, heard, rules_of
from chatwarden.screening import UNREADABLE

Declined = Callable[[Conversation], Awaitable[frozenset[str]]]


class Heard(NamedTuple):
    """What a message says, by the rules that held when it came. It is looked at once, however the turn goes on."""

    rules: TriageRules
    text: str
    features: tuple[Feature, ...]


class Triaging:
    """``observes``: whether a bot is only observed; ``declined``: for which reasons and topics the person did not want
    people. Raises ConfigurationError when it is made of what cannot be.
    """

    def __init__(self, config: TriageConfig, observes: Callable[[str], bool], declined: Declined) -> None:
        self._rules = rules_of(config)
        self._past = config.past
        self._observes = observes
        self._declined = declined

    def reconfigure(self, config: TriageConfig) -> None:
        """Takes over a configuration that was read again. Raises ConfigurationError, and then changes nothing."""
        self._rules, self._past = rules_of(config), config.past

    def hear(self, conversation: Conversation, seq: int, text: str, now: Instant) -> Heard:
        """What is in the person's message at place *seq*; *text* as the bot may see it."""
        rules = self._of(conversation.bot)
        if not rules.reads:
            return Heard(rules, text, ())
        lines = [
            line.text for line in conversation.lines if line.role == "user" and line.seq < seq and line.destroy_at > now
        ]
        return Heard(rules, text, heard(text, Past(lines[max(0, len(lines) - self._past) :]), rules))

    async def decide(
        self, conversation: Conversation, what: Heard, *, answer: str = "", answered: Became = "", gave_up: bool = False
    ) -> Decision:
        """What to do with the turn; *answer* as it is recorded."""
        said = Said(what.text, answer, answered, gave_up=gave_up, hostile=what.text == UNREADABLE)
        decision = decided(said, what.features, frozenset(), what.rules)
        if decision.outcome == "offer" and (declined := await self._declined(conversation)):
            return decided(said, what.features, declined, what.rules)
        return decision

    def _of(self, bot: str) -> TriageRules:
        rules = self._rules.get(bot, self._rules[""])
        return replace(rules, bot=replace(rules.bot, enabled=False)) if self._observes(bot) else rules
