"""Cards, what is on their stripes, IBANs and wallets: ISO/IEC 7812 and 7813, ISO 13616, BIP-173, BIP-350, EIP-55."""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import validators as v
from chatwarden.detection import wallets
from chatwarden.detection.pattern import Pattern

_CARD_WORDS = r"card|visa|master|amex|credit|debit|karte|carte|tarjeta|carta"

MONEY: tuple[Pattern, ...] = (
    Pattern(DataClass.PAYMENT_CARD, r"\d(?:[ .\-/_]{0,2}\d){11,}", 0.9, keywords=_CARD_WORDS, spans=v.card_spans, less=v.unusual_card, what="12 to 19 digits in any grouping: issuer range, length and Luhn"),
    # In groups of four, whatever stands between them.
    Pattern(
        DataClass.PAYMENT_CARD, r"\d{4}(?:[\s.,*|:()•·\-/_]{1,3}\d{4}){2,3}(?:[\s.,*|:()•·\-/_]{1,3}\d{1,3})?", 0.8,
        keywords=_CARD_WORDS, spans=v.card_spans,
    ),
    Pattern(
        DataClass.CARD_CODE,
        r"(?i)\b(?:cvv2?|cvc2?|cvn|cvs|csc|cid|security code|safety code|card code|code on the back|3 digits on the back|three digits on the back|verification value|verification number|pr(?:ü|u|ue)fziffer|kartenpr(?:ü|u|ue)fnummer|sicherheitscode|cryptogramme(?: visuel)?|code de s[eé]curit[eé]|c[oó]digo de seguridad|codice di sicurezza|beveiligingscode|veiligheidscode|kod cvv|c[oó]digo de seguran[cç]a)[^0-9A-Za-z\n][^0-9\n]{0,36}(\d{3,4})\b",
        0.9, group=1, counter=False, what="security codes of three or four digits behind a word for them",
    ),
    Pattern(
        DataClass.CARD_CODE,
        r"(?i)\b(?:pin(?:[ \-]?(?:code|number|nummer|nr))?|geheimzahl|geheimnummer|code (?:secret|pin)|c[oó]digo secreto|n[uú]mero secreto|codice segreto|pincode|numer pin)\b[^0-9\n]{0,36}(\d{4,6})\b",
        0.8, group=1, counter=False, what="PINs behind a word for them",
    ),
    Pattern(
        DataClass.CARD_CODE, r"%[A-Z]\d{12,19}\^[^^\r\n]{2,30}\^[\d^]{4}[^?\r\n]{0,60}\??|;\d{12,19}=(?:\d{4}|=)[\d=]{3,28}\??", 0.98, counter=False,
        what="data of the magnetic stripe, tracks 1 and 2 (ISO/IEC 7813)",
    ),
    Pattern(DataClass.IBAN, r"(?i)\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,}", 0.95, spans=v.iban_spans, counter=False, what="the countries of the IBAN registry: length and ISO 7064 mod 97-10"),
    Pattern(DataClass.CRYPTO_WALLET, r"\b(?:[13LMDXTA]|r)[1-9A-HJ-NP-Za-km-z]{25,34}\b", 0.9, wallets.base58_address, counter=False, what="Bitcoin, Litecoin, Dogecoin, Dash, Tron (Base58Check), XRP"),
    Pattern(DataClass.CRYPTO_WALLET, r"(?i)\b(?:bc|tb|ltc|addr|cosmos|osmo|stake)1[02-9ac-hj-np-z]{11,108}\b", 0.9, wallets.bech32, counter=False, what="Bitcoin (SegWit, Taproot), Litecoin, Cardano, Cosmos (Bech32, Bech32m)"),
    Pattern(DataClass.CRYPTO_WALLET, r"\b0x[0-9a-fA-F]{40}\b", 0.75, wallets.ethereum, counter=False, most=32, what="Ethereum and its family (EIP-55)"),
    Pattern(DataClass.CRYPTO_WALLET, r"\b[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}\b", 0.8, counter=False, what="Monero, by its shape"),
    Pattern(DataClass.CRYPTO_WALLET, r"\b[1-9A-HJ-NP-Za-km-z]{43,44}\b", 0.3, keywords=r"solana|\bsol\b|phantom|wallet", needed=True, counter=False, what="Solana, behind a word for it"),
)  # fmt: skip
