"""What follows a street: floor and door, postcode, town, region. Also the towns themselves, by the list of towns or by a
postcode beside them.
"""

from __future__ import annotations

import re

from chatwarden.detection import gazetteer
from chatwarden.detection.gazetteer import city, fold, ordinary

_L = r"[^\W\d_]"
_STATES = (
    r"AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|"
    r"SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|PR|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|"
    r"Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|"
    r"Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|"
    r"Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|"
    r"West Virginia|Wisconsin|Wyoming"
)
_PROVINCES = (
    r"ON|QC|BC|AB|MB|SK|NS|NB|NL|PE|YT|NT|NU|Ontario|Quebec|Québec|British Columbia|Alberta|Manitoba|Nova Scotia"
)
_TERRITORIES = (
    r"NSW|VIC|QLD|WA|SA|TAS|ACT|NT|New South Wales|Victoria|Queensland|Western Australia|South Australia|Tasmania"
)
UK = r"(?:GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})"
CANADA = r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d"
_NETHERLANDS = r"[1-9]\d{3} ?(?!SS|SD|SA)[A-Z]{2}"
_ZIP = (
    rf"(?:(?:{_STATES})\.?,? {{1,2}}\d{{5}}(?:-\d{{4}})?|(?:{_PROVINCES})\.?,? {{0,2}}{CANADA}|"
    rf"(?:{_TERRITORIES})\.?,? {{1,2}}\d{{4}})"
)
_POSTCODE = re.compile(rf"(?:{_ZIP}|{UK}|{CANADA}|{_NETHERLANDS})\b", re.IGNORECASE)
FIGURES = re.compile(r"(?:(?:[A-Z]{1,2}|FL|LU)[- ]{1,2})?\d{4,5}\b(?![.,]\d)")
_SEPARATOR = re.compile(r"[ \t]{0,3}[,;|–-]?[ \t]{0,3}(?:\r?\n[ \t]{0,4})?")
_WORDS = re.compile(rf"{_L}{{1,24}}\.?(?:['’ -]{{1,2}}{_L}{{1,24}}\.?){{0,5}}")
_UNIT = re.compile(
    r"(?:(?:apt|apartment|appt?|app|unit|flat|suite|ste|floor|fl|room|rm|bldg|building|block|tower|level|lot|wohnung|whg|stock|"
    r"etage|stiege|stg|top|tür|tuer|hinterhaus|vorderhaus|hh|vh|eg|og|dg|erdgeschoss|bât|bat|bâtiment|batiment|étage|escalier|"
    r"esc|escalera|portal|piso|puerta|pta|planta|bajo|izq|izquierda|dcha|derecha|interno|int|scala|sc|piano|bus|bte|verdieping|"
    r"hs|huis|appartement|zimmer)\b\.?[ ]?(?:n[º°o]?\.? ?)?(?:\d[\w/-]{0,5}|[A-Za-z]\b)?"
    r"|# ?\w{1,6}|\d{1,3}(?:st|nd|rd|th|º|ª|°|er|e|ème|ième|o|a|\.)[ ]?(?:floor|stock|og|etage|piso|planta|étage|verdieping|fl|"
    r"izq(?:da|uierda)?|dcha|derecha|puerta|[A-D])?\b\.?(?:[ ]?[A-D]\b)?)",
    re.IGNORECASE,
)
_REGION = re.compile(rf"(?:\((?:[A-Z]{{2}}|{_L}{{3,20}})\)|(?:{_STATES}|{_PROVINCES}|{_TERRITORIES}|[A-Z]{{2}})\b)")
_CONNECT = re.compile(r",? (?:in|à|a|en|te|in het|near)[ ]+", re.IGNORECASE)
_NOT_STREET = gazetteer.words("no-street-words.txt")


def tail(text: str, at: int) -> tuple[int, bool]:
    """Where what belongs to the street that ends at *at* ends itself, and whether a postcode or a town is among it."""
    located = town_seen = code_seen = False
    for _ in range(8):
        separator = _SEPARATOR.match(text, at)
        assert separator is not None  # all of it is optional
        then = separator.end()
        apart = separator[0].strip(" \t") != ""
        if (connect := _CONNECT.match(text, at)) is not None and not town_seen:
            then, apart = connect.end(), True
        if not located and (unit := _UNIT.match(text, then)) is not None and unit.end() > then:
            at = unit.end()
            continue
        if not code_seen and (code := _POSTCODE.match(text, then)) is not None:
            at, located, code_seen = code.end(), True, True
            continue
        if not code_seen and (figures := FIGURES.match(text, then)) is not None:
            close = None if town_seen else town(text, figures.end(), listed=False)
            if close is None and not (town_seen or (apart and "\n" in separator[0])):
                break
            at, located, code_seen = (figures.end() if close is None else close), True, True
            town_seen = town_seen or close is not None
            continue
        if not town_seen and (close := _town_and_code(text, then)) is not None:
            at, located, town_seen, code_seen = close, True, True, True
            continue
        if town_seen and (region := _REGION.match(text, then)) is not None and (apart or text[then] == "("):
            at = region.end()
            continue
        if (
            (close := _known_town(text, then)) is not None
            and (apart or text[then].isupper())
            and not (town_seen and not apart)
        ):
            at, located, town_seen = close, True, True
            continue
        if (
            code_seen
            and not town_seen
            and apart
            and (close := town(text, then, listed=False, spaced=False)) is not None
        ):
            at, town_seen = close, True
            continue
        break
    return at, located


def _town_and_code(text: str, at: int) -> int | None:
    """A town of whatever name, if a postcode follows."""
    words = _WORDS.match(text, at, at + 40)
    if words is None:
        return None
    ends = [words.end()] + [at + m.start() for m in reversed(list(re.finditer(r"[ ,]+", words[0])))]
    for end in ends:
        joint = re.compile(r",? {0,2}(?:\r?\n ?)?").match(text, end)
        assert joint is not None
        if joint.end() == end:
            continue
        code = _POSTCODE.match(text, joint.end())
        if code is None and (text[at].isupper() or city(fold(text[at:end]))):
            code = FIGURES.match(text, joint.end())
            if code is not None and len(code[0]) == 4 and 1900 <= int(code[0]) < 2100 and not city(fold(text[at:end])):
                code = None
        if code is not None and not any(fold(word) in _NOT_STREET for word in text[at:end].split()):
            return code.end()
    return None


def _known_town(text: str, at: int) -> int | None:
    words = _WORDS.match(text, at, at + 40)
    if words is None:
        return None
    end = words.end()
    while end > at:
        name = fold(text[at:end].rstrip("."))
        if city(name) and len(name) > 2 and (text[at].isupper() or not ordinary(name)):
            return at + len(text[at:end].rstrip("."))
        end = max(text.rfind(" ", at, end), text.rfind("-", at, end))
    return None


def town(text: str, at: int, *, listed: bool, spaced: bool = True) -> int | None:
    """Where the town behind a postcode ends: one of the list, and unless *listed*, any up to three words with capitals."""
    if spaced:
        gap = re.compile(r",? {1,2}|,?\r?\n ?").match(text, at)
        if gap is None:
            return None
        at = gap.end()
    known = _known_town(text, at)
    if known is not None and (text[at].isupper() or not listed):
        return _districts(text, known)
    if listed:
        return None
    word = rf"[A-ZÀ-Þ]{_L}{{2,24}}"
    joined = re.compile(
        rf"(?:(?:Bad|Sankt|St\.?|Den|Le|La|Les|El|San|Santa|'s) ?-?)?{word}(?:[ -]"
        rf"(?:(?:am|an der|im|in der|ob der|a\.|upon|sur|de|la|le|les|"
        rf"del|di|aan den|aan de|an den|en)[ -])?{word}){{0,2}}"
    ).match(text, at)
    if joined is not None and not ordinary(fold(joined[0].split()[0])):
        return joined.end()
    return None


def _districts(text: str, at: int) -> int:
    """What belongs to a town behind its name: "Frankfurt am Main"."""
    more = re.compile(
        rf"(?:[ -](?:am|an der|im|in der|a\.|upon|sur|aan den|an den)[ -]{_L}+"
        rf"| \((?:Main|Oder|Saale|[A-Z]{{2}})\)| Cedex(?: \d+)?)",
        re.IGNORECASE,
    ).match(text, at)
    return more.end() if more is not None else at


def town_before(text: str, start: int) -> int:
    """Where the town of the list begins that ends right before *start*, else *start*."""
    match = re.compile(rf"((?:[A-ZÀ-Þ]{_L}+[ -]){{0,2}}[A-ZÀ-Þ]{_L}+),? {{1,2}}$").search(
        text, max(0, start - 40), start
    )
    if match is None:
        return start
    at = match.start(1)
    while at < match.end(1):
        if city(fold(text[at : match.end(1)])):
            return at
        following = re.compile(r"[ -]").search(text, at, match.end(1))
        if following is None:
            return start
        at = following.end()
    return start
