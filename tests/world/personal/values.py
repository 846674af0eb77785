"""Made-up values with right check digits, for each data class. Nobody's: drawn, not collected; names are of this file."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Callable
from importlib import import_module

from chatwarden.detection import banks, licences, national_checks
from chatwarden.detection.gazetteer import entries
from chatwarden.detection.keccak import keccak_256
from chatwarden.detection.mrz import check_digit
from chatwarden.detection.validators import luhn

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BASE64 = LETTERS + LETTERS.lower() + "0123456789"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
TRIES = 20_000


def drawn(source: random.Random, shape: str) -> str:
    """``#`` a digit, ``@`` a letter, ``?`` either, the rest as it is."""
    choices = {"#": "0123456789", "@": LETTERS, "?": LETTERS + "0123456789"}
    return "".join(source.choice(choices.get(char, char)) for char in shape)


def valid(source: random.Random, shape: str, check: Callable[[str], bool]) -> str:
    """One that passes *check*."""
    for _ in range(TRIES):
        if check(value := drawn(source, shape)):
            return value
    raise AssertionError(shape)


def stdnum(name: str) -> Callable[[str], bool]:
    """The check of python-stdnum."""
    return lambda text: bool(import_module(f"stdnum.{name}").is_valid(text))


def of(source: random.Random, characters: str, length: int) -> str:
    """So many of these characters."""
    return "".join(source.choice(characters) for _ in range(length))


def date_in(source: random.Random, form: str = "{d:02d}.{m:02d}.{y}") -> str:
    """A day on which somebody was born."""
    return form.format(d=source.randint(1, 28), m=source.randint(1, 12), y=source.randint(1938, 2008))


def card(source: random.Random) -> str:
    """A card number as people group it."""
    prefix, length = source.choice(
        [
            ("4", 16),
            ("4", 16),
            ("51", 16),
            ("55", 16),
            ("2221", 16),
            ("37", 15),
            ("6011", 16),
            ("36", 14),
            ("3530", 16),
            ("6759", 16),
        ]
    )
    digits = valid(source, prefix + "#" * (length - len(prefix)), luhn)
    between = source.choice(["", " ", " ", "-", ".", "  "])
    if length == 15:
        return between.join([digits[:4], digits[4:10], digits[10:]])
    return between.join(digits[at : at + 4] for at in range(0, length, 4))


def iban(source: random.Random) -> str:
    """Of a country of the registry, grouped or not."""
    country, shape = source.choice([
        ("DE", "#" * 18), ("FR", "#" * 10 + "?" * 11 + "##"), ("ES", "#" * 20), ("IT", "@" + "#" * 10 + "?" * 12), ("NL", "@@@@" + "#" * 10), ("GB", "@@@@" + "#" * 14),
        ("AT", "#" * 16), ("CH", "#####" + "?" * 12), ("BE", "#" * 12), ("PL", "#" * 24), ("SE", "#" * 20), ("NO", "#" * 11), ("PT", "#" * 21), ("IE", "@@@@" + "#" * 14), ("TR", "#####0" + "?" * 16),
    ])  # fmt: skip
    account = drawn(source, shape)
    number = int("".join(str(int(char, 36)) for char in account + country + "00"))
    whole = f"{country}{98 - number % 97:02d}{account}"
    written = source.choice([whole, " ".join(whole[at : at + 4] for at in range(0, len(whole), 4)), whole])
    return written.lower() if source.random() < 0.1 else written


def wallet(source: random.Random) -> str:
    """Bitcoin old and new, Ethereum, Tron, Litecoin."""
    kind = source.choice(["old", "tron", "ltc", "bech32", "taproot", "eth", "eth", "ethlow"])
    if kind in {"old", "tron", "ltc"}:
        payload = bytes([{"old": 0, "tron": 65, "ltc": 48}[kind]]) + source.randbytes(20)
        raw = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
        number, text = int.from_bytes(raw, "big"), ""
        while number:
            number, rest = divmod(number, 58)
            text = BASE58[rest] + text
        return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text
    if kind in {"bech32", "taproot"}:
        body = "q" + of(source, BECH32, 32) if kind == "bech32" else "p" + of(source, BECH32, 52)
        return bech32("bc", body, 1 if kind == "bech32" else 0x2BC830A3)
    digits = of(source, "0123456789abcdef", 40)
    if kind == "ethlow":
        return "0x" + digits
    nibbles = keccak_256(digits.encode()).hex()
    return "0x" + "".join(c.upper() if int(n, 16) > 7 else c for c, n in zip(digits, nibbles, strict=False))


def bech32(prefix: str, body: str, constant: int) -> str:
    """*body* with the six characters that make it right (BIP-173)."""
    values = [
        *(ord(c) >> 5 for c in prefix),
        0,
        *(ord(c) & 31 for c in prefix),
        *(BECH32.index(c) for c in body),
        *[0] * 6,
    ]
    check = 1
    for value in values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> place & 1 else 0
    check ^= constant
    return f"{prefix}1{body}" + "".join(BECH32[check >> 5 * (5 - place) & 31] for place in range(6))


def phrase(source: random.Random) -> str:
    """A recovery phrase of twelve or twenty-four words with its check."""
    words = " ".join(entries("seed-words.txt")).split()
    size = source.choice([16, 32])
    entropy = source.randbytes(size)
    extra = size // 4
    number = int.from_bytes(entropy, "big") << extra | hashlib.sha256(entropy).digest()[0] >> 8 - extra
    count = (size * 8 + extra) // 11
    return " ".join(words[number >> 11 * (count - 1 - at) & 2047] for at in range(count))


def mrz(source: random.Random) -> str:
    """Two lines of a passport (TD3)."""
    number, country = drawn(source, "@########"), source.choice(["GBR", "FRA", "ESP", "USA", "NLD", "UTO"])
    names = (
        f"{source.choice(FAMILY)}<<{source.choice(GIVEN)}".upper().replace("-", "<").replace(" ", "<").replace("'", "")
    )
    names = "".join(c for c in names if c in LETTERS + "<")
    ends = "300101"
    born = f"{source.randint(50, 99)}{source.randint(1, 12):02d}{source.randint(1, 28):02d}"
    body = (
        f"{number}{check_digit(number)}{country}{born}{check_digit(born)}{source.choice('MF<')}{ends}{check_digit(ends)}"
        + "<" * 14
    )
    whole = number + check_digit(number) + born + check_digit(born) + ends + check_digit(ends) + "<" * 14
    return f"P<{country}{names}"[:44].ljust(44, "<") + "\n" + body + "<" + check_digit(whole + "<")


GIVEN = [
    "Aurelio",
    "Birgit",
    "Callum",
    "Daphne",
    "Eilidh",
    "Fabrizio",
    "Gudrun",
    "Henrike",
    "Ignacio",
    "Jovana",
    "Katarzyna",
    "Leopold",
    "Marguerite",
    "Nuno",
    "Oskar",
    "Paloma",
    "Quentin",
    "Rosalind",
    "Svetlana",
    "Thibault",
    "Ursula",
    "Valentina",
    "Wolfgang",
    "Ximena",
    "Yasmin",
    "Zbigniew",
    "Anna",
    "John",
    "Maria",
    "Peter",
    "Fatima",
    "Mohammed",
    "Li",
    "Priya",
]
FAMILY = [
    "Abernathy",
    "Baumgartner",
    "Castellanos",
    "Dubrovnik",
    "Engelhardt",
    "Fitzwilliam",
    "Grzybowski",
    "Hallström",
    "Iglesias",
    "Jankowski",
    "Kirchhoff",
    "Lefebvre",
    "Marchetti",
    "Novotná",
    "O'Sullivan",
    "Pellegrino",
    "Quintero",
    "Rasmussen",
    "Schneider",
    "Thorvaldsen",
    "Underwood",
    "Villanueva",
    "Wojcik",
    "Yamamoto",
    "Zimmermann",
    "Smith",
    "Müller",
    "García",
    "Rossi",
    "Dupont",
    "Jansen",
    "Kowalski",
    "Silva",
    "Patel",
    "Nguyen",
]


def name(source: random.Random) -> str:
    """Given name and family name."""
    return f"{source.choice(GIVEN)} {source.choice(FAMILY)}"


STREETS = (
    "{n} Maple Street, Springfield, IL 62704", "{n} High Street, Leeds LS1 4AB", "Lindenstraße {n}, 50674 Köln", "Hauptstr. {n}, 80331 München",
    "{n} rue de la République, 69002 Lyon", "{n} avenue Victor Hugo, 75016 Paris", "Calle de Alcalá {n}, 28014 Madrid", "Via Garibaldi {n}, 20121 Milano",
    "Prinsengracht {n}, 1015 DV Amsterdam", "{n} Oak Avenue, Portland, OR 97205", "{n} Station Road, Bristol BS1 6QF", "Bahnhofstrasse {n}, 8001 Zürich",
)  # fmt: skip


def address(source: random.Random) -> str:
    """Street, number, postcode and town."""
    return source.choice(STREETS).format(n=source.randint(1, 140))


def email(source: random.Random) -> str:
    """As mailboxes are called."""
    given, family = (
        source.choice(GIVEN).lower(),
        "".join(c for c in source.choice(FAMILY).lower() if c.isascii() and c.isalpha()),
    )
    return source.choice([f"{given}.{family}", f"{given[0]}{family}", f"{given}{source.randint(1, 99)}", f"{family}+shop"]) + "@" + source.choice(
        ["mail.example", "example.org", "post.example.de", "firma-xyz.example", "gmail.com", "web.de", "orange.fr"]
    )  # fmt: skip


def phone(source: random.Random) -> str:
    """International, in ranges that are in use."""
    shape = source.choice([
        "+49 30 901820##", "+49 151 ########", "+44 20 7946 0###", "+44 7911 ######", "+1 202 555 0###", "+1 (415) 555-0###", "+33 6 ## ## ## ##", "+34 6## ### ###", "+39 333 #######",
        "+31 6 ########", "0049 170 #######", "+43 664 #######", "+41 79 ### ## ##", "+48 601 ### ###", "+46 70 ### ## ##",
    ])  # fmt: skip
    return valid(source, shape, phone_ok)


def phone_ok(text: str) -> bool:
    """By libphonenumber."""
    numbers = import_module("phonenumbers")
    return bool(numbers.is_valid_number(numbers.parse("+" + text[2:] if text.startswith("00") else text, None)))


def secret(source: random.Random) -> str:
    """A key with a prefix of its own, a private key, a token."""
    makes: list[Callable[[], str]] = [
        lambda: "AKIA" + of(source, LETTERS + "234567", 16), lambda: "ghp_" + of(source, BASE64, 36), lambda: "sk_live_" + of(source, BASE64, 24),
        lambda: "xoxb-" + of(source, "0123456789", 12) + "-" + of(source, BASE64, 24), lambda: "AIza" + of(source, BASE64 + "_-", 35), lambda: "hf_" + of(source, BASE64, 34),
        lambda: "npm_" + of(source, BASE64, 36), lambda: "glpat-" + of(source, BASE64, 20), lambda: "SG." + of(source, BASE64, 22) + "." + of(source, BASE64, 43),
        lambda: "eyJ" + of(source, BASE64, 30) + ".eyJ" + of(source, BASE64, 40) + "." + of(source, BASE64, 43),
        lambda: "-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(source.randbytes(90)).decode() + "\n-----END PRIVATE KEY-----", lambda: phrase(source),
    ]  # fmt: skip
    return source.choice(makes)()


def password(source: random.Random) -> str:
    """Letters, digits and a sign."""
    return (
        source.choice(["Sommer", "blue", "Tiger", "correct", "Zx9", "qwe"])
        + of(source, "0123456789", source.randint(2, 5))
        + source.choice("!?#%&*")
    )


# word, shape, check: of each country one line or more.
NATIONAL: tuple[tuple[str, str, Callable[[str], bool] | None], ...] = (
    ("SSN", "###-##-####", stdnum("us.ssn")), ("social security number", "#########", stdnum("us.ssn")), ("ITIN", "9##-##-####", stdnum("us.itin")),
    ("SIN", "### ### ###", stdnum("ca.sin")), ("social insurance number", "#########", stdnum("ca.sin")), ("National Insurance number", "JA ## ## ## C", None),
    ("NHS number", "### ### ####", stdnum("gb.nhs")), ("UTR", "##########", stdnum("gb.utr")), ("PPS number", "#######@", stdnum("ie.pps")),
    ("Steuer-ID", "## ### ### ###", stdnum("de.idnr")), ("Rentenversicherungsnummer", "15######@###", national_checks.de_pension), ("Sozialversicherungsnummer", "#### 010180", stdnum("at.vnr")),
    ("BSN", "#########", stdnum("nl.bsn")), ("rijksregisternummer", "85.07.30-###.##", stdnum("be.nn")), ("numéro de sécurité sociale", "2 85 05 78 006 ### ##", stdnum("fr.nir")),
    ("DNI", "########@", stdnum("es.dni")), ("NIE", "X#######@", stdnum("es.nie")), ("número de la seguridad social", "28########5#", national_checks.es_nuss),
    ("NIF", "2########", stdnum("pt.nif")), ("AHV-Nummer", "756.####.####.##", stdnum("ch.ssn")), ("personnummer", "850730-####", stdnum("se.personnummer")),
    ("fødselsnummer", "150780 #####", stdnum("no.fodselsnummer")), ("CPR", "150780-####", stdnum("dk.cpr")), ("henkilötunnus", "131052-###@", stdnum("fi.hetu")),
    ("kennitala", "120174-####", stdnum("is_.kennitala")), ("isikukood", "3680509####", stdnum("ee.ik")), ("asmens kodas", "3330907####", stdnum("lt.asmens")), ("PESEL", "440514#####", stdnum("pl.pesel")),
    ("NIP", "###-###-##-##", stdnum("pl.nip")), ("rodné číslo", "710319/####", stdnum("cz.rc")), ("CNP", "163061512####", stdnum("ro.cnp")), ("EGN", "752316####", stdnum("bg.egn")),
    ("EMŠO", "010100650####", stdnum("si.emso")), ("OIB", "###########", stdnum("hr.oib")), ("AMKA", "010113#####", stdnum("gr.amka")), ("SNILS", "###-###-### ##", national_checks.ru_snils),
    ("TC kimlik no", "1##########", stdnum("tr.tckimlik")), ("teudat zehut", "#########", stdnum("il.idnr")), ("codice fiscale", "RCCMNL83S18D969@", stdnum("it.codicefiscale")),
    ("Aadhaar", "2### #### ####", stdnum("in_.aadhaar")), ("PAN card", "@@@P@####@", stdnum("in_.pan")), ("CNIC", "34201-#######-#", stdnum("pk.cnic")), ("身份证号", "11010519491231###X", stdnum("cn.ric")),
    ("HKID", "A######(#)", national_checks.hk_id), ("My Number", "#### #### ####", national_checks.jp_my_number), ("RRN", "850730-1######", national_checks.kr_rrn), ("NRIC", "S#######@", national_checks.sg_nric),
    ("MyKad", "770305-02-####", stdnum("my.nric")), ("Thai ID", "1-2345-#####-##-#", stdnum("th.pin")), ("PhilSys", "####-####-####-####", None), ("TFN", "### ### ###", stdnum("au.tfn")),
    ("Medicare number", "2### ##### #", national_checks.au_medicare), ("IRD number", "49-###-###", stdnum("nz.ird")), ("South African ID", "850730####08#", stdnum("za.idnr")), ("NIN", "###########", None), ("BVN", "22#########", None),
    ("CPF", "###.###.###-##", stdnum("br.cpf")), ("CUIT", "20-########-#", stdnum("ar.cuit")), ("RUT", "12.###.###-#", stdnum("cl.rut")), ("CURP", "BOXW310820HNERXN0#", stdnum("mx.curp")),
    ("cédula", "1.0##.###.###", None), ("Emirates ID", "784-1985-#######-#", national_checks.luhn_of), ("身分證字號", "A1########", national_checks.tw_id),
)  # fmt: skip
PASSPORTS = (
    ("passport number", "@########"), ("passport", "#########"), ("passport no.", "@@#######"), ("Reisepassnummer", "C01X00T4#"), ("numéro de passeport", "##@@#####"),
    ("número de pasaporte", "@@@######"), ("numero di passaporto", "YA#######"), ("paspoortnummer", "NX#######"), ("US passport", "#########"),
)  # fmt: skip
LICENCES: tuple[tuple[str, str, Callable[[str], bool] | None], ...] = (
    ("driver's license", "@#######", None), ("driving licence", "MORGA65711#SM9IJ", None), ("Führerschein", "B072RRE2I5#", licences.german), ("license number", "@####-####-####", None),
    ("permis de conduire", "12AB#####", None), ("patente di guida", "U1AB######@", None), ("rijbewijs", "##########", None), ("prawo jazdy", "#####/##/####", None),
    ("CNH", "###########", licences.brazilian), ("driver license", "########", None), ("drivers licence", "#########", None), ("DL number", "@############", None),
)  # fmt: skip
BANKS: tuple[tuple[str, str, Callable[[str], bool] | None], ...] = (
    ("routing number", "021######", stdnum("us.rtn")), ("account number", "##########", None), ("sort code", "20-##-##", None), ("account no.", "########", None), ("BSB", "062-###", None),
    ("CLABE", "032180000118359###", banks.clabe), ("Kontonummer", "##########", None), ("BLZ", "370 400 44", None), ("numéro de compte", "30004 00823 00011223344 ##", banks.rib),
    ("cuenta", "2100 0418 45 ##########", stdnum("es.ccc")), ("conta corrente", "#######-#", None), ("numer rachunku", "## 1090 1014 0000 0712 1981 ####", banks.nrb), ("kontonr", "8601 11 #####", stdnum("no.kontonr")),
    ("číslo účtu", "#########/2010", stdnum("cz.bankaccount")), ("checking account", "#########", None), ("account", "20-26-11 ########", None), ("IFSC", "HDFC0######", None), ("numero di conto", "############", None),
)  # fmt: skip
