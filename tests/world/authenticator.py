"""A device with passkeys, in the browser of a page: Chromium's virtual authenticator (WebAuthn, section 11)."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Page


class Authenticator:
    """Its person is there and says yes. ``verifies``: whether it can tell who its person is (finger, face, PIN)."""

    def __init__(self, page: Page, *, verifies: bool = True) -> None:
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": verifies,
            "isUserVerified": verifies, "automaticPresenceSimulation": True,
        }  # fmt: skip
        self._id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def _send(self, method: str, **params: Any) -> Any:
        return self._cdp.send(f"WebAuthn.{method}", {"authenticatorId": self._id, **params})

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What it holds, private keys included."""
        found: list[dict[str, Any]] = self._send("getCredentials")["credentials"]
        return found

    def lie(self, **bits: bool) -> None:
        """``isBogusSignature``: signs with nonsense; ``isBadUV``, ``isBadUP``: says that nobody was verified, or there."""
        self._send("setResponseOverrideBits", **bits)

    def hold(self, credential: dict[str, Any]) -> None:
        """Holds a credential that was made in another window of the same browser."""
        self._send("addCredential", credential=credential)

    def copied(self, credential: dict[str, Any], count: int) -> None:
        """Holds this credential with another counter, as a copy of the device would."""
        self._send("removeCredential", credentialId=credential["credentialId"])
        self._send("addCredential", credential={**credential, "signCount": count})
