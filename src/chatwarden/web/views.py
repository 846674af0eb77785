"""How the nouns look from outside (public contract, section 3)."""

from __future__ import annotations

from typing import Any

import msgspec

from chatwarden.bots.notice import Lifetimes, Notice
from chatwarden.challenge import Challenge, Means
from chatwarden.clock import Instant, rfc3339
from chatwarden.conversations.model import Conversation, Message, MessageState, Receipt, Source
from chatwarden.conversations.views import View, screen_view
from chatwarden.erasure import Erased
from chatwarden.identity.factors import Factor
from chatwarden.identity.passkeys import RelyingParty, request_options
from chatwarden.principal import Principal
from chatwarden.sessions import rules
from chatwarden.sessions.model import Session
from chatwarden.sessions.service import Sessions
from chatwarden.web.context import Services


class PrincipalView(msgspec.Struct):
    """Who acts."""

    id: str
    kind: str
    name: str
    roles: list[str]


class AssuranceView(msgspec.Struct):
    """How the person was identified, and when."""

    factors: list[str]
    at: str


class ChallengeView(msgspec.Struct, omit_defaults=True):
    """A question with a clock. ``kinds`` are the ways to answer; ``passkey`` is what navigator.credentials.get is given."""

    id: str
    purpose: str
    kind: str
    expires_at: str
    attempts_left: int
    kinds: list[str]
    passkey: dict[str, Any] | None = None


class ChallengeAsked(msgspec.Struct):
    """A question before there is a session."""

    challenge: ChallengeView


class SessionView(msgspec.Struct, omit_defaults=True):
    """A session."""

    id: str
    principal: PrincipalView
    state: str
    idle_deadline: str
    absolute_deadline: str
    now: str
    assurance: AssuranceView
    challenge: ChallengeView | None = None
    incomplete: bool = False


class OwnSession(SessionView, omit_defaults=True, kw_only=True):
    """One of one's own sessions; ``current`` is the one that asks."""

    created_at: str
    last_input_at: str
    origin: str
    current: bool = False


class SessionStarted(msgspec.Struct):
    """The answer to a login: the token is shown once."""

    token: str
    token_type: str
    session: SessionView


class SessionList(msgspec.Struct):
    """One's own sessions."""

    sessions: list[OwnSession]


class SessionsEnded(msgspec.Struct):
    """How many were ended."""

    ended: int


class ApprovedView(msgspec.Struct):
    """Until when an operation may begin without another question."""

    operation: str
    approved_until: str


class FactorView(msgspec.Struct, omit_defaults=True):
    """A passkey, or one-time codes."""

    id: str
    kind: str
    name: str
    created_at: str
    used_at: str | None = None


class FactorList(msgspec.Struct):
    """One's own factors."""

    password: bool
    second_factor_required: bool
    factors: list[FactorView]
    recovery_left: int


class FactorBegun(msgspec.Struct, omit_defaults=True):
    """What sets a factor up: a key for an authenticator app, with its ``uri`` also as a picture (``qr``: rows of 0 and 1),
    or options for navigator.credentials.create.
    """

    id: str
    secret: str | None = None
    uri: str | None = None
    qr: list[str] | None = None
    options: dict[str, Any] | None = None


class RecoveryCodes(msgspec.Struct):
    """Shown once."""

    recovery_codes: list[str]


class FactorAdded(msgspec.Struct, omit_defaults=True):
    """A factor that counts from now on; with the first one, recovery codes. A new token takes the place of one that was
    good for setting up a factor only.
    """

    factor: FactorView
    recovery_codes: list[str] | None = None
    token: str | None = None
    token_type: str | None = None
    session: SessionView | None = None


class NoticeView(msgspec.Struct, omit_defaults=True):
    """What the person is told before they write. ``protects``: whether findings are hidden, or only observed. ``made``
    names the texts that the gateway made itself: a page may say them in another language, ``privacy`` from ``lifetimes``.
    """

    machine: str
    privacy: str
    protects: bool
    made: list[str] = msgspec.field(default_factory=list)
    lifetimes: Lifetimes | None = None


class ConversationView(msgspec.Struct, omit_defaults=True):
    """A conversation."""

    id: str
    bot: str
    owner: str
    state: str
    notice: NoticeView | None = None


class ConversationList(msgspec.Struct):
    """One's own conversations, newest first."""

    conversations: list[ConversationView]


class FindingView(msgspec.Struct, omit_defaults=True):
    """Personal data in a message; offsets are code points of the text returned. ``would``: what would have been done, had
    the bot not only been observed.
    """

    # "class" is the field's name outside.
    data_class: str = msgspec.field(name="class")
    start: int
    end: int
    action: str
    would: str | None = None


class DestroyedView(msgspec.Struct):
    """When and why a message was destroyed."""

    at: str
    reason: str


class AuthorView(msgspec.Struct):
    """Which agent wrote a message, by the name that is shown."""

    name: str


class MessageView(msgspec.Struct, omit_defaults=True):
    """A message. A destroyed one is a tombstone without text and findings; ``destroyed`` says when and why. ``agent``: who
    wrote it, of an agent's.
    """

    id: str
    source: str = msgspec.field(name="from")
    at: str
    destroy_at: str
    state: str
    text: str | None = None
    findings: list[FindingView] | None = None
    client_id: str | None = None
    reply_to: str | None = None
    destroyed: DestroyedView | None = None
    agent: AuthorView | None = None


class MessagePage(msgspec.Struct):
    """Messages, oldest first; ``next`` is the id to go on after, or null."""

    messages: list[MessageView]
    next: str | None


class TurnView(msgspec.Struct, omit_defaults=True):
    """A message with the answers to it. ``handoff`` is ``offered`` or ``queued`` when a person is offered or asked for;
    ``notice`` says in a line what was done with the message, where something was.
    """

    message: MessageView
    replies: list[MessageView]
    handoff: str | None = None
    notice: str | None = None


class ReceiptView(msgspec.Struct, omit_defaults=True):
    """A destroyed message; ``receipt`` is the id of the audit entry. ``note`` says what was not reached."""

    id: str
    destroyed_at: str
    reason: str
    receipt: str
    note: str = ""


class KeptView(msgspec.Struct):
    """A message that the law wants kept, and until when."""

    id: str
    kept_until: str


class ErasedView(msgspec.Struct):
    """What became of the messages of a conversation."""

    id: str
    receipts: list[ReceiptView]
    kept: list[KeptView]


class HandoffView(msgspec.Struct):
    """Where the hand-off stands."""

    state: str


class EnrolledView(msgspec.Struct):
    """Who may now log in."""

    username: str


class HealthView(msgspec.Struct, omit_defaults=True):
    """How the gateway is, and what is weaker than it should be."""

    status: str
    note: str | None = None


def principal_view(p: Principal) -> PrincipalView:
    """A principal, outside."""
    return PrincipalView(p.id, p.kind.value, p.name, [role.value for role in p.roles])


def challenge_view(challenge: Challenge, rp: RelyingParty) -> ChallengeView:
    """A challenge, outside."""
    return ChallengeView(
        challenge.id,
        challenge.purpose.value,
        challenge.kind,
        rfc3339(challenge.expires_at),
        max(challenge.attempts_left, 0),
        list(challenge.kinds),
        request_options(rp, challenge.id.encode()) if Means.PASSKEY in challenge.kinds else None,
    )


def _told(sessions: Sessions, session: Session, now: Instant, rp: RelyingParty) -> dict[str, Any]:
    challenge = sessions.challenge(session, now)
    return {
        "id": session.id,
        "principal": principal_view(session.principal),
        "state": rules.state_of(session, now).value,
        "idle_deadline": rfc3339(session.idle_deadline),
        "absolute_deadline": rfc3339(session.absolute_deadline),
        "now": rfc3339(now),
        "assurance": AssuranceView(list(session.factors), rfc3339(session.authenticated_at)),
        "challenge": challenge_view(challenge, rp) if challenge else None,
        "incomplete": session.incomplete,
    }


def session_view(sessions: Sessions, session: Session, now: Instant, rp: RelyingParty) -> SessionView:
    """A session, outside."""
    return SessionView(**_told(sessions, session, now, rp))


def own_session_view(services: Services, session: Session, asking: Session | None, now: Instant) -> OwnSession:
    """One of a person's own sessions."""
    told = _told(services.sessions, session, now, services.relying_party)
    if session is not asking:
        told["challenge"] = None  # it is answered where it is asked
    return OwnSession(
        **told,
        created_at=rfc3339(session.created_at),
        last_input_at=rfc3339(session.last_input_at),
        origin=session.origin,
        current=session is asking,
    )


def factor_view(factor: Factor) -> FactorView:
    """A factor, outside."""
    used = None if factor.used_at is None else rfc3339(factor.used_at)
    return FactorView(factor.id, factor.kind, factor.name, rfc3339(factor.created_at), used)


def conversation_view(c: Conversation, notice: Notice | None = None) -> ConversationView:
    """A conversation, outside, with what its bot's people are told."""
    told = None
    if notice is not None:
        told = NoticeView(
            notice.machine, notice.privacy, notice.protects, list(notice.made), notice.lifetimes
        )  # fmt: skip
    return ConversationView(c.id, c.bot, c.owner, c.state, told)


def message_view(message: Message, reply_to: str | None = None, shown: View | None = None) -> MessageView:
    """A message as its person's screen may see it; *shown* is what another screen may see of it."""
    view = MessageView(
        id=message.id,
        source=message.source.value,
        at=rfc3339(message.at),
        destroy_at=rfc3339(message.destroy_at),
        state=message.state.value,
        client_id=message.client_id if message.client_id and message.source is Source.CLIENT else None,
        reply_to=reply_to,
        agent=AuthorView(message.author) if message.author else None,
    )
    if message.state is MessageState.DESTROYED:
        if message.ended:
            view.destroyed = DestroyedView(rfc3339(message.destroy_at), message.ended)
    else:
        text, spans = shown or screen_view(message)
        view.text = text
        view.findings = [
            FindingView(item.data_class.value, start, end, item.action.value, item.would.value if item.would else None)
            for item, start, end in spans
        ]
    return view


def receipt_view(receipt: Receipt) -> ReceiptView:
    """A receipt, outside."""
    return ReceiptView(receipt.message, rfc3339(receipt.destroyed_at), receipt.reason, receipt.entry, receipt.note)


def erased_view(conversation: Conversation, erased: Erased) -> ErasedView:
    """What was erased of a conversation, outside."""
    kept = [KeptView(one.message, rfc3339(one.until)) for one in erased.kept]
    return ErasedView(conversation.id, [receipt_view(receipt) for receipt in erased.receipts], kept)


def extension(value: Any, rp: RelyingParty) -> Any:
    """Problem extensions that are nouns, as views."""
    return challenge_view(value, rp) if isinstance(value, Challenge) else value
