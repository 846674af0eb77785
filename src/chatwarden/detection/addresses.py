"""Postal addresses: a street with a number, a post box or a postcode with its town, and all that belongs to it behind.

Formats of the United States, the United Kingdom, Canada, Australia, Germany, Austria, Switzerland, France, Spain, Italy, the
Netherlands and Belgium (UPU S42 names the parts). A street with a number is an address if its words say so, if a postcode
or a town of the list follows, or if somebody says that they live there. "24 hour street parking" has none of these.
"""

from __future__ import annotations

import re

from chatwarden.detection import gazetteer
from chatwarden.detection.gazetteer import city, fold, ordinary
from chatwarden.detection.localities import CANADA, FIGURES, UK, tail, town, town_before
from chatwarden.detection.names import Spans
from chatwarden.detection.pattern import COUNTER_WORDS

_L = r"[^\W\d_]"
_BEFORE_UNIT = re.compile(
    r"\b(?:flat|apt|apartment|unit|suite|level|shop|lot|room)\.? ?#?(?:\w{1,4},? {0,2}\n?)?$", re.IGNORECASE
)
_COMPASS = re.compile(
    r" (?:[NS][EW]?|[EW]|north|south|east|west|northeast|northwest|southeast|southwest)\b\.?", re.IGNORECASE
)
_LIVES = re.compile(
    r"(?i)\b(?:i?ns?ide at|live[sd]?|living|address(?:es)?|adress\w*|anschrift|wohn\w*|deliver\w*|ship\w*|"
    r"send|sent|mail(?:ed)?|moved?|moving|resid\w+|located|home|billing|stay\w*|umgezogen|zieh\w*|lieferung\w*|liefer\w*|schick\w*|habit\w+|demeur\w+|domicili\w*|livr\w+|envoy\w+|"
    r"viv[oe]\w*|direcci[oó]n\w*|env[ií]\w+|entreg\w+|resid\w+|abit\w+|indirizzo|consegn\w+|spedi\w+|woon\w*|adres|bezorg\w*|verhui\w+|"
    r"street|straße|calle|rue|via|straat|at|in der|zuhause|house|property|flat)\b[^.!?\n]{0,28}$"
)
_NOT_STREET = gazetteer.words("no-street-words.txt")
# Kinds of street that are ordinary words too.
_ORDINARY_TOO = frozenset(
    "via place cours route corso strada largo passage square quai camino plaza ronda c".split()  # noqa: SIM905  a list of words
)
_SURE = gazetteer.words("sure-streets.txt")
_NO_STREETS = re.compile(
    r"(?i)^(?:bahnhof|hauptbahnhof|friedhof|parkplatz|arbeitsplatz|sitzplatz|stellplatz|startplatz|marktplatzierung|umweg|heimweg|rückweg|"
    r"ausweg|hinweg|vorweg|unterweg|keineswegs?|weg|hof|ring|berg|platz|markt|graben|steig|bahnsteig|damm|pfad|park|feld|ufer|wall|"
    r"herzberg|kindergarten|garten|baan|plein|pad|burg|\w*(?:fahrring|lieferweg|zahlungsweg|postweg|rechtsweg|dienstweg|flugsteig|"
    r"beitrag|vertrag|betrag))$"
)
_NUMBER_TAIL = re.compile(r"(?:[ ]?[a-hA-H]\b|[ ]?[-–/][ ]?(?:\d{1,4}[a-zA-Z]?|[a-zA-Z]{1,2}|[IVX]{1,4})\b){0,3}")
_NOT_MONEY_BEFORE = "$€£¥#.,:/+-@_=&%"
_COUNTER = re.compile(COUNTER_WORDS)


def numbered(text: str, start: int, end: int) -> Spans:
    """The number first, the kind of street last, as in "12 High Street" (English)."""
    if text[start - 1 : start] in _NOT_MONEY_BEFORE and start:
        return []
    words = [word.strip(".,") for word in text[start:end].split()]
    kind = fold(words[-1])
    between = words[1:-1]
    folded = [fold(word) for word in between]
    if folded[:1] == ["the"]:
        folded = folded[1:] or ["green"]  # "12 The Avenue"
    if any(word in _NOT_STREET for word in folded):
        return []
    capital = (
        bool(between) and all(word[0].isupper() or word[0].isdigit() for word in between) and words[-1][0].isupper()
    )
    if (compass := _COMPASS.match(text, end)) is not None:
        end = compass.end()
    lead = _BEFORE_UNIT.search(text, max(0, start - 24), start)
    begin = lead.start() if lead is not None else start
    close, located = tail(text, end)
    if located:
        return [(begin, close, 0.9)]
    if capital and not any(ordinary(word) and word in _NOT_STREET for word in folded):
        return [(begin, close, 0.8 if kind in _SURE else 0.6)]
    if _lives(text, begin):
        return [(begin, close, 0.7)]
    return [(begin, close, 0.55 if kind in _SURE and len(between) == 1 and kind != "st" else 0.35)]


def suffixed(text: str, start: int, end: int) -> Spans:
    """The kind of street ends its name, the number follows, as in "Lindenstraße 12" (German, Dutch)."""
    begin = _street_begin(text, start)
    street = text[begin:end].rstrip("0123456789 ,.")
    close = _number_end(text, end)
    close, located = tail(text, close)
    if located:
        return [(begin, close, 0.9)]
    bare = street.split()[-1].rstrip(".,") if street.split() else ""
    if begin == start and _NO_STREETS.match(bare):
        return []
    if re.search(
        r"(?i)(?:stra(?:ß|ss)e|str\.?|straat|laan|gracht|kade|gasse|allee|chaussee|singel|steeg|dijk)$", street
    ):
        return [(begin, close, 0.8)]
    if text[begin].isupper() and (begin < start or len(bare) > 7):
        return [(begin, close, 0.6 if _lives(text, begin) or begin < start else 0.5)]
    return [(begin, close, 0.6 if _lives(text, begin) else 0.35)]


def prefixed(text: str, start: int, end: int) -> Spans:
    """The kind of street begins its name, as in "Calle Mayor 5" and "12 rue de Rivoli" (Romance languages)."""
    number_first = text[start].isdigit()
    if number_first and start and text[start - 1] in _NOT_MONEY_BEFORE:
        return []
    close = end if number_first else _number_end(text, end)
    if number_first:
        close = _street_words(text, end)
        if close == end:
            return []
    close, located = tail(text, close)
    if located:
        return [(start, close, 0.9)]
    words = re.findall(rf"{_L}+", text[start:close])
    kind = fold(words[0]) if words else ""
    named = [word for word in words[1:] if fold(word) not in _LINKS]
    if not named:
        return []
    if kind in _ORDINARY_TOO and not all(word[0].isupper() for word in named) and not _lives(text, start):
        return []
    return [(start, close, 0.8)] if not any(fold(word) in _NOT_STREET for word in named) else []


def preposed(text: str, start: int, end: int) -> Spans:
    """No word for a street, but a postcode behind: "Am Alten Markt 5, 14467 Potsdam"."""
    close, located = tail(text, _number_end(text, end))
    return [(start, close, 0.85)] if located else []


def boxed(text: str, start: int, end: int) -> Spans:
    """A post box, and what follows."""
    close, located = tail(text, end)
    if fold(text[start:end]).startswith(("bp", "b.p", "c.p")) and not located:
        return []
    return [(start, close, 0.85)]


def coded(text: str, start: int, end: int) -> Spans:
    """A postcode that names no street, with the town behind or before it."""
    code = text[start:end]
    if (figures := FIGURES.match(text, start)) is not None:
        end, code = figures.end(), figures[0]
    letters = not code[-1:].isdigit() or not code[-4:].isdigit() or " " in code
    before = text[max(0, start - 2) : start]
    if before[-1:] in _NOT_MONEY_BEFORE and before[-1:] and before[-2:] != ", ":
        return []
    if _COUNTER.search(text, max(0, start - 32), start) is not None:
        return []
    begin = town_before(text, start) if letters else start
    close = town(text, end, listed=True)
    if close is None and begin == start:
        if re.fullmatch(UK, code) or re.fullmatch(CANADA, code):
            return [(start, end, 0.65 if _lives(text, start) or _names_postcode(text, start) else 0.4)]
        return []
    stop = close if close is not None else end
    if letters:
        return [(begin, stop, 0.75)]
    if len(code) == 4:
        return [(start, stop, 0.6 if _lives(text, start) else 0.4)]
    return [(start, stop, 0.6)]


def _street_begin(text: str, start: int) -> int:
    """Where the name of a street begins of which the last word starts at *start*: "Am Alten Markt", "Berliner Straße"."""
    before = re.compile(
        rf"(?:(?:(?:An der|An den|Am|Auf der|Auf dem|Im|In der|Zum|Zur|Unter den|"
        rf"(?:Alt|Neu|Groß|Klein|Ober|Unter|Hoh|Lang|Breit)e[nrsm]?|"
        rf"[A-ZÄÖÜ]{_L}+(?:er|-)|Van|Von|Prof\.|Dr\.|St\.|Sankt|"
        rf"Nieuwe|Oude|Eerste|Tweede|[12]e|[A-Z]\.|[A-ZÄÖÜ]{_L}+-[A-ZÄÖÜ]{_L}+)[ -]){{1,3}}"
        rf"(?:van der |van de |van |de |von |der )?|{_L}+er )$"
    ).search(text, max(0, start - 48), start)
    if before is None or (before.start() and text[before.start() - 1].isalnum()):
        return start
    if before[0].strip()[0].islower() and ordinary(fold(before[0].strip())):
        return start
    return before.start()


def _street_words(text: str, at: int) -> int:
    """The name of the street behind "12 rue": links and names, to the first word that is none."""
    end = at
    named = 0
    for _ in range(6):
        word = re.compile(rf"[ ]?({_L}+(?:['’-]{_L}+)*\.?|\d{{1,2}}(?= {_L}))").match(text, end)
        if word is None or (named and text[end : word.start(1)] == ""):
            break
        folded = fold(word[1]).rstrip(".")
        if folded in _LINKS:
            end = word.end()
            continue
        if folded in _NOT_STREET or (ordinary(folded) and not word[1][0].isupper() and named):
            break
        if named and not word[1][0].isupper() and (city(folded) or text[at : at + 12].strip()[:1].isupper()):
            break
        if named and city(folded):
            break
        named += 1
        end = word.end()
        if named == 4:
            break
    while named and fold(text[at:end].rsplit(maxsplit=1)[-1]) in _LINKS:
        end = at + text[at:end].rstrip().rfind(" ")
    return end if named else at


_LINKS = gazetteer.words("street-links.txt")


def _number_end(text: str, end: int) -> int:
    match = _NUMBER_TAIL.match(text, end)
    return match.end() if match is not None else end


def _lives(text: str, start: int) -> bool:
    return _LIVES.search(text, max(0, start - 48), start) is not None


def _names_postcode(text: str, start: int) -> bool:
    return re.search(r"(?i)post ?code|zip|postal|plz|postleitzahl", text[max(0, start - 32) : start]) is not None
