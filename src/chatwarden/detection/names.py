"""Names of persons: who introduces themselves, signs, is addressed or filled into a form, and given names of the list before
a family name.

Words around a name say how much the name itself must show. After "my name is" nearly any word is one; after "I am" only
a given name of the list or a capitalised pair with a family name; anywhere else only a pair of which the first is a given
name. An ordinary word alone is never a name. Streets, companies and brands that are named after people are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chatwarden.detection import gazetteer
from chatwarden.detection.gazetteer import brand, city, family, fold, given, ordinary, word_and_name

Spans = list[tuple[int, int, float]]

_LETTERS = r"[^\W\d_]"
_NAME_WORD = rf"(?:(?:{_LETTERS}\.){{1,3}}|{_LETTERS}{{1,30}}(?:['’-]{_LETTERS}{{1,30}}){{0,3}})"
_ANY = re.compile(_NAME_WORD)
_FIRST = re.compile(rf"[ \t]{{0,3}}[:=\"“„'(*–-]{{0,2}}[ \t\u00a0]{{0,3}}({_NAME_WORD})")
_NEXT = re.compile(rf"[ \t]{{1,2}}({_NAME_WORD})")
_COMMA = re.compile(rf",[ \t]{{0,2}}({_NAME_WORD})")
_LAST = re.compile(rf"{_NAME_WORD}$")
_REACH = 34  # a long word and what stands behind it
_WORDS_MAX = 6
_NAMES_MAX = 4
_ENDS = re.compile(r"[ \t]*(?:[.,;:!?)\]\"”'/|*(–-]|\n|\r|$)")
_LINE_ENDS = re.compile(r"[ \t.,!*_-]*(?:\n|\r|$)")

_PARTICLES = gazetteer.words("name-particles.txt")
# What may follow a name that is written small.
_GOES_ON = gazetteer.words("after-small-names.txt")
# What makes a company, a street or a place of the name before it, and of the name behind it.
_AFTER = gazetteer.words("things-named-after.txt")
_BEFORE_PLACES = gazetteer.words("places-named-after.txt")
_NO_USER = gazetteer.words("names-of-things.txt")
_SMALL_AMBIGUOUS = frozenset(
    ["miss", "sir", "don", "dona", "pan", "pani", "lady", "m", "dr", "sr", "fr", "hr", "prof", "mme", "sra", "sig"]
)
_NO_NAME_ENDING = re.compile(r"(?:ed|ing|ly|tion|ness|ment|able|lich|isch|ungen|ung)$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that may be a part of a name. ``kind``: G given name, F family name, X unknown with a capital, L unknown in
    small letters, I initial, P particle, o family name and ordinary word, nothing for none of these. ``family``: it stands
    among the family names too.
    """

    start: int
    end: int
    folded: str
    capital: bool
    kind: str
    family: bool


def _word_before(text: str, at: int) -> tuple[int, int] | None:
    """The word that stands one or two blanks before *at*. Looked for from there: a search would begin at every letter."""
    least = max(0, at - _REACH)
    end = at
    while end > least and at - end < 3 and text[end - 1] in " \t":
        end -= 1
    if not 0 < at - end < 3:
        return None
    start = end
    while start > least and not text[start - 1].isspace():
        start -= 1
    word = _LAST.search(text, start, end)
    return None if word is None else word.span()


def introduced(text: str, _start: int, end: int) -> Spans:
    """After words like "my name is": nearly anything is a name."""
    return _strong(text, list(_words(text, end)), 0.9)


def labelled(text: str, start: int, end: int) -> Spans:
    """After "Name:" in a form, where it is the name of a person."""
    before = _word_before(text, start)
    label = fold(text[start:end].rstrip(":= \t"))
    if label.removesuffix("name") in _NO_USER or (before is not None and fold(text[slice(*before)]) in _NO_USER):
        return []
    words = list(_words(text, end))
    found = _strong(text, words, 0.9)
    if found and (comma := _COMMA.match(text, found[0][1])) is not None:
        word = _word(text, comma.start(1), comma.end(1))
        if word.kind == "G" and (word.capital or not words[0].capital):
            more = _run(text, [word, *_words(text, word.end, first=False)])
            return [(found[0][0], more[-1].end, 0.9)]
    return found


def mentioned(text: str, _start: int, end: int) -> Spans:
    """After words like "I am", "my wife" or "dear": a given name, or a family name behind something with a capital."""
    words = list(_words(text, end))
    run = _run(text, words)
    if not run or _belongs_to_a_thing(text, run):
        return []
    kinds = "".join(word.kind for word in run)
    first = run[0]
    if kinds[0] == "G":
        return _span(run, 0.85 if len(run) > 1 else 0.6)
    rest = run[1:]
    if any(word.kind in "FG" for word in rest) and kinds[0] in "XFLIP" and not city(first.folded):
        if first.capital or _ends(text, run[-1].end):
            return _span(run, 0.7 if first.capital else 0.55)
        return []
    if kinds == "F" and first.capital:
        return _span(run, 0.55 if _ends(text, first.end) and not city(first.folded) else 0.4)
    return _span(run, 0.4) if kinds.startswith("XX") else []


def titled(text: str, start: int, end: int) -> Spans:
    """After "Mrs", "Herr", "Mme" and the like."""
    title = fold(text[start:end].rstrip(". \t").split()[-1].rstrip("."))
    capital = text[start].isupper()
    if title in _SMALL_AMBIGUOUS and not capital:
        return []
    if title == "dr" and _street_before(text, start):
        return []
    words = list(_words(text, end))
    run = _run(text, words, families_first=True)
    if not run or _belongs_to_a_thing(text, run) or brand(f"{title} {run[0].folded}"):
        return []
    kinds = "".join(word.kind for word in run)
    if not any(kind in "GFX" for kind in kinds):
        return []
    if (
        "G" not in kinds
        and "F" not in kinds
        and (title in {"don", "pan", "m", "sir", "lady", "miss"} or not run[0].capital)
    ):
        return []
    return _span(run, 0.85)


def signed(text: str, _start: int, end: int) -> Spans:
    """Under "kind regards": a line of its own with nothing but a name."""
    at = end
    while at < len(text) and at < end + 12 and text[at] in " \t\r\n,.!-–*_😊🙂":
        at += 1
    lines = "\n" in text[end:at]
    run = _run(text, list(_words(text, at)))
    if not run or _LINE_ENDS.match(text, run[-1].end) is None or _belongs_to_a_thing(text, run):
        return []
    kinds = "".join(word.kind for word in run)
    if kinds[0] == "G":
        return _span(run, 0.8)
    if "F" in kinds and (lines or len(run) > 1):
        return _span(run, 0.7)
    if lines and len(run) > 1 and "L" not in kinds:
        return _span(run, 0.6)
    return []


def paired(text: str, start: int, end: int) -> Spans:
    """Among words with capitals: a given name of the list and what follows it."""
    words = [_word(text, match.start(), match.end(), capitals_count=True) for match in _ANY.finditer(text, start, end)]
    found: Spans = []
    at = 0
    while at < len(words):
        run = _pair(text, words, at)
        if run is None:
            at += 1
            continue
        found.append((run[0][0].start, run[0][-1].end, run[1]))
        at += len(run[0])
    return found


def announced(text: str, start: int, _end: int) -> Spans:
    """Before "here" or "speaking": "john smith here"."""
    words: list[Word] = []
    at = start
    while len(words) < 3 and (before := _word_before(text, at)) is not None:
        words.insert(0, _word(text, *before))
        at = before[0]
    while words and words[0].kind != "G":
        words.pop(0)
    if not words or any(word.kind not in ("G", "F", "X", "P") for word in words):
        return []
    if len(words) == 1 and text[: words[0].start].rstrip(" \t")[-1:] not in ("", "\n", ",", ".", "!"):
        return []
    return _span(words, 0.7)


def _strong(text: str, words: list[Word], score: float) -> Spans:
    run = _run(text, words)
    if not run or _belongs_to_a_thing(text, run):
        return []
    kinds = "".join(word.kind for word in run)
    if "G" in kinds or "F" in kinds:
        return _span(run, score)
    if "X" in kinds:
        return _span(run, score - 0.1)
    if _NO_NAME_ENDING.search(run[0].folded) or not _ends(text, run[-1].end):
        return []
    return _span(run, 0.6 if len(run) == 2 else 0.4)


def _words(text: str, at: int, *, first: bool = True) -> Iterator[Word]:
    """The words that follow, up to the end of what may be a name."""
    for count in range(_WORDS_MAX):
        match = (_FIRST if first and count == 0 else _NEXT).match(text, at)
        if match is None or (first and count == 0 and _plain(match[1])):
            return
        word = _word(text, match.start(1), match.end(1))
        yield word
        if not word.kind:  # no name goes on behind it
            return
        at = match.end()


def _plain(written: str) -> bool:
    """Whether a word is no part of a name, seen at once: most that follow "it is" or "my daughter" are such."""
    small = written.isascii() and written.islower() and len(written) > 1
    return small and ordinary(written) and written not in _PARTICLES and not family(written)


def _word(text: str, start: int, end: int, *, capitals_count: bool = False) -> Word:
    written = text[start:end]
    folded = fold(written)
    if folded.endswith("'s"):
        end, folded = end - 2, folded[:-2]
    capital = written[0].isupper() and (capitals_count or not _shouting(text, start))
    return Word(start, end, folded, capital, _kind(folded, written, capital=capital), family(folded))


def _kind(folded: str, written: str, *, capital: bool) -> str:
    bare = folded.rstrip(".")
    if len(bare) == 1 or (len(folded) <= 6 and folded.count(".") * 2 == len(folded)):
        return (
            "I" if written[0].isupper() and (folded.endswith(".") or bare != "i") else "P" if bare in {"y", "e"} else ""
        )
    if folded in _PARTICLES and not (capital and given(folded)):
        return "P"
    plain = not ordinary(folded)
    if given(folded) if plain else capital and word_and_name(folded):
        return "G"
    if family(folded) and plain:
        return "F"
    if not plain:
        return "o" if family(folded) else ""
    return "X" if capital else "L"


def _run(text: str, words: list[Word], *, families_first: bool = False) -> list[Word]:
    """The words from the first on that make one name."""
    run: list[Word] = []
    small = 0
    for place, word in enumerate(words):
        if len([one for one in run if one.kind != "P"]) == _NAMES_MAX:
            break
        if word.folded in _AFTER and (run or not word.capital):
            break
        if word.kind == "o" and (run or families_first):
            # A family name that is an ordinary word: with a capital, or small at the end of what is said.
            if not (word.capital or _ends(text, word.end) or (families_first and not run)):
                break
            if run and not any(one.kind in "GFXI" for one in run):
                break
            run.append(replace(word, kind="F"))
        elif word.kind == "L":
            small += 1
            follows = words[place + 1].kind if place + 1 < len(words) else ""
            if small > 2 or _NO_NAME_ENDING.search(word.folded) or (run and run[-1].capital):
                break
            if not (_ends(text, word.end) or follows in ("F", "L") or (follows == "G" and not run)):
                break
            run.append(word)
        elif (word.kind == "G" and run and run[-1].kind == "F" and run[0].kind == "G" and not word.capital) or (
            word.kind == "P" and word.folded in _GOES_ON and not _particle(words, place)
        ):
            break
        elif word.kind in ("G", "F", "X", "I", "P"):
            if (
                run
                and word.kind != "P"
                and run[-1].capital
                and not word.capital
                and not any(w.kind == "P" for w in run)
            ):
                break
            if word.kind == "X" and run and city(word.folded) and len(run) > 1:
                break
            run.append(word)
        else:
            break
    while run and (run[-1].kind == "P" or (run[-1].kind == "I" and not any(one.kind in "GFX" for one in run))):
        run.pop()
    return run if any(word.kind != "P" for word in run) else []


def _particle(words: list[Word], place: int) -> bool:
    """Whether this "de" or "y" joins two parts of a name: what follows is one, written the same way."""
    for word in words[place + 1 : place + 3]:
        if word.kind != "P":
            return (word.kind in ("F", "X", "G") or (word.kind == "o" and word.capital)) and (
                word.capital or not words[0].capital
            )
    return False


def _pair(text: str, words: list[Word], at: int) -> tuple[list[Word], float] | None:
    first = words[at]
    if not first.capital or (at and words[at - 1].folded in _BEFORE_PLACES):
        return None
    before = _word_before(text, first.start)
    if before is not None and fold(text[slice(*before)]) in _BEFORE_PLACES - {"the"}:
        return None
    joined = [first]
    for word in words[at + 1 :]:
        gap = text[joined[-1].end : word.start]
        if gap.strip(" \t") or "\n" in gap:
            break
        joined.append(word)
    if len(joined) == 1:
        return _reversed(text, words, at)
    run = _run(text, joined)
    if len(run) < 2 or _belongs_to_a_thing(text, run) or city(" ".join(word.folded for word in run[:2])):
        return None
    last = run[-1]
    if text[first.start : first.end].isupper() and len(first.folded) > 1 and not first.folded.endswith("."):
        return (run, 0.7) if first.kind == "G" and last.family else None
    if not last.capital:
        return None
    plain = not ordinary(first.folded)
    if first.kind == "G" and last.kind in ("F", "G"):
        sure = plain or not ordinary(last.folded)
        return (run, 0.8 if plain else 0.65) if sure and not _two_cities(run) else None
    if first.kind == "G" and last.kind == "X" and plain and not city(last.folded) and len(last.folded) > 2:
        return run, 0.6
    if first.kind == "I" and last.kind == "F" and first.folded.endswith(".") and not city(last.folded):
        return run, 0.65
    if first.kind in ("X", "F") and last.kind == "F" and not city(first.folded) and not city(last.folded):
        return run, 0.4
    return None


def _reversed(text: str, words: list[Word], at: int) -> tuple[list[Word], float] | None:
    """As in "Smith, John": a family name that is nothing else, a comma, a given name that is nothing else."""
    first, second = words[at], words[at + 1] if at + 1 < len(words) else None
    if second is None or not first.family or first.kind not in ("F", "G") or second.kind != "G" or not second.capital:
        return None
    if text[first.end : second.start].strip(" ") != "," or city(first.folded) or city(second.folded):
        return None
    if ordinary(first.folded):
        return None
    before = text[: first.start].rstrip(" ")[-1:]
    if ordinary(second.folded) or _ENDS.match(text, second.end) is None or before not in ("", "\n", ":", ";", "-", "("):
        return None
    return [first, second], 0.6


def _belongs_to_a_thing(text: str, run: list[Word]) -> bool:
    """A company, a street or a brand that carries the name of a person."""
    follows = _NEXT.match(text, run[-1].end)
    if follows is not None and fold(follows[1]) in _AFTER and (follows[1][0].isupper() or not run[-1].capital):
        return True
    if re.compile(r" ?& ?(?:co|sons?|söhne|cie|[A-Z])").match(text, run[-1].end, run[-1].end + 8) is not None:
        return True
    folded = [word.folded for word in run]
    return any(brand(" ".join(folded[at : at + 2])) for at in range(len(folded)))


def _two_cities(run: list[Word]) -> bool:
    return all(city(word.folded) for word in run)


def _street_before(text: str, start: int) -> bool:
    before = _word_before(text, start)
    return (
        before is not None
        and text[before[0]].isupper()
        and re.search(r"\d", text[max(0, start - 40) : start]) is not None
    )


def _ends(text: str, at: int) -> bool:
    """Whether nothing more belongs to a name written small."""
    if _ENDS.match(text, at) is not None:
        return True
    follows = _NEXT.match(text, at)
    return follows is None or fold(follows[1]) in _GOES_ON


def _shouting(text: str, at: int) -> bool:
    """Whether capitals say nothing here: nothing is small."""
    around = text[max(0, at - 40) : at + 40]
    return around.isupper() and len(around) > 12


def _span(run: list[Word], score: float) -> Spans:
    return [(run[0].start, run[-1].end, score)]
