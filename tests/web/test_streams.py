"""Who is told what, and what happens to a listener that does not listen."""

from __future__ import annotations

from chatwarden.web.streams import Hub, Listener, StreamEvent, frame


def heard(listener: Listener) -> list[StreamEvent | None]:
    """Everything that waits for this listener."""
    found = []
    while not listener.queue.empty():
        found.append(listener.queue.get_nowait())
    return found


def test_a_conversation_is_told_to_those_who_look_at_it_and_to_nobody_else() -> None:
    hub = Hub()
    one, two = hub.listen("cnv_1", "ses_1"), hub.listen("cnv_1", "ses_2")
    other = hub.listen("cnv_2", "ses_1")
    hub.publish("cnv_1", "message", {"id": "msg_1"}, seq=7)
    hub.publish("cnv_3", "message", {"id": "msg_2"}, seq=8)
    said = StreamEvent("message", b'{"id":"msg_1"}', 7)
    assert [heard(listener) for listener in (one, two, other)] == [[said], [said], []]


def test_a_session_is_told_on_all_its_streams_and_no_others() -> None:
    hub = Hub()
    one, two = hub.listen("cnv_1", "ses_1"), hub.listen("cnv_2", "ses_1")
    other = hub.listen("cnv_1", "ses_2")
    hub.tell("ses_1", "session.ended", {"reason": "idle"}, last=True)
    hub.tell("ses_3", "session.ended", {}, last=True)
    said = StreamEvent("session.ended", b'{"reason":"idle"}', last=True)
    assert [heard(listener) for listener in (one, two, other)] == [[said], [said], []]


def test_who_left_is_told_nothing_and_leaves_nothing_behind() -> None:
    hub = Hub()
    one, two = hub.listen("cnv_1", "ses_1"), hub.listen("cnv_1", "ses_1")
    hub.leave(one)
    assert (hub.count, hub.listening("cnv_1")) == (1, True)
    hub.publish("cnv_1", "message", {})
    assert (len(heard(one)), len(heard(two))) == (0, 1)
    hub.leave(two)
    assert (hub.count, hub.listening("cnv_1")) == (0, False)
    hub.publish("cnv_1", "message", {})
    hub.tell("ses_1", "session.prompt", {})
    assert not hub._by_conversation
    assert not hub._by_session


def test_a_look_at_a_conversation_opens_no_stream() -> None:
    hub = Hub()
    assert not hub.listening("cnv_1")
    assert not hub._by_conversation


def test_who_does_not_read_is_closed_and_not_waited_for() -> None:
    hub = Hub()
    slow, quick = hub.listen("cnv_1", "ses_1"), hub.listen("cnv_1", "ses_2")
    for number in range(1_000):
        hub.publish("cnv_1", "message", number, seq=number)
        heard(quick)
    assert heard(slow) == [StreamEvent("", b"", last=True)]
    hub.publish("cnv_1", "message", "late")
    assert heard(slow) == []
    assert [event.data for event in heard(quick) if event] == [b'"late"']


def test_everybody_is_kept_alive_and_everybody_is_closed() -> None:
    hub = Hub()
    listeners = [hub.listen(f"cnv_{n}", f"ses_{n % 2}") for n in range(5)]
    hub.keep_alive()
    assert [heard(listener) for listener in listeners] == [[None]] * 5
    hub.close()
    assert [heard(listener) for listener in listeners] == [[StreamEvent("", b"", last=True)]] * 5


def test_an_event_is_one_block_on_the_wire_whatever_was_said() -> None:
    hub = Hub()
    listener = hub.listen("cnv_1", "ses_1")
    hub.publish("cnv_1", "message", {"text": "one\n\ndata: two\r\nevent: three\u2028"}, seq=3)
    (event,) = heard(listener)
    assert event is not None
    wire = frame(event, "3-0")
    assert wire.startswith(b"event: message\nid: 3-0\ndata: {")
    assert wire.endswith(b"}\n\n")
    assert wire.count(b"\n") == 4
    assert b"\r" not in wire
