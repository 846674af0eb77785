"""What every way of signing in gives and needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chatwarden.broker.http import Answer
from chatwarden.broker.wire import Application
from chatwarden.clock import Instant
from chatwarden.errors import ChatwardenError
from chatwarden.ids import Randomness

FOREVER: Instant = 2**62
Form = dict[str, str]


class NotSignedIn(ChatwardenError):
    """The application did not accept it; the text is one word that names no secret."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is put into a request: a field, and every secret value in it or behind it, by which an echo is known. ``token``
    is what the application gave for it, until when it counts, or nothing.
    """

    header: tuple[str, str]
    secrets: tuple[str, ...]
    token: str = ""
    until: Instant = FOREVER

    def __repr__(self) -> str:
        return f"Shown({self.header[0]})"


Post = Callable[[str, list[tuple[str, str]], bytes], Awaitable[Answer]]
"""Posts a form to an address of the application's own sign-in. Raises Unreached."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a way of signing in may use: one application with its credential, a token that stands for a person (or
    nothing), and the world outside.
    """

    application: Application
    secret: str
    subject: str
    post: Post
    now: Instant
    random: Randomness

    def __repr__(self) -> str:
        return f"Means({self.application.name})"
