"""The generated set: cases with one value each, and ordinary messages without. The same seed is the same set."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from chatwarden.classes import DataClass
from chatwarden.detection.validators import luhn
from tests.world.personal import held_out, sentences
from tests.world.personal import values as v

Make = Callable[[random.Random, ModuleType], tuple[str, str]]
TUNING, HELD_OUT = sentences, held_out


@dataclass(frozen=True)
class Case:
    """A message, what stands in it, and where; ordinary ones have neither."""

    text: str
    data_class: DataClass | None = None
    start: int = 0
    end: int = 0


def worded(table: tuple[tuple[str, str, Callable[[str], bool] | None], ...]) -> Make:
    """A sentence with a word of the table and a number that it announces."""

    def make(source: random.Random, s: ModuleType) -> tuple[str, str]:
        word, shape, check = source.choice(table)
        value = v.valid(source, shape, check) if check else v.drawn(source, shape)
        return source.choice(s.WITH_WORD).replace("{w}", word), value

    return make


def placed(templates: Callable[[ModuleType], tuple[str, ...]], *makes: Callable[[random.Random], str]) -> Make:
    """A sentence of the list and a value of one of the kinds."""
    return lambda source, s: (source.choice(templates(s)), source.choice(makes)(source))


def _passport(source: random.Random, s: ModuleType) -> tuple[str, str]:
    if source.random() < 0.15:
        return source.choice(s.ALONE), v.mrz(source)
    word, shape = source.choice(v.PASSPORTS)
    return source.choice(s.WITH_WORD).replace("{w}", word), v.drawn(source, shape)


def _code(source: random.Random, s: ModuleType) -> tuple[str, str]:
    template = source.choice((*s.CODES, "{track}"))
    if template == "{track}":
        return "{v}", f"%B{re.sub('[^0-9]', '', v.card(source))}^SMITH/JOHN^2712{v.of(source, '0123456789', 12)}?"
    return re.sub(r"\{v\d\}", "{v}", template), v.of(source, "0123456789", 4 if "{v4}" in template else 3)


def _health(source: random.Random, s: ModuleType) -> tuple[str, str]:
    template, words = source.choice(s.HEALTH)
    return template, source.choice(words.split("|"))


def _credential(source: random.Random, s: ModuleType) -> tuple[str, str]:
    kind = source.randrange(3)
    if kind == 0:
        return source.choice(s.PASSWORDS), v.password(source)
    if kind == 1:
        return source.choice(s.ONE_TIME).replace("{v6}", "{v}"), v.of(source, "0123456789", 6)
    return source.choice(s.ALONE), v.secret(source)


def _birth(source: random.Random) -> str:
    forms = (
        "{d:02d}.{m:02d}.{y}",
        "{m:02d}/{d:02d}/{y}",
        "{y}-{m:02d}-{d:02d}",
        "{d}/{m}/{y}",
        "{d} March {y}",
        "{d}. Oktober {y}",
        "May {d}, {y}",
    )
    return v.date_in(source, source.choice(forms))


def _location(source: random.Random) -> str:
    north, east = source.uniform(36, 59), source.uniform(-9, 24)
    places = (
        f"{north:.5f}, {east:.5f}",
        f"{north:.4f} N, {abs(east):.4f} E",
        f"https://maps.google.com/?q={north:.6f},{east:.6f}",
        f"9F4M{v.of(source, '23456789CFGHJMPQRVWX', 4)}+{v.of(source, '23456789CFGHJMPQRVWX', 2)}",
        f"geo:{north:.5f},{east:.5f}",
    )
    return source.choice(places)


def _ip(source: random.Random) -> str:
    four = f"{source.choice([81, 84, 93, 109, 145, 188, 203, 217])}." + ".".join(
        str(source.randint(1, 254)) for _ in range(3)
    )
    return source.choice([four, four, "2003:" + ":".join(v.of(source, "0123456789abcdef", 4) for _ in range(7))])


def _device(source: random.Random, s: ModuleType) -> tuple[str, str]:
    if source.random() < 0.3:
        imei = v.valid(source, "35" + "#" * 13, luhn)
        return source.choice(s.WITH_WORD).replace("{w}", "IMEI"), imei
    pairs = [f"{source.randrange(256) & (254 if at == 0 else 255):02x}" for at in range(6)]
    return source.choice(s.ALONE), source.choice([":".join(pairs), "-".join(pairs).upper(), ":".join(pairs).upper()])


def _url(source: random.Random) -> str:
    return f"https://{source.choice(['shop', 'www', 'my'])}.example.com/{source.choice(['u', 'profile', 'cart'])}/{v.of(source, v.BASE64, 8)}"


MAKES: dict[DataClass, Make] = {
    DataClass.PAYMENT_CARD: placed(lambda s: s.CARDS, v.card),
    DataClass.CARD_CODE: _code,
    DataClass.IBAN: lambda source, s: (source.choice([*s.ALONE, "IBAN {v}", "Meine IBAN lautet {v}.", "mon IBAN : {v}", "transfer to {v}"]), v.iban(source)),
    DataClass.BANK_ACCOUNT: worded(v.BANKS),
    DataClass.NATIONAL_ID: worded(v.NATIONAL),
    DataClass.PASSPORT: _passport,
    DataClass.DRIVER_LICENCE: worded(v.LICENCES),
    DataClass.PHONE: placed(lambda s: (*s.ALONE, "call me on {v}", "Telefon {v}", "my number is {v}", "whatsapp {v}"), v.phone),
    DataClass.EMAIL: placed(lambda s: (*s.ALONE, "write to {v}", "my email is {v}", "E-Mail: {v}"), v.email),
    DataClass.POSTAL_ADDRESS: placed(lambda s: s.ADDRESSES, v.address),
    DataClass.PERSON_NAME: placed(lambda s: s.NAMES, v.name),
    DataClass.DATE_OF_BIRTH: placed(lambda s: s.BIRTHS, _birth),
    DataClass.IP_ADDRESS: placed(lambda s: (*s.ALONE, "my ip is {v}"), _ip),
    DataClass.MAC_ADDRESS: _device,
    DataClass.CRYPTO_WALLET: placed(lambda s: (*s.ALONE, "my wallet is {v}", "send it to {v}"), v.wallet),
    DataClass.CREDENTIAL: _credential,
    DataClass.HEALTH: _health,
    DataClass.LOCATION: placed(lambda s: s.LOCATIONS, _location),
    DataClass.URL: placed(lambda s: s.ALONE, _url),
}  # fmt: skip


def personal(data_class: DataClass, seed: int, count: int, s: ModuleType = TUNING) -> list[Case]:
    """*count* messages with one value of the class each."""
    source = random.Random(f"{seed} {data_class}")
    cases = []
    for _ in range(count):
        template, value = MAKES[data_class](source, s)
        before, _, after = template.partition("{v}")
        before, after = source.choice(s.OPENINGS) + before, after + source.choice(s.CLOSINGS)
        if source.random() < 0.1:  # people who write without capitals
            before, after = before.lower(), after.lower()
        cases.append(Case(before + value + after, data_class, len(before), len(before) + len(value)))
    return cases


def ordinary(seed: int, count: int, s: ModuleType = TUNING) -> list[Case]:
    """*count* messages with numbers and words, and nothing personal."""
    source = random.Random(f"{seed} ordinary")

    def figure(match: re.Match[str]) -> str:
        kind, size = match[1], int(match[2] or 0)
        if kind == "d":
            return str(source.randint(10, 28))
        if kind == "m":
            return f"{source.randint(10, 59)}"
        if kind == "h":
            return v.of(source, "0123456789abcdef", size)
        return source.choice("123456789") + v.of(source, "0123456789", size - 1)

    return [
        Case(
            source.choice(s.OPENINGS)
            + re.sub(r"\{([dmh]?)(\d*)\}", figure, source.choice(s.WITHOUT))
            + source.choice(s.CLOSINGS)
        )
        for _ in range(count)
    ]
