"""What agents see of a message, and of each other."""

from __future__ import annotations

from chatwarden.classes import Action, DataClass
from chatwarden.conversations.model import Item, Message, MessageState, Source
from chatwarden.web.desk_views import agent_message_view
from tests.world.agents import Floor
from tests.world.house import House

TEXT = "card 4111 1111 1111 1111, mail ada@example.org, code ***"
ITEMS = (
    Item(DataClass.PAYMENT_CARD, 5, 24, Action.ALLOWED, mask="4111 11•• •••• 1111", would=Action.MASKED),
    Item(DataClass.EMAIL, 31, 46, Action.PLACEHOLDER, "[email-1]"),
    Item(DataClass.CARD_CODE, 53, 56, Action.REMOVED, mask="***"),
)
HIDDEN = {DataClass.PAYMENT_CARD, DataClass.EMAIL, DataClass.CARD_CODE}


def message(source: Source = Source.CLIENT, client_id: str = "") -> Message:
    return Message("msg_1", 1, source, 0, 60, MessageState.LIVE, TEXT, ITEMS, client_id)


def test_what_policy_hides_is_masked_also_where_a_bot_is_only_observed_and_where_there_is_no_mask() -> None:
    view = agent_message_view(message(), HIDDEN)
    assert view.text == "card 4111 11•• •••• 1111, mail •••, code ***"
    assert view.findings is not None
    assert [(one.start, one.end) for one in view.findings] == [(5, 24), (31, 34), (41, 44)]


def test_what_policy_allows_is_seen() -> None:
    assert agent_message_view(message(), set()).text == TEXT


def test_the_client_id_of_an_agent_is_told_without_who_they_are() -> None:
    assert agent_message_view(message(Source.AGENT, "usr_1:7"), HIDDEN).client_id == "7"
    assert agent_message_view(message(Source.CLIENT, "7"), HIDDEN).client_id == "7"


async def test_who_is_out_of_touch_is_shown_as_gone(house: House) -> None:
    floor = Floor(house)
    bea, _ = await floor.agent("bea"), await floor.agent("cem")
    house.clock.advance(house.node.services.desk.config.cut_off)
    shown = (await floor.ask("GET", "", None, bea)).json
    assert [(one["name"], one["presence"]) for one in shown["agents"]] == [("bea", "available"), ("cem", "offline")]
