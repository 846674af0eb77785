"""The help desk in the box: answers from a folder of Markdown, names its source, says when it does not know.

It retrieves and never invents, and it never repeats what a person typed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from pathlib import Path

from chatwarden.bots import knowledge
from chatwarden.bots.model import Answer, StreamEnd, Turn
from chatwarden.config.model import BotConfig

SAMPLE = Path(__file__).parent.parent / "sample"
SURE = 0.45
_PIECE = re.compile(r"\s*\S+(?:\s+\S+)?\s*")
_PLACEHOLDER = re.compile(r"\[([a-z-]+)-\d+[a-z]*\]")
_GREETING = re.compile(
    r"\W*(hi|hello|hey|good (morning|afternoon|evening|day)|moin|servus|hallo|bonjour)\b.*", re.IGNORECASE | re.DOTALL
)
_THANKS = re.compile(r"\W*(thanks|thank you|thx|great|perfect|ok(ay)?|bye|goodbye)\b.*", re.IGNORECASE | re.DOTALL)
_POLITE = frozenset(
    knowledge.words(
        "hi hello hey good morning afternoon evening day moin servus hallo bonjour thanks thank you thx great perfect ok "
        "okay bye goodbye very much so a lot many for your help there again everyone all dear bot nice to meet and"
    )
)
UNKNOWN = "I do not know the answer to that. I can hand you over to a person, or you can ask it in other words."
HELLO = "Hello! I am an automatic assistant and answer simple questions. What would you like to know?"
WELCOME = "You are welcome. If there is anything else, just ask."


class Builtin:
    """The connector."""

    streams = True

    def __init__(self, config: BotConfig, home: Path) -> None:
        self._folder = SAMPLE if config.knowledge is None else home / config.knowledge
        self._knowledge = knowledge.load(self._folder)

    def reload(self) -> None:
        """Reads the folder again."""
        self._knowledge = knowledge.load(self._folder)

    async def ask(self, turn: Turn) -> Answer:
        """The best section, or an honest word."""
        return self.answer(turn.utterances[-1].text)

    def answer(self, asked: str) -> Answer:
        """What the knowledge says to *asked*."""
        # A placeholder says what kind of thing was typed; its kind is worth a search, its number is not.
        question = _PLACEHOLDER.sub(lambda match: match[1].replace("-", " "), asked)
        # A greeting with a question behind it is a question.
        if _POLITE.issuperset(knowledge.words(question)):
            if _GREETING.fullmatch(question):
                return Answer(HELLO)
            if _THANKS.fullmatch(question):
                return Answer(WELCOME)
        said = [word for word in question.split() if not _POLITE.issuperset(knowledge.words(word))]
        found = self._knowledge.search(" ".join(said) or question)
        if not found or found[0][0] < SURE:
            return Answer(UNKNOWN, handoff=True)
        section = found[0][1]
        return Answer(f"{section.text}\n\n*Source: {section.article}, {section.title}*")

    async def stream(self, turn: Turn) -> AsyncGenerator[str | StreamEnd]:
        """The same answer, a few words at a time."""
        answer = await self.ask(turn)
        for piece in _PIECE.findall(answer.text):
            yield piece
        yield StreamEnd(handoff=answer.handoff)

    async def reach(self) -> None:
        """It is in the house."""

    async def close(self) -> None:
        """Nothing is open."""
