"""The rows of ``[desk]``: the people who take over from a bot."""

from __future__ import annotations

from chatwarden.config import values as v
from chatwarden.config.desk import DeskConfig
from chatwarden.config.setting import Setting, row

_DESK = DeskConfig()

DESK_SETTINGS: tuple[Setting, ...] = (
    row("desk.hours", v.hours, "",
        "when people answer, such as Mon-Fri 08:00-18:00; empty is always. Outside of them a message is left", reload=True),
    row("desk.time_zone", v.time_zone, _DESK.time_zone, "the time zone of these hours", reload=True),
    row("desk.take_within", v.duration, _DESK.take_within,
        "a person who asked for one is told this long after that nobody could take over", reload=True),
    row("desk.answer_within", v.duration, _DESK.answer_within,
        "service level: how soon an agent answers what a person wrote", reload=True),
    row("desk.resolve_within", v.duration, _DESK.resolve_within,
        "service level: how soon after it was first taken a conversation is finished", reload=True),
    row("desk.agent_idle", v.duration, _DESK.agent_idle,
        "a conversation goes back to the queue when its agent owes an answer and did nothing for this long", reload=True),
    row("desk.cut_off", v.duration, _DESK.cut_off,
        "how long an agent may be out of touch before all of their conversations go back to the queue", reload=True),
    row("desk.wrap_up", v.duration, _DESK.wrap_up,
        "how long after its end an agent keeps a conversation, for notes and for what the person writes still", reload=True),
    row("desk.reveal_for", v.duration, _DESK.reveal_for, "how long a revealed value stays on an agent's screen", reload=True),
    row("desk.capacity", v.count(1, 100), _DESK.capacity, "how many conversations one agent has at once", reload=True),
    row("desk.assign", v.one_of("manual", "longest-wait", "round-robin"), _DESK.assign,
        "who gets the conversation that waits longest: whoever takes it (manual), the agent who has been free longest with "
        "the fewest conversations (longest-wait), or each in turn (round-robin)", reload=True),
    row("desk.nobody_line", v.text, _DESK.nobody_line, "what a person is told when nobody took over in time", reload=True),
    row("desk.closed_line", v.text, _DESK.closed_line, "what a person is told who asks outside of the hours", reload=True),
    row("desk.agents.*.skills", v.rights, (), "what this agent (a user's name) can take besides what needs no skill",
        reload=True),
    row("desk.agents.*.capacity", v.count(1, 100), None, "the same as desk.capacity, for this agent", reload=True),
    row("desk.agents.*.shown_as", v.word, "", "by what name people are shown this agent; empty: as desk.everybody_shown_as says",
        reload=True),
    row("desk.everybody_shown_as", v.text, _DESK.everybody_shown_as,
        "by what name people are shown agents who have none of their own; empty: the name of the account", reload=True),
    row("desk.replies.*.shortcut", v.word, None, "what an agent types to get this text", reload=True),
    row("desk.replies.*.text", v.text, None,
        "a text that agents send often; {name}, {bot} and {agent} are filled in on their page", reload=True),
)  # fmt: skip
