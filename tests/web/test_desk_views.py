"""What agents see of a message, and of each other."""

from __future__ import annotations

from chatwarden.classes import Action, DataClass
from chatwarden.conversations.model import Item, Message, MessageState, Source
from chatwarden.principal import Kind, Principal, Role
from chatwarden.web.desk_views import agent_message_view
from tests.world.agents import Floor
from tests.world.house import House

TEXT = "card 4111 1111 1111 1111, mail ada@example.org, code ***"
ITEMS = (
    Item(DataClass.PAYMENT_CARD, 5, 24, Action.ALLOWED, mask="4111 11•• •••• 1111", would=Action.MASKED),
    Item(DataClass.EMAIL, 31, 46, Action.PLACEHOLDER, "[email-1]"),
    Item(DataClass.CARD_CODE, 53, 56, Action.REMOVED, mask="***"),
)
BEA = Principal("usr_bea", Kind.PERSON, "bea.vogt", (Role.AGENT,))
HIDDEN = {DataClass.PAYMENT_CARD, DataClass.EMAIL, DataClass.CARD_CODE}


def message(source: Source = Source.CLIENT, client_id: str = "") -> Message:
    return Message("msg_1", 1, source, 0, 60, MessageState.LIVE, TEXT, ITEMS, client_id)


def test_what_policy_hides_is_masked_also_where_a_bot_is_only_observed_and_where_there_is_no_mask() -> None:
    view = agent_message_view(message(), HIDDEN, BEA)
    assert view.text == "card 4111 11•• •••• 1111, mail •••, code ***"
    assert view.findings is not None
    assert [(one.start, one.end) for one in view.findings] == [(5, 24), (31, 34), (41, 44)]


def test_what_policy_allows_is_seen() -> None:
    assert agent_message_view(message(), set(), BEA).text == TEXT


def test_the_client_id_of_an_agent_is_told_without_who_they_are() -> None:
    assert agent_message_view(message(Source.AGENT, "usr_1:7"), HIDDEN, BEA).client_id == "7"
    assert agent_message_view(message(Source.CLIENT, "7"), HIDDEN, BEA).client_id == "7"


def test_agents_read_their_own_name_in_what_they_wrote_themselves_and_no_other() -> None:
    text = "I am Bea Vogt, ask for Ada Lovelace"
    names = (
        Item(DataClass.PERSON_NAME, 5, 13, Action.ALLOWED, mask="B•• V•••"),
        Item(DataClass.PERSON_NAME, 23, 35, Action.ALLOWED, mask="A•• L•••••••"),
    )
    for author, shown in (
        ("usr_bea:", "I am Bea Vogt, ask for A•• L•••••••"),
        ("usr_cem:", "I am B•• V•••, ask for A•• L•••••••"),
    ):
        wrote = Message("msg_1", 1, Source.AGENT, 0, 60, MessageState.LIVE, text, names, author, author="Bea")
        view = agent_message_view(wrote, {DataClass.PERSON_NAME}, BEA)
        assert (view.text, view.client_id, view.agent and view.agent.name) == (shown, None, "Bea")
    own = Message("msg_1", 1, Source.CLIENT, 0, 60, MessageState.LIVE, text, names, "usr_bea:1")
    assert "Bea" not in (agent_message_view(own, {DataClass.PERSON_NAME}, BEA).text or "")  # whoever says so


async def test_who_is_out_of_touch_is_shown_as_gone(house: House) -> None:
    floor = Floor(house)
    bea, _ = await floor.agent("bea"), await floor.agent("cem")
    house.clock.advance(house.node.services.desk.config.cut_off)
    shown = (await floor.ask("GET", "", None, bea)).json
    assert [(one["name"], one["presence"]) for one in shown["agents"]] == [("bea", "available"), ("cem", "offline")]
