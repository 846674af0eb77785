"""One way in which a data class is written, and what its evidence is worth.

``score`` is the evidence of shape and check together; a keyword before it adds, a counter-word takes away. What reaches
``LIKELY`` is a finding: it is masked. What reaches only ``POSSIBLE`` shortens the life of its message and changes nothing
that anybody sees: a false alarm there costs little, a miss costs a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatwarden.classes import DataClass

# For a character class: letters of nearly all scripts, as a few ranges. Repeated a bounded number of times, \p{L} makes
# automata a hundred times as large.
ANY_LETTER = r"A-Za-z\x{C0}-\x{24F}\x{370}-\x{1FFF}\x{3040}-\x{D7FF}"
LIKELY = 0.5
POSSIBLE = 0.3


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which a class is written. ``group`` is the part that is personal; ``keywords`` must (``needed``) or may
    stand within the 48 characters before it. ``spans`` finds several within one match. ``find`` decides where the words
    around a match count and a checksum does not: given the text and the match it returns spans anywhere in the text with
    what each is worth; ``score`` is the most it gives, and nothing else is weighed. ``what`` is its line in
    docs/data-classes.md. A check that costs far more than the pattern is made for ``most`` candidates; more are too much
    for one text. ``less``: what an unusual form is worth less. ``digit``: nothing is found
    in a text without a digit.
    """

    data_class: DataClass
    regex: str
    score: float
    check: Callable[[str], bool] | None = None
    group: int = 0
    keywords: str = ""
    needed: bool = False
    spans: Callable[[str], list[tuple[int, int]]] | None = None
    counter: bool = True
    find: Callable[[str, int, int], list[tuple[int, int, float]]] | None = None
    what: str = ""
    most: int = 0
    less: Callable[[str], float] | None = None
    digit: bool = False


# Within the 32 characters before a number: it is the number of a thing, not of a person.
COUNTERS = (
    r"order|ticket|track\w*|invoice|version|release|build|ref(?:erence)?|parcel|booking|case|serial|hash|commit|"
    r"isbn|ean|sku|part|article|model|timestamp|v|bestell\w*|auftrag\w*|rechnung\w*|sendung\w*|commande|colis|facture|"
    r"pedido|factura|ordine|fattura|bestelling|factuur|shipment|shipping|waybill|awb|rma|transaction|txn|request|job|"
    r"voucher|contract|vertrag\w*|policy|police|customer|kunden\w*|member\w*|mitglied\w*|meter|z[aä]hler\w*|lot|batch|barcode|gtin|paket\w*|package|"
    r"order\w*|best[aä]llning|zam[oó]wienie|confirmation|dossier|vorgang\w*|coupon|gutschein|epoch|uuid|checksum|revision"
)
COUNTER_WORDS = rf"(?i)\b(?:{COUNTERS})\b[^a-z]{{0,12}}$"
