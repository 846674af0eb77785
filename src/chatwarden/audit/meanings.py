"""What each event means: whose act it may be, what happened and when, and what the entry's object is.

One row an event; ``docs/audit-events.md`` is made of it. The tests watch which events happen in which lane, so a row that
promises a lane in which nothing happens, or leaves one out, is found (tests/world/happened.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from chatwarden.audit.model import Event, Lane

_LANES = {"c": Lane.CLIENT, "b": Lane.BOT, "s": Lane.STAFF, "y": Lane.SYSTEM}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One event. ``about`` says what the object is, if there is one."""

    lanes: tuple[Lane, ...]
    happened: str
    about: str


def _row(lanes: str, happened: str, about: str = "") -> Meaning:
    return Meaning(tuple(_LANES[letter] for letter in lanes), happened, about)


MEANINGS: dict[Event, Meaning] = {
    Event.GATEWAY_STARTED: _row("y", "The gateway accepts connections; the reason is its version."),
    Event.GATEWAY_STOPPED: _row("y", "The gateway stopped in order."),
    Event.GATEWAY_RELOADED: _row("y", "Configuration and certificate were read again (SIGHUP)."),
    Event.USER_ADDED: _row(
        "sc", "An account was added: by an administrator, or at the first visit through a company login or a website.",
        "the person"),
    Event.USER_ENABLED: _row("s", "A disabled account was enabled again.", "the person"),
    Event.USER_DISABLED: _row("s", "An account was disabled.", "the person"),
    Event.USER_ENROLMENT_ISSUED: _row("s", "A one-time link was made by which a password is set.", "the person"),
    Event.USER_ENROLLED: _row("cs", "A person used an enrolment link and chose a password.", "the person"),
    Event.USER_RESET: _row("s", "Password and second factors of an account were taken away.", "the person"),
    Event.USER_ROLE_CHANGED: _row(
        "s", "An account has another role: by an administrator, or since a company login says so.", "the person"),
    Event.USER_CONTACT_CHANGED: _row("s", "The mail address for notices was changed.", "the person"),
    Event.FACTOR_ADDED: _row("cs", "A passkey or an authenticator app was set up.", "the factor"),
    Event.FACTOR_RENAMED: _row("cs", "A factor has another name.", "the factor"),
    Event.FACTOR_REMOVED: _row("cs", "A factor was removed, or disabled after a hundred wrong answers.", "the factor"),
    Event.PASSWORD_CHANGED: _row("cs", "A password was changed by its person.", "the person"),
    Event.RECOVERY_RENEWED: _row("cs", "New recovery codes took the place of the earlier ones.", "the person"),
    Event.RECOVERY_USED: _row("c", "A recovery code stood in for a factor.", "the person"),
    Event.LOGIN_REFUSED: _row("c", "A login was refused; the reason says why, nobody else learns it.", "the person"),
    Event.LOGIN_FACTOR_REFUSED: _row("c", "A second factor was answered wrongly at login.", "the factor"),
    Event.COMPANY_LOGOUT: _row("y", "The company's provider ended somebody's sessions; the reason is how many."),
    Event.COMPANY_LOGOUT_REFUSED: _row("c", "A logout message of a company's provider was refused.", "the company login"),
    Event.SESSION_STARTED: _row("cs", "A session began: a visitor, or a login.", "the session"),
    Event.SESSION_ISSUED: _row("cs", "An administrator made a token for a program; the lane is that of the person whose it is.",
        "the session"),
    Event.SESSION_ASKED: _row("cs", "A person was asked whether they are still there.", "the session"),
    Event.SESSION_CONFIRMED: _row("cs", "The person answered that they are.", "the session"),
    Event.SESSION_CONFIRMATION_REFUSED: _row("cs", "That answer was wrong.", "the session"),
    Event.STEP_UP_CONFIRMED: _row("cs", "A fresh proof was given for an operation.", "the session"),
    Event.STEP_UP_REFUSED: _row("cs", "That proof was wrong.", "the session"),
    Event.SESSION_ENDED: _row("csy", "A session ended; the reason says why.", "the session"),
    Event.CONVERSATION_OPENED: _row("cs", "A conversation began; the reason is the bot.", "the conversation"),
    Event.CONVERSATION_MOVED: _row("c", "A visitor logged in, and the conversations became the person's.", "the visitor"),
    Event.CONVERSATION_HANDOFF_REQUESTED: _row("csy", "A person was asked for: by whom the conversation is, by an agent who "
        "takes over, or because of what was said; the reason says why.", "the conversation"),
    Event.CONVERSATION_HANDOFF_RAISED: _row("cy", "Who waits said something more urgent, or asks again with more urgency, and is "
        "served sooner; the reason says what it is about now.", "the conversation"),
    Event.CONVERSATION_HANDOFF_OFFERED: _row("y", "A person was offered; the reason says why.", "the conversation"),
    Event.CONVERSATION_HANDOFF_DECLINED: _row("csy", "The offer was declined, or the session of the person ended.",
        "the conversation"),
    Event.CONVERSATION_HANDOFF_WITHDRAWN: _row("csy", "A person who waited does not any more: they said so, or their session "
        "ended.", "the conversation"),
    Event.CONVERSATION_HANDOFF_NOT_TAKEN: _row("y", "Nobody took it in time; the person was told.", "the conversation"),
    Event.CONVERSATION_HANDOFF_TAKEN: _row("s", "An agent took it. From here on the bot says nothing.", "the conversation"),
    Event.CONVERSATION_HANDOFF_ASSIGNED: _row("y", "The gateway gave it to an agent; the reason is who.", "the conversation"),
    Event.CONVERSATION_HANDOFF_REQUEUED: _row("sy", "It went back to the queue: its agent was idle or cut off, or passed it "
        "on to a skill.", "the conversation"),
    Event.CONVERSATION_HANDOFF_TRANSFERRED: _row("s", "It was passed on to another agent; the reason is who.",
        "the conversation"),
    Event.CONVERSATION_HANDOFF_FINISHED: _row("s", "The agent is done with it and has it for the wrap-up.",
        "the conversation"),
    Event.CONVERSATION_HANDOFF_RESUMED: _row("cs", "Somebody wrote in the wrap-up: it goes on.", "the conversation"),
    Event.CONVERSATION_HANDOFF_RETURNED: _row("sy", "It is the bot's again: by its agent, or since the wrap-up is over.",
        "the conversation"),
    Event.CONVERSATION_HANDOFF_CLOSED: _row("s", "The agent closed it.", "the conversation"),
    Event.CONVERSATION_HANDOFF_REOPENED: _row("cs", "Its person wrote again after it was closed: it is the bot's.",
        "the conversation"),
    Event.CONVERSATION_SHOWN: _row(
        "s", "An administrator or an auditor looked at what the log has about a conversation; with the reason `messages`, at "
        "what was said, masked.", "the conversation"),
    Event.MESSAGE_RECEIVED: _row("cs", "A message came in and went on to the bot; the reason lists the data classes found "
        "and, in observe mode, what would have been done.", "the message"),
    Event.MESSAGE_HELD: _row("cs", "A message is held until its person says whether it may go on.", "the message"),
    Event.MESSAGE_RELEASED: _row("cs", "The person let a held message go on.", "the message"),
    Event.MESSAGE_BLOCKED: _row("cs", "A message was refused for what is in it; it was not kept.", "the conversation"),
    Event.MESSAGE_SHORTENED: _row("csy", "A message dies sooner than it would have: its person wanted it, or a later message "
        "showed what it is.", "the message"),
    Event.MESSAGE_ANSWERED: _row("b", "The bot answered; the cause is the entry of the message.", "the answer"),
    Event.MESSAGE_SENT: _row("s", "An agent wrote to the person.", "the message"),
    Event.MESSAGE_NOTED: _row("s", "An agent wrote an internal note; the person never sees it.", "the note"),
    Event.MESSAGE_REVEALED: _row("s", "An agent saw a masked value for a stated reason, which is in the sealed detail; the "
        "reason here is its class.", "the message"),
    Event.MESSAGE_DESTROYED: _row("csy", "A message is gone; the reason says why. The id of this entry is the receipt.",
        "the message"),
    Event.ERASURE_REQUESTED: _row("s", "An administrator was asked to erase; what was erased has this entry as its cause.",
        "a message, a conversation or a person"),
    Event.EXPORT_MADE: _row("cs", "All that is kept about a person was exported.", "the person"),
    Event.BULK_READ_NOTICED: _row("csb", "One party read far more in a short time than the threshold in `[alarms]`; the reason "
        "says what and how much. Nothing was refused.", "for whom, where a bot looked things up"),
    Event.KEY_MADE: _row("sy", "A new key signs tokens for other services; the reason is why.", "the key"),
    Event.TOKEN_ISSUED: _row("bc", "A token for another service was given to a program.", "the token"),
    Event.TOKEN_REFUSED: _row("b", "A signed token was refused."),
    Event.TOKEN_REVOKED: _row("b", "A token was taken back before its end.", "the token"),
    Event.BOT_FAILED: _row("y", "A bot did not answer; the reason says how it failed.", "the message"),
    Event.BOT_PAUSED: _row("s", "A bot, or every bot, is not asked for now.", "the bot"),
    Event.BOT_RESUMED: _row("s", "It is asked again.", "the bot"),
    Event.BOT_ADDED: _row("s", "A bot got an account of its own.", "the bot's account"),
    Event.BOT_INSTANCE_ADDED: _row("s", "Another instance of a bot may sign in.", "the instance"),
    Event.BOT_LEVEL_CHANGED: _row("s", "A bot has another access level.", "the bot's account"),
    Event.BOT_ROTATED: _row("s", "An instance got another credential.", "the instance"),
    Event.BOT_ENABLED: _row("s", "A bot's account, or an instance, may sign in again.", "the account or the instance"),
    Event.BOT_DISABLED: _row("sy", "It may not any more: by an administrator, or since nobody used it.",
        "the account or the instance"),
    Event.BOT_LOCKED: _row("sy", "Two seem to have the credential of an instance, or a backup was restored; it is locked.",
        "the instance"),
    Event.BOT_SIGNED_IN: _row("b", "A bot signed in with an account of its own.", "the instance"),
    Event.BOT_CREDENTIAL_ENDED: _row("y", "A credential of a bot ran out, or will soon.", "the instance"),
    Event.CREDENTIAL_MISPLACED: _row("cbsy", "A credential was shown or written where it does not belong; the reason says where. "
        "It was not used."),
    Event.APPLICATION_ADDED: _row("s", "An application and its credential were handed to the broker."),
    Event.APPLICATION_REMOVED: _row("s", "An application was taken away, with its grants."),
    Event.CREDENTIAL_ROTATED: _row("s", "The broker signs in to an application with another credential."),
    Event.GRANT_ADDED: _row("s", "A bot may ask an application for something.", "the grant"),
    Event.GRANT_REMOVED: _row("s", "It may not any more.", "the grant"),
    Event.BROKER_CALLED: _row("b", "A bot asks an application for something on behalf of a person; `act` names the person, the "
        "cause is the entry of their message. Written before it is asked.", "the lease"),
    Event.BROKER_ANSWERED: _row("b", "The application answered, or did not; the reason says how.", "the lease"),
    Event.BROKER_REFUSED: _row("b", "The bot was refused; the reason is told to administrators only. `and N more` sums up "
        "those that came faster than `limits.refusals`.", "the grant"),
    Event.BROKER_ECHO_FOUND: _row("b", "An application sent the credential back; it was taken out of the answer."),
    Event.LEASE_OPENED: _row("b", "A sign-in to an application began to count for a chat session.", "the lease"),
    Event.LEASE_ENDED: _row("b", "It counts no more: the session ended.", "the lease"),
    Event.LEASE_REVOKED: _row("b", "The application took its token back.", "the lease"),
    Event.LEASE_NOT_REVOKED: _row("b", "It did not, asked six times.", "the lease"),
    Event.NOTICE_GIVEN_UP: _row("y", "A notice could not be delivered and is tried no more.", "the person"),
    Event.SYSLOG_BEHIND: _row("y", "Entries wait too long for the syslog receiver; the reason is why it does not take them."),
    Event.SYSLOG_MISSED: _row("y", "A year of the log was dropped before the syslog receiver had taken all of it; the reason "
        "is how many entries it has not."),
    Event.SYSLOG_CAUGHT_UP: _row("y", "The receiver has taken all of them."),
    Event.BACKUP_MADE: _row("s", "The record was copied into a backup; `reason` says whether keys went along.", "the backup"),
    Event.BACKUP_RESTORED: _row("s", "A backup took the place of the record; `reason` says of when.", "the backup"),
    Event.AUDIT_YEAR_OPENED: _row("y", "The log of a year began; it commits to the last checkpoint of the one before."),
    Event.AUDIT_YEAR_DROPPED: _row("y", "The log of a year was dropped as a whole: `[audit] keep`.", "the year"),
    Event.AUDIT_DETAILS_ERASED: _row("sy", "What entries only commit to cannot be read any more for a person.", "the person"),
    Event.AUDIT_DAMAGED: _row("y", "The log's folder or the database is not as the gateway left it."),
    Event.WITNESS_REFUSED: _row("y", "A witness refused a checkpoint.", "the witness"),
}  # fmt: skip
