"""Screening of inquiries on the road: what of a conversation the rules are shown (routing/triage.py), and what they answer.

The rules see what the bot may see, and no more. A bot that is only observed is handed over when it fails or gives up, as
ever; words are then not looked at, since observing changes nothing. What was declined is remembered as long as the gateway
runs, for the conversations in which that happened last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from chatwarden.clock import Instant
from chatwarden.config.inquiries import TriageConfig
from chatwarden.conversations.model import Conversation
from chatwarden.routing.model import Move, Reason
from chatwarden.routing.rules import Happening
from chatwarden.routing.triage import Decision, Past, Said, TriageRules, rules_of, triage
from chatwarden.screening import UNREADABLE

DECLINED_MAX = 10_000


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

    def decide(
        self, conversation: Conversation, seq: int, text: str, now: Instant, *, answer: str = "",
        answered: Literal["", "yes", "failed", "paused"] = "", gave_up: bool = False,
    ) -> Decision:  # fmt: skip
        """What to do with the turn that began with the person's message at place *seq*; *text* and *answer* as the bot may see
        them.
        """
        lines = [
            line.text for line in conversation.lines if line.role == "user" and line.seq < seq and line.destroy_at > now
        ]
        past = Past(lines[max(0, len(lines) - self._past) :], self._declined.get(conversation.no, frozenset()))
        said = Said(text, answer, answered, gave_up=gave_up, hostile=text == UNREADABLE)
        return triage(said, past, self._of(conversation.bot))

    def _of(self, bot: str) -> TriageRules:
        rules = self._rules.get(bot, self._rules[""])
        return replace(rules, bot=replace(rules.bot, enabled=False)) if self._observes(bot) else rules
