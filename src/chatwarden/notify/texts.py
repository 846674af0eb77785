"""What is said: one row per event. It says what happened and what to do; it never holds a secret, a link, a word of a
conversation or anything about a person but the name of the account.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime

from chatwarden.clock import SECOND, Instant
from chatwarden.notify.model import Account, Receiver

TEST = "test"
_WIDTH = 72
_NAME_MAX = 128
_UNSHOWN = "(a name that cannot be shown)"
_MINE = "If it was you, there is nothing to do. "
_TELL = "If it was not, tell your administrator at once: the account can be closed and given back to you."
_ASK = "If this is not expected, ask the person, and not by chat. "
_CLOSE = "This ends every session of the account at once: chatwarden user disable NAME"


@dataclass(frozen=True, slots=True)
class Telling:
    """One event. ``person`` and ``staff`` are what to do for the account's person and for administrators; without the
    first the person is not told. An ``alarm`` goes to administrators whoever it is about.
    """

    subject: str
    happened: str
    person: str = _MINE + _TELL
    staff: str = _ASK + _CLOSE
    alarm: bool = False


TELLINGS: dict[str, Telling] = {
    "password-changed": Telling("password set", "The password of the account was set or changed."),
    "factor-added": Telling(
        "second factor added", "A passkey or an authenticator app was added to the account."),
    "factor-removed": Telling(
        "second factor removed", "A passkey or an authenticator app was removed from the account."),
    "recovery-renewed": Telling(
        "new recovery codes", "New recovery codes were made for the account. Earlier ones do not work any more."),
    "recovery-used": Telling(
        "recovery code used", "Somebody signed in to the account with a recovery code. That code is used up."),
    "factors-reset": Telling(
        "account reset", "An administrator took password and second factors from the account, so that they are set up anew.",
        person="If you asked for it, there is nothing to do. If you did not, tell your administrator at once.",
    ),
    "enrolment-issued": Telling(
        "enrolment link issued", "An administrator made a one-time link by which a password is set for the account. The "
        "link is not in this message; whoever made it hands it over.",
        person="If you wait for it, there is nothing to do. If you do not, tell your administrator at once.",
    ),
    "contact-changed": Telling(
        "address for notices changed", "The mail address for notices about the account was changed.",
        person="Notices come here from now on. If this is not your account, tell the administrator of this place.",
    ),
    "data-exported": Telling(
        "data exported", "A copy of all that is kept about the account and its conversations was made.",
        person="If you asked for it, there is nothing to do. If you did not, tell your administrator at once.",
    ),
    "many-wrong-attempts": Telling(
        "many wrong attempts", "Wrong passwords were given for the account many times in a row.",
        person="If it was you, there is nothing to do. If it was not, somebody is guessing; they did not get in. Have a "
        "password here that you use nowhere else.",
        staff="Somebody may be guessing. Each attempt is in the log, with its time: chatwarden audit export --lane client",
        alarm=True,
    ),
    "authenticator-disabled": Telling(
        "second factor disabled", "A second factor of the account was answered wrongly a hundred times in a row. It is not "
        "accepted any more.",
        person="Tell your administrator: it must be set up anew. If it was not you, whoever it was knew your password: choose "
        "another one.",
        staff="Talk to the person. This takes password and factors away and prints a new link: chatwarden user reset NAME",
        alarm=True,
    ),
    "hostile-token": Telling(
        "hostile token refused", "A signed token was refused that no honest program makes: forged, replayed or changed.",
        person="",
        staff="Nothing was opened by it. The log has the reason: chatwarden audit export",
        alarm=True,
    ),
    "bulk-read": Telling(
        "reading in bulk", "One party read far more in a short time than people do here.",
        person="",
        staff="It was not stopped. Who, what and how much: chatwarden audit export --event bulk-read:noticed. Whom it concerns: "
        "chatwarden audit affected --actor ID",
        alarm=True,
    ),
    "syslog-behind": Telling(
        "the log is not taken", "Entries of the log have been waiting too long for the syslog receiver of this place.",
        person="",
        staff="Nothing is lost: they are sent when the receiver takes them again. The gateway's own log has the reason under "
        "syslog-not-taken.",
        alarm=True,
    ),
    "bot-copied": Telling(
        "bot locked: its credential seems to be copied", "A bot signed in with a generation that somebody used before it, so "
        "two have its credential. That instance is locked and its tokens are dead; other instances go on.",
        person="",
        staff="Find out who had the credential. This gives the bot another one and unlocks it: chatwarden bot rotate NAME",
        alarm=True,
    ),
    "bot-unused": Telling(
        "bot disabled: nobody used it", "A bot did not sign in for as long as bots.unused_after says. The instance is disabled.",
        person="",
        staff="If it is still needed, enable that instance again, which the list names: chatwarden bot list",
        alarm=True,
    ),
    "bot-expiring": Telling(
        "a bot's credential runs out", "A credential of a bot runs out soon. From then on the bot cannot sign in.",
        person="",
        staff="chatwarden bot list shows when. This gives the bot another one while the old one goes on for an hour: "
        "chatwarden bot rotate NAME --overlap 1h",
        alarm=True,
    ),
    "credential-echoed": Telling(
        "application returned a credential", "An application sent the credential back with which a bot had signed in to it. "
        "It was taken out of the answer.",
        person="",
        staff="Ask who runs the application why. Then give the bot another credential: chatwarden app rotate APPLICATION. "
        "Which application it was: chatwarden audit export --lane bot",
        alarm=True,
    ),
    "lease-not-revoked": Telling(
        "token not taken back", "A chat session ended, and an application did not take back the token that a bot had for it, "
        "asked six times. The gateway uses it no more.",
        person="",
        staff="These are shown until their time is over: chatwarden app leases",
        alarm=True,
    ),
    "credential-misplaced": Telling(
        "a credential where it does not belong", "A password, a token or a secret of this gateway was shown or written where "
        "it does not belong: in a chat, as somebody else's, or for an application.",
        person="",
        staff="It was not used there. Whoever it belongs to should get another one; the log says where it was, without it: "
        "chatwarden audit export",
        alarm=True,
    ),
    "audit-damaged": Telling(
        "log damaged", "The log's folder, or the database behind it, is not as the gateway left it. Nothing is signed over "
        "it; new entries are kept in the database.",
        person="",
        staff="Keep the home as it is, for whoever looks into it. This says what is wrong first: chatwarden audit verify",
        alarm=True,
    ),
    "witness-refused": Telling(
        "witness refuses the log", "A witness refused a checkpoint: what it saw earlier is not part of the log any more.",
        person="",
        staff="Either the log was changed or put back, or somebody else signs with its key. Compare with the witness, "
        "and see: chatwarden audit verify",
        alarm=True,
    ),
    TEST: Telling(
        "test", "An administrator tests how notices arrive.", person="", staff="There is nothing to do.", alarm=True
    ),
}  # fmt: skip

REASONS = {
    "unreachable": "there is no connection",
    "no-answer-in-time": "it did not answer in time",
    "tls": "TLS failed",
    "no-tls": "it offers no TLS, and without TLS nothing is said to it",
    "certificate": "its certificate is not believed: name its authority in notify.ca_file, and the server by its name",
    "login": "it refused the user name or the password",
    "sender": "it refused the sender, notify.from",
    "recipient": "it refused the recipient",
    "refused": "it refused",
    "gone": "it does not want notices any more (410)",
    "not-configured": "notify names no such way any more",
    "address": "the address cannot be read: the key of this home is not the one that sealed it",
    "unknown": "this version does not know what is to be told",
    "internal": "something unexpected went wrong in the gateway; its log has the place",
}


def words(event: str, receiver: Receiver, account: Account, at: Instant, place: str) -> tuple[str, str]:
    """Subject and text of a mail. *place* is the host name under which people know the gateway."""
    telling = TELLINGS[event]
    facts = [("when", datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")), ("gateway", place)]
    advice = telling.person
    if receiver is not Receiver.PERSON:
        advice = telling.staff.replace("NAME", shown(account.name))
    if account.name:
        role = f" ({account.role})" if account.role is not None and receiver is not Receiver.PERSON else ""
        facts.insert(0, ("account", shown(account.name) + role))
    table = "\n".join(f"  {name:9}{value}" for name, value in facts)
    end = "This message has no link, and nobody will ask you for a password or a code because of it."
    parts = (_wrapped(telling.happened), table, _wrapped(advice), _wrapped(end))
    return telling.subject, "\n\n".join(parts) + "\n"


def shown(name: str) -> str:
    """A name as it may stand in a text: one that could pretend to be another line is not shown."""
    return name if name.isprintable() and 0 < len(name) <= _NAME_MAX else _UNSHOWN


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
