"""Cases made of the sentences: each as it is, and in frames that people put around what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.world.inquiries import held_out, looked_at

FRAMES: dict[str, tuple[str, ...]] = {
    "en": ("{}", "Hi, {}", "Hello! I have a question. {}", "{}\nMy customer number is [bank-account-1].", "ok. {}", "{}\nThank you"),
    "de": ("{}", "Hallo, {}", "Guten Tag! Ich habe eine Frage. {}", "{}\nMeine Kundennummer ist [bank-account-1].", "ok. {}"),
    "fr": ("{}", "Bonjour, {}", "Bonjour ! J'ai une question. {}", "{}\nMon numéro de client est [bank-account-1]."),
    "es": ("{}", "Hola, {}", "¡Hola! Tengo una pregunta. {}", "{}\nMi número de cliente es [bank-account-1]."),
}  # fmt: skip
ORDINARY = "ordinary"


class Case(NamedTuple):
    """``label``: what a person at the desk would call it."""

    language: str
    label: str
    text: str


def cases(inquiries: Mapping[str, Mapping[str, tuple[str, ...]]], *, framed: bool) -> Iterator[Case]:
    """Every sentence, in every frame of its language or only as it is. Who thanks is not framed as angry."""
    for language, labels in inquiries.items():
        for label, sentences in labels.items():
            for sentence in sentences:
                for frame in FRAMES[language] if framed else ("{}",):
                    if not (label == "tone" and "Thank" in frame):
                        yield Case(language, label, frame.format(sentence))


LOOKED_AT, HELD_OUT = looked_at.INQUIRIES, held_out.INQUIRIES
