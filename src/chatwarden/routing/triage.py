"""Decides whether a person should answer an inquiry, and says why: pure rules over the words of one turn.

    the person's text ─┐
    their earlier lines ┼─▶ evidence ─▶ a score for each reason ─▶ reasons that hold ─▶ the strongest one leads
    the bot's answer  ──┘

Scores are sums of the weights of what was found (lexicon.py), or, of a repeated question, how alike it is to an earlier one
(Dice's coefficient over three-letter shingles of the words that mean something, 0 to 1). A reason holds when its score
reaches its threshold. What leads to the queue goes before what is only offered, then the higher priority, then a topic, then
the score; the skill is the leading reason's, else that of another one that holds, else the bot's.

Texts are given in the form that the bot may see, and nothing of them is in a decision: it names reasons, features and
numbers. Not here: what a decision does to a conversation (rules.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from chatwarden.config.inquiries import BotTriage, Outcome, Route, Topic, TriageConfig
from chatwarden.config.phrases import folded
from chatwarden.routing.lexicon import Feature, Lexicon, lexicon_of

TEXT_MAX = 4_096
"""Characters of a message that are looked at."""
ANSWER_MAX = 200
"""Characters of an answer: who does not know says so at the beginning."""
QUESTION_LEAST, QUESTION_MAX = 8, 200
"""Letters that mean something in a question: "yes" and "thank you" may come again. Characters of one that are compared."""
_PLACEHOLDER = re.compile(r"\[([a-z-]+)-\d+[a-z]*\]")
_CARRIED = 0.5  # of the anger in the message before
_ORDER = ("bot", "offer", "queue")


Became = Literal["", "yes", "failed", "paused"]


@dataclass(frozen=True, slots=True)
class Said:
    """One turn. ``answered``: what became of it, where that is known already. ``gave_up``: the bot itself offers a person.
    ``hostile``: screening could not make sense of the text, or calls it an attack.
    """

    text: str
    answer: str = ""
    answered: Became = ""
    gave_up: bool = False
    hostile: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What the person wrote before in this conversation, the oldest first. ``declined``: reasons and topics for which they
    were offered people and did not want them; they are not offered again for these.
    """

    lines: Sequence[str] = ()
    declined: frozenset[str] = frozenset()


class Because(NamedTuple):
    """One piece of evidence: its name, never the text that it was found in."""

    feature: str
    weight: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Where an inquiry goes. ``detail``: which topic. ``also``: what else held. ``line``: what the person reads in place of
    an answer.
    """

    outcome: Outcome = "bot"
    reason: str = ""
    detail: str = ""
    skill: str = ""
    priority: int = 0
    score: float = 0.0
    because: tuple[Because, ...] = ()
    also: tuple[str, ...] = ()
    line: str = ""


BOT = Decision()
_BOT = BotTriage()


@dataclass(frozen=True, slots=True)
class TriageRules:
    """What holds for one bot."""

    config: TriageConfig
    lexicon: Lexicon
    bot: BotTriage = _BOT

    @property
    def reads(self) -> bool:
        """Whether words are looked at."""
        return self.config.enabled and self.bot.enabled

    def route(self, about: str) -> Route:
        """Where a reason or a topic leads."""
        topic = self.topic(about)
        return topic.route if topic is not None else self.config.reasons[about]

    def topic(self, about: str) -> Topic | None:
        """The topic that is meant, if one is."""
        return self.config.topics[about[6:]] if about.startswith("topic:") else None

    def threshold(self, about: str) -> float:
        """From which score on it holds. A bot that failed did fail."""
        return self.config.thresholds.get(about.partition(":")[0], 1.0)


def rules_of(config: TriageConfig) -> Mapping[str, TriageRules]:
    """The rules of every bot that has its own, and under ``""`` those of all others. Raises ConfigurationError."""
    lexicon = lexicon_of(config.languages, config.topics)
    return {"": TriageRules(config, lexicon)} | {
        name: TriageRules(config, lexicon, bot) for name, bot in config.bots.items()
    }


def triage(said: Said, past: Past, rules: TriageRules) -> Decision:
    """What to do with one turn."""
    return decided(said, heard(said.text, past, rules), past.declined, rules)


def heard(text: str, past: Past, rules: TriageRules) -> tuple[Feature, ...]:
    """The evidence in what the person wrote: all that can be known before there is an answer."""
    if not rules.reads:
        return ()
    found = rules.lexicon.of_text(_PLACEHOLDER.sub(" ", text[:TEXT_MAX]))  # what was hidden says nothing
    tone = [feature.weight for feature in found if feature.about == "tone"]
    if tone and sum(tone) > 0 and past.lines:  # anger adds up over two messages
        before = sum(one.weight for one in rules.lexicon.of_text(past.lines[-1][:TEXT_MAX]) if one.about == "tone")
        if before > 0:
            found.append(Feature("tone", "so was the message before", round(before * _CARRIED, 2)))
    if past.lines and (alike := _again(text, past, rules.lexicon.stop)) >= rules.threshold("repeated"):
        found.append(Feature("repeated", "the same question again", round(alike, 2)))
    return tuple(found)


def decided(said: Said, found: Sequence[Feature], declined: frozenset[str], rules: TriageRules) -> Decision:
    """What to do, with the evidence that was heard."""
    evidence: dict[str, list[Because]] = {}

    def count(about: str, name: str, weight: float) -> None:
        evidence.setdefault(about, []).append(Because(name, weight))

    if said.answered in {"failed", "paused"}:
        count("paused" if said.answered == "paused" else "bot-failed", f"the bot {_WAS[said.answered]}", 1.0)
    if said.gave_up:
        count("bot-did-not-know", "the bot itself says so", 1.0)
    if said.hostile:
        count("hostile", "the text could not be checked", 1.0)
    for feature in found:
        count(*feature)
    if said.answer and rules.reads:
        for feature in rules.lexicon.of_answer(said.answer[:ANSWER_MAX]):
            count(*feature)
    held = [
        (about, score)
        for about, found in evidence.items()
        if (score := round(sum(one.weight for one in found), 2)) >= rules.threshold(about)
        and (outcome := rules.route(about).outcome) != "bot"
        and not (outcome == "offer" and about in declined)
    ]
    return _led(held, evidence, rules) if held else BOT


_WAS = {"failed": "failed", "paused": "is paused"}


def _led(held: list[tuple[str, float]], evidence: Mapping[str, list[Because]], rules: TriageRules) -> Decision:
    def weight(one: tuple[str, float]) -> tuple[int, int, bool, float]:
        route = rules.route(one[0])
        return _ORDER.index(route.outcome), route.priority, rules.topic(one[0]) is not None, one[1]

    held = sorted(held, key=weight, reverse=True)
    routes = [rules.route(about) for about, _ in held]
    about, score = held[0]
    reason, _, detail = about.partition(":")
    topics = [topic for one, _ in held if (topic := rules.topic(one)) is not None]
    return Decision(
        routes[0].outcome, reason, detail,
        next((route.skill for route in routes if route.skill), rules.bot.skill),
        max(route.priority for route in routes), score, tuple(sorted(evidence[about], key=lambda one: -abs(one.weight))),
        also=tuple(one for one, _ in held[1:]), line=next((topic.line for topic in topics if topic.line), ""),
    )  # fmt: skip


class Question:
    """What a text asks, without its words that mean little: to be compared with others."""

    def __init__(self, text: str, stop: frozenset[str]) -> None:
        plain = text[:QUESTION_MAX]
        if "[" in plain:
            plain = _PLACEHOLDER.sub(r"\1", plain)  # of a placeholder only the kind counts
        self.words = [word for word in folded(plain).split() if word not in stop and word != "."]
        self.kinds = frozenset(self.words)
        self.numbers = set(filter(str.isdecimal, self.kinds))
        self.length = len("".join(self.words))

    def may_be_in(self, line: str) -> bool:
        """Whether it is worth comparing: that costs far more than to see that none of the longest words begins anything."""
        if not line.isascii():
            return True
        plain = line[:QUESTION_MAX].casefold()
        return any(word[:4] in plain for word in sorted(self.kinds, key=len)[-3:])

    def likeness(self, other: Question) -> float:
        """How alike two questions are, from 0 to 1. Questions about different numbers are different ones."""
        short, long = sorted((self.length, other.length))
        if (
            short < QUESTION_LEAST
            or long > 2 * short
            or self.numbers != other.numbers
            or 3 * len(self.kinds & other.kinds) < min(len(self.kinds), len(other.kinds))
        ):
            return 0.0
        mine, theirs = _shingles(self.words), _shingles(other.words)
        return 2 * len(mine & theirs) / (len(mine) + len(theirs))


def _again(text: str, past: Past, stop: frozenset[str]) -> float:
    """How alike a question is to that of the earlier ones which it is most like."""
    asked = Question(text, stop)
    if asked.length < QUESTION_LEAST:
        return 0.0
    lines = [line for line in past.lines if asked.may_be_in(line)]
    return max((asked.likeness(Question(line, stop)) for line in lines), default=0.0)


def _shingles(words: Sequence[str]) -> set[str]:
    text = f" {' '.join(words)} "
    return {text[at : at + 3] for at in range(len(text) - 2)}
