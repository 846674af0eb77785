"""What memory derives from live messages."""

from chatwarden.classes import Action, DataClass
from chatwarden.conversations import memory
from chatwarden.conversations.model import SAID_MAX, Conversation, Item, Message, MessageState, Said, Source

EMAIL = Item(DataClass.EMAIL, 0, 5, Action.PLACEHOLDER, "[email-1]", "m")


def conversation() -> Conversation:
    return Conversation(1, "cnv_" + "0" * 32, "helpdesk", "vis_1", "vis_1", "bot", 0)


def message(seq: int = 1, text: str = "a@b.c hello", *items: Item, **more: object) -> Message:
    fields = {"source": Source.CLIENT, "at": 5, "destroy_at": 100, "state": MessageState.LIVE} | more
    return Message(f"msg_{seq}", seq, text=text, items=items, **fields)  # type: ignore[arg-type]


def lines(talk: Conversation) -> list[tuple[str, str]]:
    return [(line.role, line.text) for line in talk.lines]


def test_the_bot_hears_again_what_it_saw_and_what_it_said_as_it_said_it() -> None:
    talk = conversation()
    memory.remember(talk, message(1, "a@b.c hello [email-9]", EMAIL))
    memory.remember(talk, message(2, "To [email-1] then.", source=Source.BOT))
    memory.remember(talk, message(3, "a calm line", source=Source.SYSTEM))
    assert lines(talk) == [("user", "[email-1] hello (email 9)"), ("assistant", "To [email-1] then.")]


def test_what_is_read_from_the_record_is_as_it_was() -> None:
    talk = conversation()
    memory.put_back(talk, message(1, "a@b.c hello", EMAIL))
    memory.put_back(talk, message(2, "a@b.c wait", EMAIL, state=MessageState.HELD))
    memory.put_back(talk, message(3, state=MessageState.DESTROYED))
    assert lines(talk) == [("user", "[email-1] hello")]
    assert talk.tokens.homes("[email-1]", 0) == [1, 2]
    assert [one.seq for one in talk.said] == [1, 2]
    assert all(one.value and one.word for one in talk.said)  # not known any more, so it is looked at


def test_a_message_that_is_written_anew_is_seen_anew() -> None:
    talk = conversation()
    first = message(1, "4111 1111 hello")
    memory.said(talk, first, value=True, word=False)
    memory.said(talk, message(2, "bye"), value=False, word=False)
    part = Item(DataClass.PAYMENT_CARD, 0, 9, Action.MASKED, "[payment-card-3]", "••••")
    memory.rewrite(talk, message(1, "4111 1111 hello", part, destroy_at=50))
    assert lines(talk) == [("user", "[payment-card-3] hello"), ("user", "bye")]
    assert (talk.tokens.homes("[payment-card-3]", 49), talk.tokens.homes("[payment-card-3]", 50)) == ([1], [])
    memory.expire(talk, 50)
    assert lines(talk) == [("user", "bye")]


def test_what_is_gone_leaves_nothing() -> None:
    talk = conversation()
    memory.put_back(talk, message(1, "a@b.c hello", EMAIL))
    memory.put_back(talk, message(2, "and", source=Source.BOT))
    memory.forget(talk, 1)
    assert (lines(talk), len(talk.tokens)) == ([("assistant", "and")], 0)
    memory.expire(talk, 100)
    assert lines(talk) == []


def test_a_held_message_is_no_line_and_only_the_last_ones_are_remembered() -> None:
    talk = conversation()
    memory.said(talk, message(1, "x", state=MessageState.HELD), value=True, word=False)
    assert (lines(talk), list(talk.said)) == ([], [Said(1, 5, value=True, word=False)])
    for seq in range(2, 40):
        memory.said(talk, message(seq), value=False, word=False)
    assert len(talk.said) == SAID_MAX
