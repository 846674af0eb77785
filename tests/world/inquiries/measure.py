"""How often the scorer is right on sets of inquiries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chatwarden.routing.triage import Past, Said, TriageRules, triage
from tests.world.inquiries.corpus import AGAIN, ANSWERS, ORDINARY, Case


@dataclass
class Count:
    """Of one label: cases that are it, those of them found, cases of other labels taken for it, and examples of both."""

    cases: int = 0
    found: int = 0
    wrong: int = 0
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.cases if self.cases else 1.0

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0


def held(said: Said, past: Past, rules: TriageRules) -> set[str]:
    """Everything that holds, by reason or topic; ``ordinary`` when nothing does."""
    decision = triage(said, past, rules)
    if decision.outcome == "bot":
        return {ORDINARY}
    return {decision.detail or decision.reason} | {one.removeprefix("topic:") for one in decision.also}


def measured(cases: Iterable[Case], rules: TriageRules) -> dict[str, Count]:
    """By label. A case may well be something besides: an angry complaint is no false alarm for tone, so what counts as
    wrong is only what was found in an ordinary inquiry, and ordinary where something should have been found.
    """
    counts: dict[str, Count] = {}
    for case in cases:
        found = held(Said(case.text), Past(), rules)
        mine = counts.setdefault(case.label, Count())
        mine.cases += 1
        if case.label in found:
            mine.found += 1
        else:
            mine.missed.append(case.text)
        if case.label == ORDINARY:
            for one in found - {ORDINARY}:
                other = counts.setdefault(one, Count())
                other.wrong += 1
                other.alarms.append(case.text)
        elif found == {ORDINARY}:
            counts.setdefault(ORDINARY, Count()).wrong += 1
    return counts


def of_answers(rules: TriageRules) -> Count:
    """Of what bots said."""
    count = Count()
    for text, unknown in ANSWERS:
        found = "bot-did-not-know" in held(Said("Where is it?", text, "yes"), Past(), rules)
        _tell(count, text, so=unknown, found=found)
    return count


def of_questions(rules: TriageRules) -> Count:
    """Of questions that came again."""
    count = Count()
    for past, text, again in AGAIN:
        _tell(count, text, so=again, found="repeated" in held(Said(text), Past(past), rules))
    return count


def _tell(count: Count, text: str, *, so: bool, found: bool) -> None:
    count.cases += so
    count.found += so and found
    count.wrong += found and not so
    if so and not found:
        count.missed.append(text)
    if found and not so:
        count.alarms.append(text)
