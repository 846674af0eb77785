"""``python -m tests.world.personal.page > docs/data-classes.md``: what is found, what is done with it, and how often
detection is right on the generated set. A test holds the page equal to what this prints.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass

from chatwarden.classes import DEFAULT_LIFETIME, DEFAULT_TREATMENT, STRICT, UNWRITTEN, DataClass
from chatwarden.config.values import shown_duration
from chatwarden.detection.announced import Form
from chatwarden.detection.families.accounts import ACCOUNT_NUMBERS
from chatwarden.detection.families.contact import PHONE_NUMBERS
from chatwarden.detection.families.documents import LICENCE_NUMBERS, PASSPORT_NUMBERS
from chatwarden.detection.families.nationals import NATIONAL_NUMBERS
from chatwarden.detection.families.network import DEVICE_NUMBERS
from chatwarden.detection.patterns import PATTERNS
from chatwarden.detection.scan import Scanner
from tests.world.personal.corpus import HELD_OUT, ordinary, personal

SEED, EACH, ORDINARY = 2611, 200, 3_000
ANNOUNCED = {
    DataClass.NATIONAL_ID: NATIONAL_NUMBERS, DataClass.PASSPORT: PASSPORT_NUMBERS, DataClass.DRIVER_LICENCE: LICENCE_NUMBERS,
    DataClass.BANK_ACCOUNT: ACCOUNT_NUMBERS, DataClass.MAC_ADDRESS: DEVICE_NUMBERS, DataClass.PHONE: PHONE_NUMBERS,
}  # fmt: skip
# Where a family of rules says nothing of itself: the words around a name are no table. And one example that is nobody's.
IN_WORDS: dict[DataClass, tuple[str, ...]] = {
    DataClass.EMAIL: ('addresses, also with "(at)", "[dot]" or signs in words', "letters of any script"),
    DataClass.POSTAL_ADDRESS: ("street and number, alone or with postcode and town: English, German, French, Spanish, Italian, Dutch, Portuguese forms", "postcodes with a town of the list; post-office boxes"),
    DataClass.PERSON_NAME: ('behind "my name is", titles, greetings and relations, under a closing line, in forms; eleven languages', "a given name of the list before a family name, written with capitals"),
    DataClass.DATE_OF_BIRTH: ("a date beside a word for birth, in figures or with the month as a word; a date alone is none",),
    DataClass.HEALTH: ('conditions and medicines beside a person ("I have", "diagnosed with")', "numbers of records and insurance: US MBI and NPI, German KVNR, record numbers behind a word for them"),
    DataClass.LOCATION: ("coordinates with three decimals or more, degrees and minutes, plus codes, what3words, links to maps",),
    DataClass.URL: ("links; those that carry a token or a person's address are worth more",),
}  # fmt: skip
EXAMPLES: dict[DataClass, str] = {
    DataClass.PAYMENT_CARD: "4111 1111 1111 1111",
    DataClass.CARD_CODE: "CVV 123",
    DataClass.IBAN: "DE89 3704 0044 0532 0130 00",
    DataClass.BANK_ACCOUNT: "routing number 021000021",
    DataClass.NATIONAL_ID: "Steuer-ID 36 574 261 809",
    DataClass.PASSPORT: "passport no. L01X00T47",
    DataClass.DRIVER_LICENCE: "licence number MORGA657054SM9IJ",
    DataClass.PHONE: "+44 20 7946 0018",
    DataClass.EMAIL: "ada@example.org",
    DataClass.POSTAL_ADDRESS: "I live at 221 Baker Street, London NW1 6XE",
    DataClass.PERSON_NAME: "my name is Anna Schmidt",
    DataClass.DATE_OF_BIRTH: "born on 10 December 1985",
    DataClass.IP_ADDRESS: "8.8.8.8",
    DataClass.MAC_ADDRESS: "00:1b:63:84:45:e6",
    DataClass.CRYPTO_WALLET: "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    DataClass.CREDENTIAL: "password: hunter2",
    DataClass.HEALTH: "I have diabetes",
    DataClass.LOCATION: "48.85837, 2.29448",
    DataClass.URL: "https://shop.example.com/cart",
}
# A page that tells of less is not written: recall of what is masked, and false alarms in a thousand ordinary messages.
LEAST: dict[DataClass, float] = dict.fromkeys(DataClass, 0.9) | {DataClass.DATE_OF_BIRTH: 0.8}
MOST_FALSE = 4.0


@dataclass(frozen=True)
class Figures:
    """Shares of messages. ``masked``: the whole value is found; ``noticed``: the message lives as short as it must."""

    masked: float
    noticed: float
    false_masked: float
    false_noticed: float


def measured() -> dict[DataClass, Figures]:
    """Of the sentences that were held out."""
    scanner = Scanner()
    wrong: Counter[DataClass] = Counter()
    possible: Counter[DataClass] = Counter()
    for case in ordinary(SEED, ORDINARY, HELD_OUT):
        verdict = scanner.scan(case.text)
        found = {finding.data_class for finding in verdict.findings}
        wrong.update(found)
        possible.update(found | verdict.possible)
    figures = {}
    for one in DataClass:
        masked = noticed = 0
        for case in personal(one, SEED, EACH, HELD_OUT):
            verdict = scanner.scan(case.text)
            found_here = [f for f in verdict.findings if f.data_class is one]
            masked += any(f.start <= case.start and f.end >= case.end for f in found_here)
            noticed += bool(found_here) or one in verdict.possible
        figures[one] = Figures(
            masked / EACH, noticed / EACH, 1_000 * wrong[one] / ORDINARY, 1_000 * possible[one] / ORDINARY
        )
    return figures


def what(one: DataClass) -> list[str]:
    """What is found of a class, a line each."""
    told = list(dict.fromkeys(p.what for p in PATTERNS if p.data_class is one and p.what))
    many = one is DataClass.NATIONAL_ID
    lines = ["- by its form, with its check where it has one: " + "; ".join(told)] if many else [f"- {i}" for i in told]
    lines += [f"- {line}" for line in IN_WORDS.get(one, ())]
    if one in ANNOUNCED:
        by_country: dict[str, list[Form]] = {}
        for form in ANNOUNCED[one].forms:
            by_country.setdefault(form.country, []).append(form)
        lines.append("- behind, or right before, a word that announces it (c: with its check):")
        for country, forms in sorted(by_country.items(), key=lambda pair: (pair[0] == "*", pair[0])):
            names = "; ".join(form.name + (" (c)" if form.check else "") for form in forms)
            lines.append(f"    - {'any country' if country == '*' else country}: {names}")
    return lines


def level(one: DataClass) -> str:
    """The erasure level of its messages (docs/self-destruct.md)."""
    if DEFAULT_TREATMENT[one] in UNWRITTEN:
        return "not written" + (", rest E3" if one in STRICT else "")
    return "E3" if one in STRICT else "E1"


def page(figures: dict[DataClass, Figures]) -> str:
    """The whole page."""
    rows = []
    for one in DataClass:
        told = figures[one]
        life = shown_duration(DEFAULT_LIFETIME[one]).strip('"')
        rows.append(
            f"| [`{one.value}`](#{one.value}) | {life} | {DEFAULT_TREATMENT[one].value} | {level(one)} | {told.masked:.1%} | "
            f"{told.noticed:.1%} | {told.false_masked:.1f} | {told.false_noticed:.1f} |"
        )
    parts = [INTRODUCTION.format(each=EACH, ordinary=f"{ORDINARY:,}", rows="\n".join(rows))]
    for one in DataClass:
        lines = "\n".join(what(one))
        parts.append(f"\n## {one.value}\n\nFor example: `{EXAMPLES[one]}`\n\n{lines}\n")
    return "".join(parts)


INTRODUCTION = """\
# What is found

This page is made by `python -m tests.world.personal.page` from the tables of detection; a test holds it to them and to
the figures, and fails when detection finds less or cries wolf more often than stands here.

Each finding is weighed: the rarity of its form, its check digits, words that announce it, words that speak against it
("order", "invoice", "version"). From a score of 0.5 on it is treated as the table says. From 0.3 on it only shortens the
life of its message: nobody sees anything of that. A check digit alone makes no finding; numbers that are mere digits need a
word for them. What was split over several messages, written in words, with letters for digits, or encoded once is found too
([how it works](self-destruct.md)). A text that cannot be checked, because it is too long or the engine fails, is
treated like the strictest class.

How often that is right was measured on {each} generated messages for each class and {ordinary} ordinary ones with order
numbers, timestamps, versions, hashes, tracking codes and questions to a bank, in nine languages. Values are drawn anew;
the sentences are others than those the rules were made with, and some are hard on purpose: the word is of another language
than the value, or there is none. But the same people wrote both and worked on the rules after a first look at these figures, so
they flatter; and nobody sent these messages: what people write to you will differ.

| class | lives | treatment | level | masked | noticed | false masks | false notices |
| --- | --- | --- | --- | ---: | ---: | ---: | ---: |
{rows}

*Masked*: the whole value was found. *Noticed*: at least the life of the message was shortened. *False*: in a thousand ordinary
messages. *Level*: [erasure](self-destruct.md). Lifetimes and treatments are defaults: [settings](settings.md),
`[retention.class]` and `[policy.class]`. A message that holds several classes lives as long as the shortest allows.
"""


if __name__ == "__main__":
    sys.stdout.write(page(measured()))
