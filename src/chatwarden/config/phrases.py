"""How words to look for are written, and the form in which they are looked for.

A phrase is words one behind the other. ``a|b`` is either, ``complain*`` any word that begins so, ``word?`` may be missing,
``two-words`` are one of several where one word could be, ``..`` stands for up to four other words of the same sentence, ``^``
and ``$`` for the beginning and the end of a sentence.
No phrase is a regular expression: what is made of one is matched by RE2 in time linear in the text, whatever was written.

`folded` makes of any text small letters without accents, words apart by one space, with ``.`` between sentences and the
contractions of English written out (Unicode NFKD). In words that are Latin, letters that look alike, invisible signs and signs
that are written for letters are what they stand for (chatwarden.normalise). It is not for showing.
"""

from __future__ import annotations

import re
import unicodedata

from chatwarden.normalise import normalise, spelled

PHRASE_MAX = 400
_GAP = "(?:[^ .]+ ){0,4}"
_FOREIGN = re.compile(r"[^\w\x00-\x7f]")  # what is neither letter nor digit, outside ASCII
_APART = {code: "." if chr(code) in ".!?;\n" else " " for code in range(128) if not chr(code).isalnum()}
_LATIN = re.compile("[a-zA-Z]")
_WHITE = re.compile(r"(\s+)")
_NO_WORD = re.compile(r"[^\w'’-]")
_APOSTROPHES = str.maketrans("’ʼ‘´`", "'''''")
_SHORT = re.compile(r"\b(ca|wo|sha)?n't\b|n't\b|'(m|re|ve|ll|s|d)\b")
_LONG = {
    "ca": "can not", "wo": "will not", "sha": "shall not", "m": " am", "re": " are", "ve": " have", "ll": " will",
    "s": "", "d": "",
}  # fmt: skip
_RUN_TOGETHER = {
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not", "cannot": "can not", "wont": "will not",
    "isnt": "is not", "wasnt": "was not", "arent": "are not", "havent": "have not", "hasnt": "has not", "couldnt": "could not",
    "wouldnt": "would not", "im": "i am", "ive": "i have", "id": "i", "wanna": "want to", "gonna": "going to", "u": "you",
}  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def folded(text: str) -> str:
    """*text* as it is matched: a space, then every word and every end of a sentence with a space behind it."""
    made = f" {' '.join(_words(text))} "
    while " . . " in made:
        made = made.replace(" . . ", " . ")
    made = made.removeprefix(" .")
    return made if made.strip() else " "


def expression(phrase: str, *, most: int = PHRASE_MAX) -> str:
    """*phrase* as an expression over folded texts. Raises ValueError."""
    if len(phrase) > most:
        raise ValueError(f"a phrase has at most {most} characters")
    parts = phrase.split()
    begins, ends = parts[:1] == ["^"], parts[-1:] == ["$"]
    parts = parts[begins : len(parts) - ends]
    if not parts or ".." in {parts[0], parts[-1]} or all(part.endswith("?") for part in parts):
        raise ValueError(f"{phrase[:60]!r} says no word that must be there")
    made = "".join(_GAP if part == ".." else _element(part) for part in parts)
    return (r"(?:^| \.) " if begins else " ") + made + (r"(?:\.|$)" if ends else "")


def _element(part: str) -> str:
    optional = part.endswith("?")
    made = [form for word in part.removesuffix("?").split("|") for form in _forms(word, part)]
    return f"(?:(?:{'|'.join(dict.fromkeys(made))}) ){'?' if optional else ''}"


def _forms(word: str, part: str) -> list[str]:
    stem = word.removesuffix("*")
    tail = "[^ .]*" if word.endswith("*") else ""
    found = []
    for spelling in {stem: None, stem.casefold().translate(_UMLAUTS): None}:
        words = _words(spelling)
        if not words or _NO_WORD.search(spelling):
            raise ValueError(f"{part[:60]!r} is no word; there are | * ? .. ^ and $ between words")
        found.append(" ".join(words) + tail)
    return found


def _words(text: str) -> list[str]:
    plain = text.casefold() if text.isascii() else _without_disguise(text).casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.translate(_APOSTROPHES)).casefold()
        plain = "".join(c for c in plain if c < "\x80" or unicodedata.category(c) not in {"Mn", "Me", "Cf"})
        plain = _FOREIGN.sub(" ", plain)
    plain = spelled(plain)
    if "'" in plain:
        plain = _SHORT.sub(_written_out, plain)
    words = plain.translate(_APART).replace(".", " . ").split()
    if not _RUN_TOGETHER.keys().isdisjoint(words):
        words = [one for word in words for one in _RUN_TOGETHER.get(word, word).split()]
    return words


def _without_disguise(text: str) -> str:
    """Letters that look alike are folded in words that have Latin ones too, or are made of nothing else among words that
    have: words of other scripts stay what they are.
    """
    if not _LATIN.search(text):
        return text
    return "".join(
        plain if not part.isascii() and ((plain := normalise(part).text).isascii() or _LATIN.search(part)) else part
        for part in _WHITE.split(text)
    )


def _written_out(match: re.Match[str]) -> str:
    short = match[1] or match[2]
    return _LONG[short] if short else " not"
