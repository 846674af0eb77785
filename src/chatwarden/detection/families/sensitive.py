"""Health, exact places, links. What of health is known by its word needs a person beside it: "I have", "diagnosed with"."""

from __future__ import annotations

from collections.abc import Callable

from chatwarden.classes import DataClass
from chatwarden.detection import places
from chatwarden.detection.gazetteer import entries
from chatwarden.detection.pattern import ANY_LETTER as L
from chatwarden.detection.pattern import Pattern

_PERSON = (
    r"\b(?:i have|i've|i had|i got|i am|i'm|im|i was|i take|i'm on|i am on|i need|i use|i suffer|have (?:been )?diagnosed|was diagnosed|diagnos\w*|suffer\w*|suffering from|living with|treated for|treatment for|survived?|battl\w+"
    r"|prescri\w+|my|her|his|she has|he has|has|she is|he is|she's|he's|due to|because of|allergic to|on medication for|tested positive for|history of|recovering from|patient|took|taking|take"
    r"|ich habe|ich hatte|ich bin|ich nehme|ich leide|leide\w*|leidet|habe|hat|hatte|diagnosti\w+|erkrankt an|wegen|meine?r?|seine?|ihre?|bin|nehme"
    r"|j'ai|j’ai|je suis|je souffre|souffr\w+|je prends|atteinte? d\w|a un|a une|ma|mon|diagnostiqué\w*|traitée? pour|elle est"
    r"|tengo|tiene|tuve|padezco|padece|sufro|sufre|estoy|tomo|diagnostic\w+|soy|mi"
    r"|ho il|ho la|ho un|ho|ha un|soffro|soffre|sono|diagnosticato|mia|mio|ik heb|heeft|lijd|lijdt|ik ben|gebruik|slik|mijn)\b[^.!?\n]{0,32}$"
)
# A word begins at RE2's \\b only where its first letter is of ASCII.
_CONDITIONS = [one for one in entries("conditions.txt") if one[0].isascii()]
_MARKED = [one for one in entries("conditions.txt") if not one[0].isascii()]
_MBI = r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}"
_RECORDS = r"(?:\bmrn|medical record(?: number| no\.?)?|patient(?:en)?[ \-]?(?:id|number|no\.?|nummer|nr\.?|akte)|chart (?:number|no\.?)|aktenzeichen|health record|n[º°] de historia|dossier médical)[ :#.]*(?:is|ist|number|no|nr|nummer)?[ :#.]*"
_SHARP = "[NSEWO]"
_DMS = r"\d{1,3} ?[°º] ?\d{1,2}(?:[.,]\d+)? ?['′’](?: ?\d{1,2}(?:[.,]\d+)? ?(?:\"|″|′′|''|”))?"
_DEGREES = r"[+-]?\d{1,3}[.,]\d{3,15} ?°?"
_LINK = r"[^\s<>\"“”`]"


def _health(
    regex: str, score: float, keywords: str, check: Callable[[str], bool] | None = None, group: int = 0
) -> Pattern:
    return Pattern(DataClass.HEALTH, regex, score, check, group, keywords, needed=True, counter=False)


def _place(regex: str, find: Callable[[str, int, int], list[tuple[int, int, float]]]) -> Pattern:
    return Pattern(DataClass.LOCATION, regex, 0.85, find=find)


SENSITIVE: tuple[Pattern, ...] = (
    Pattern(DataClass.HEALTH, rf"(?i)(?:\b(?:{'|'.join(_CONDITIONS)})|{'|'.join(_MARKED)})\b", 0.3, keywords=_PERSON, counter=False),
    Pattern(DataClass.HEALTH, rf"\b{_MBI}\b", 0.4, keywords=r"medicare|mbi|beneficiary|insur", counter=False),
    _health(r"\b[A-Z]\d{9}\b", 0.5, r"kvnr|versicherten|krankenvers|krankenkasse|gesundheitskarte|egk|insurance", places.kvnr),
    _health(r"\b[12]\d{9}\b", 0.5, r"npi|provider|prescriber|physician", places.npi),
    _health(
        rf"(?i){_RECORDS}([A-Z]{{0,4}}-?\d[A-Z0-9\-]{{3,13}})\b", 0.5, rf"{_RECORDS}$", group=1,
    ),
    _place(
        rf"(?i)(?:\blat(?:itude)?[\"']?[:=]? ?)?{_DEGREES} ?[NS]?(?:[,;/ ] ?|, ?[\"']?)(?:\bl(?:on|ng|ong|ongitude)[\"']?[:=]? ?)?{_DEGREES} ?[EWO]?\b",
        places.coordinates,
    ),
    Pattern(DataClass.LOCATION, rf"{_DMS} ?{_SHARP}(?:[,; ]{{1,2}}{_DMS} ?{_SHARP})?", 0.8, places.degrees, counter=False),
    _place(r"(?i)\b[23456789cfghjmpqrvwx]{4}(?:[23456789cfghjmpqrvwx]{4})?\+[23456789cfghjmpqrvwx]{2,3}\b", places.plus_code),
    Pattern(DataClass.LOCATION, rf"///[{L}]{{2,24}}\.[{L}]{{2,24}}\.[{L}]{{2,24}}", 0.85, counter=False),
    Pattern(
        DataClass.LOCATION, rf"\b[{L}]{{3,24}}\.[{L}]{{3,24}}\.[{L}]{{3,24}}\b", 0.5, keywords=r"what3words|w3w|what 3 words", needed=True, counter=False,
    ),
    _place(
        rf"(?i)\b(?:(?:https?://)?(?:(?:www\.)?google\.[a-z.]{{2,6}}/maps|maps\.google\.[a-z.]{{2,6}}|goo\.gl/maps|maps\.app\.goo\.gl|maps\.apple\.com|(?:www\.)?waze\.com/ul|(?:www\.)?bing\.com/maps|(?:www\.)?openstreetmap\.org/(?:#map|\?mlat|node|way)|w3w\.co|what3words\.com|plus\.codes)[/?#]?{_LINK}+|geo:-?\d{_LINK}+)",
        places.map_link,
    ),
    Pattern(DataClass.URL, rf"(?i)\b(?:https?://|www\d?\.){_LINK}+", 0.6, find=places.link),
)  # fmt: skip
