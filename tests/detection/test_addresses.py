"""Streets, post boxes and postcodes, alone and with what belongs to them."""

import pytest

from chatwarden.detection.scan import Scanner

SCANNER = Scanner()


def addresses(text: str) -> list[str]:
    """The addresses in *text*."""
    return [text[f.start : f.end] for f in SCANNER.scan(text).findings if f.data_class == "postal-address"]


@pytest.mark.parametrize(
    "address",
    [
        "1600 Pennsylvania Ave NW, Washington, DC 20500", "742 Evergreen Terrace, Springfield, IL 62704-1234", "Flat 3, 12 High Street, Leeds, LS1 4AB",
        "10 Downing Street\nLondon\nSW1A 2AA", "123 Main St, Apt 4B, Toronto, ON M5V 2T6", "Unit 3, 45 George Street, Sydney NSW 2000",
        "Lindenstraße 12a, 10969 Berlin", "Berliner Str. 45, 2. OG, 60311 Frankfurt am Main", "Am Alten Markt 5, 14467 Potsdam", "Mariahilfer Straße 10/2/5, 1060 Wien",
        "Bahnhofstrasse 1, CH-8001 Zürich", "12 bis rue de Rivoli, 75001 Paris", "8 avenue des Champs-Élysées, 75008 Paris, France", "Calle Mayor 5, 3º B, 28013 Madrid",
        "Via Roma 10, 20121 Milano (MI)", "Keizersgracht 123-2, 1015 CJ Amsterdam", "Rue de la Loi 16, 1000 Bruxelles", "PO Box 123, Dublin", "Postfach 10 11 12, 60311 Frankfurt am Main",
        "Apartado de correos 123, 28080 Madrid", "Postbus 123, 1000 AB Amsterdam",
    ],
)  # fmt: skip
@pytest.mark.parametrize("frame", ["{}", "My address is {}, thanks.", "Please send it to\n{}\n"])
def test_an_address_is_found_whole(address: str, frame: str) -> None:
    assert addresses(frame.format(address)) == [address]


@pytest.mark.parametrize(
    "text", ["i live at 12 high street", "I moved to 12 High Street", "geliefert wird in die lindenstr. 5"]
)
def test_a_street_with_a_number_is_enough(text: str) -> None:
    assert len(addresses(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "24 hour street parking", "$20 Park Lane", "5 minutes drive", "on 3 different roads", "Platz 5", "Bahnhof 3", "via app 24", "invoice 12345 Paris",
        "since 2019 Wien has been great", "BP 120 over 80", "2 way street",
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_street_is_none(text: str) -> None:
    assert addresses(text) == []


def test_two_addresses_in_a_message_are_two() -> None:
    assert addresses("from 12 High Street, London to Lindenstraße 5, 10969 Berlin") == [
        "12 High Street, London",
        "Lindenstraße 5, 10969 Berlin",
    ]
