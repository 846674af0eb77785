"""Cases made of the sentences in looked_at.toml and held_out.toml: each as it is, and in frames that people put around what
they mean.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

FRAMES: dict[str, tuple[str, ...]] = {
    "en": ("{}", "Hi, {}", "Hello! I have a question. {}", "{}\nMy customer number is [bank-account-1].", "ok. {}", "{}\nThank you"),
    "de": ("{}", "Hallo, {}", "Guten Tag! Ich habe eine Frage. {}", "{}\nMeine Kundennummer ist [bank-account-1].", "ok. {}"),
    "fr": ("{}", "Bonjour, {}", "Bonjour ! J'ai une question. {}", "{}\nMon numéro de client est [bank-account-1]."),
    "es": ("{}", "Hola, {}", "¡Hola! Tengo una pregunta. {}", "{}\nMi número de cliente es [bank-account-1]."),
}  # fmt: skip
ORDINARY = "ordinary"
Inquiries = Mapping[str, Mapping[str, Sequence[str]]]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


_HELD_OUT = _read("held_out")
LOOKED_AT: Inquiries = _read("looked_at")["inquiries"]
HELD_OUT: Inquiries = _HELD_OUT["inquiries"]
ANSWERS = [(one["text"], one["unknown"]) for one in _HELD_OUT["answers"]]
"""What bots said, and whether that means that they do not know."""
AGAIN = [(one["past"], one["text"], one["again"]) for one in _HELD_OUT["again"]]
"""What was asked before, what is asked now, and whether that is the same."""


class Case(NamedTuple):
    """``label``: what a person at the desk would call it."""

    language: str
    label: str
    text: str


def cases(inquiries: Inquiries, *, framed: bool) -> Iterator[Case]:
    """Every sentence, in every frame of its language or only as it is. Who thanks is not framed as angry."""
    for language, labels in inquiries.items():
        for label, sentences in labels.items():
            for sentence in sentences:
                for frame in FRAMES[language] if framed else ("{}",):
                    if not (label == "tone" and "Thank" in frame):
                        yield Case(language, label, frame.format(sentence))
