"""A value that must not be printed, compared or cached by accident."""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """Holds bytes that never appear in ``repr``, logs, pickles or ordinary comparison."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """The bytes themselves. Every call site is a place to review."""
        return self._value

    def matches(self, other: bytes) -> bool:
        """Whether *other* is the same value, in constant time."""
        return hmac.compare_digest(self._value, other)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("compare secrets with matches()")

    def __hash__(self) -> NoReturn:
        raise TypeError("secrets are not hashable")

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets are not picklable")
