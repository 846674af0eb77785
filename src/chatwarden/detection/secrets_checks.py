"""What is a secret: a word as random as one, a pair of name and password (RFC 7617), what stands behind "password is"."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter

from chatwarden.detection.gazetteer import fold, words

Spans = list[tuple[int, int, float]]
_BITS_MIN = 3.0
_SURE = 0.95
_AHEAD = 200
_SHORTEST = 4  # characters of a password in one word
_WORDS, _MOST = 3, 9  # of a passphrase
_QUOTED = re.compile(r" ?[\"'`«»“„]([^\"'`«»“”„\n]{4,64})[\"'`«»“”]")
_WORD = re.compile(r" ?[\"'`«]?([^\s\"'`»\[\]]{4,64})")
_PLAIN = re.compile(r"[ \-]?([^\W_][^\s\"'`«»\[\]{}()<>,;:!?.=\-]{2,23})")


def looks_random(text: str) -> bool:
    """Letters and digits mixed, and no repetition: at least three bits a character (Shannon)."""
    if not (any(c.isdigit() for c in text) and any(c.isalpha() for c in text)):
        return False
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) >= _BITS_MIN


def mixed(text: str) -> bool:
    """A digit and a letter in one word: no word of a sentence."""
    return any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def basic(text: str) -> bool:
    """Base64 of a name, a colon and a password."""
    try:
        said = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    name, colon, password = said.partition(":")
    return bool(name and colon and password) and said.isprintable()


def behind(text: str, _start: int, end: int) -> Spans:
    """The password behind the words that announce it, which end at *end*: one in quotes, a passphrase of plain words, or
    one word.
    """
    ahead = text[end : end + _AHEAD]
    quoted = _QUOTED.match(ahead)
    if quoted is not None and secret_word(quoted[1]):
        return [(end + quoted.start(1), end + quoted.end(1), _SURE)]
    phrase = passphrase(text, _start, end)
    if phrase:
        return phrase
    word = _WORD.match(ahead)
    return [(end + word.start(1), end + word.end(1), _SURE)] if word is not None and secret_word(word[1]) else []


def passphrase(text: str, _start: int, end: int) -> Spans:
    """The passphrase that stands there: three words and more, to the end of the clause or to a word that no passphrase
    is made of. One that begins like a sentence ("wrong …") has four.
    """
    ahead = text[end : end + _AHEAD]
    first = at = 0
    count, least = 0, _WORDS
    for word in _PLAIN.finditer(ahead):
        said = fold(word[1])
        no_secret = said in words("no-passwords.txt")
        if word.start() != at or said in words("no-passphrases.txt") or (no_secret and count):
            break
        first, least = (first, least) if count else (word.start(1), least + no_secret)
        at, count = word.end(), count + 1
        if count == _MOST or ahead[at : at + 1] not in {" ", "-"}:
            break
    return [(end + first, end + at, _SURE)] if count >= least else []


def secret_word(text: str) -> bool:
    """Whether what follows "password is" is a password and not the rest of a sentence."""
    word = text.rstrip(".,;!?)\"'")
    return len(word) >= _SHORTEST and fold(word) not in words("no-passwords.txt")
