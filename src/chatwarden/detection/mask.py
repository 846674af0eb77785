"""What a screen shows in place of a value. A mask says what stood there, gives back only what its owner would recognise
(PCI DSS 3.4.1: first six and last four at most), and is never itself found as personal data.
"""

from __future__ import annotations

from chatwarden.classes import DataClass

DOT = "•"


def mask(data_class: DataClass, value: str) -> str:
    """The mask of *value*."""
    if data_class is DataClass.PAYMENT_CARD:
        return _dotted(value, 6, 4)
    if data_class in {DataClass.IBAN, DataClass.BANK_ACCOUNT}:
        return _dotted(value, 2, 4)
    if data_class is DataClass.EMAIL and "@" in value:
        local, _, domain = value.partition("@")
        return f"{local[:1]}{DOT * 3}@{domain}"
    if data_class is DataClass.PHONE:
        return _dotted(value, 3 if value.startswith("+") else 0, 2)
    if data_class is DataClass.CRYPTO_WALLET:
        return _dotted(value, 6, 4)
    return f"[{_NAMES.get(data_class, data_class.value)} hidden]"  # brackets: no keyword pattern takes a bracket


_NAMES = {
    DataClass.CARD_CODE: "card code",
    DataClass.CREDENTIAL: "secret",
    DataClass.NATIONAL_ID: "id number",
    DataClass.IP_ADDRESS: "ip address",
}


def _dotted(value: str, first: int, last: int) -> str:
    """Keeps separators and the outer letters and digits."""
    total = sum(c.isalnum() for c in value)
    if total < first + last + 3:
        first, last = 0, 0
    shown = []
    place = 0
    for char in value:
        if char.isalnum():
            shown.append(char if place < first or place >= total - last else DOT)
            place += 1
        else:
            shown.append(char if char in " -./()+" else "")
    return "".join(shown)
