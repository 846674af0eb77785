"""``chatwarden triage``: JSON lines in, what would be done with each inquiry and why, out. Nothing is kept but counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

import msgspec

from chatwarden.jsonlines import lines
from chatwarden.routing.triage import Decision, Past, Said, TriageRules, triage

PAST_MAX = 64


class Line(msgspec.Struct):
    """One inquiry. ``past``: what the person wrote before, the oldest first; ``answer``: what the bot said."""

    id: str | int
    text: str
    past: list[str] = []
    answer: str = ""
    answered: Literal["", "yes", "failed", "paused"] = ""


@dataclass(slots=True)
class Summary:
    """How many inquiries went where."""

    inquiries: int = 0
    wrong: int = 0
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def rows(self) -> list[dict[str, object]]:
        """A row for each outcome, reason and detail, with its share; what the bot keeps comes first."""
        order = {"bot": 0, "queue": 1, "offer": 2}
        found = sorted(self.counts.items(), key=lambda one: (order[one[0][0]], -one[1], one[0]))
        return [
            {
                "outcome": outcome, "reason": reason, "detail": detail, "inquiries": number,
                "share": f"{100 * number / self.inquiries:.1f} %",
            }
            for (outcome, reason, detail), number in found
        ]  # fmt: skip


_encode = msgspec.json.Encoder().encode


def triage_stream(source: BinaryIO, rules: TriageRules, sink: BinaryIO | None = None) -> Summary:
    """Reads ``{"id", "text"}`` lines, also with ``past`` and ``answer``; writes to *sink*, if there is one, a line for each
    with the decision. One that cannot be read is answered with ``{"line", "error"}`` and counted as wrong.
    """
    summary = Summary()
    for number, line in lines(source, Line):
        if isinstance(line, str):
            summary.wrong += 1
            answer: dict[str, object] = {"line": number, "error": line}
        else:
            said = Said(line.text, line.answer, line.answered or ("yes" if line.answer else ""))
            decision = triage(
                said, Past(line.past[-min(PAST_MAX, rules.config.past) :] if rules.config.past else []), rules
            )
            summary.inquiries += 1
            summary.counts[decision.outcome, decision.reason, decision.detail] += 1
            answer = {"id": line.id} | shown(decision)
        if sink is not None:
            sink.write(_encode(answer) + b"\n")
    if sink is not None:
        sink.flush()
    return summary


def shown(decision: Decision) -> dict[str, object]:
    """A decision for people: what does not apply is left out."""
    if decision.outcome == "bot":
        return {"outcome": "bot"}
    found: dict[str, object] = {
        "outcome": decision.outcome, "reason": decision.reason, "detail": decision.detail, "skill": decision.skill,
        "priority": decision.priority, "score": decision.score,
        "because": [{"feature": one.feature, "weight": one.weight} for one in decision.because],
        "also": list(decision.also), "line": decision.line,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in ("", [])}
