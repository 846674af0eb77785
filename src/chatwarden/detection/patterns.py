"""Every pattern, in one table.

One RE2 set says in a single linear pass which patterns occur at all; only those are looked at again for their spans.
"""

from __future__ import annotations

from chatwarden.detection.families.accounts import ACCOUNTS
from chatwarden.detection.families.contact import CONTACT
from chatwarden.detection.families.documents import DOCUMENTS
from chatwarden.detection.families.identity import IDENTITY
from chatwarden.detection.families.money import MONEY
from chatwarden.detection.families.nationals import NATIONALS
from chatwarden.detection.families.network import NETWORK
from chatwarden.detection.families.people import PEOPLE
from chatwarden.detection.families.secrets import SECRETS
from chatwarden.detection.families.sensitive import SENSITIVE
from chatwarden.detection.pattern import Pattern

PATTERNS: tuple[Pattern, ...] = (
    *MONEY, *ACCOUNTS, *DOCUMENTS, *NATIONALS, *CONTACT, *NETWORK, *SECRETS, *IDENTITY, *PEOPLE, *SENSITIVE,
)  # fmt: skip
