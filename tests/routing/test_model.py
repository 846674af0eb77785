"""Where a conversation stands after a move."""

from dataclasses import dataclass

from chatwarden.config.desk import DeskConfig
from chatwarden.routing.model import SYSTEM, Move, Reason, Why
from chatwarden.routing.moves import begun
from chatwarden.routing.rules import Happening, State


@dataclass
class Said:
    no: int = 1
    id: str = "cnv_1"
    bot: str = "shop"
    owner: str = "vis_1"
    state: str = "bot"


def test_without_a_hand_off_a_conversation_is_the_bots_or_closed() -> None:
    handoff = begun("hnd_1", 1, "cnv_1", "shop", Why(Reason.ASKED), Happening.REQUEST, 5, DeskConfig())
    assert Move(Said(), Happening.REQUEST, SYSTEM, "", None, handoff).state is State.QUEUED
    assert Move(Said(), Happening.REOPEN, SYSTEM, "", None, None).state is State.BOT
