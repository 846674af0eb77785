"""The server's side of TLS: one context, and how its certificate is renewed while it lives.

Contract: TLS 1.3 unless the operator switched 1.2 on; with 1.2 only ephemeral key exchange with AEAD ciphers
(RFC 9325). Session tickets are on; their keys live in the context and die with the process. ``reload`` changes the
certificate for new handshakes and leaves open connections alone; a pair that does not fit changes nothing.
It makes no certificates and reads no configuration.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Literal

from chatwarden.config.certificates import load_pair

_CIPHERS_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!SHA1"


def server_context(cert: Path, key: Path, *, minimum: Literal["1.3", "1.2"] = "1.3") -> ssl.SSLContext:
    """A context that serves the chain in *cert* with the private key in *key*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2 if minimum == "1.2" else ssl.TLSVersion.TLSv1_3
    context.set_ciphers(_CIPHERS_1_2)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    context.num_tickets = 1
    load_pair(context, cert, key)
    return context


def reload(context: ssl.SSLContext, cert: Path, key: Path) -> None:
    """Serves another certificate from the next handshake on. A bad pair raises and *context* stays as it was."""
    load_pair(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), cert, key)
    load_pair(context, cert, key)
