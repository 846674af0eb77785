"""Identifiers say nothing, are never given twice and cannot be guessed into another's place."""

from hypothesis import given
from hypothesis import strategies as st

from chatwarden.ids import MessageIds, RandomPool, is_id, new_id

PLACES = st.tuples(st.integers(0, (1 << 64) - 1), st.integers(0, (1 << 64) - 1))


def test_the_pool_gives_no_byte_twice() -> None:
    count = iter(range(1_000_000))
    pool = RandomPool(lambda size: b"".join(next(count).to_bytes(4, "big") for _ in range(size // 4)))
    given_out = b"".join(pool(16) for _ in range(2_000))
    words = [given_out[at : at + 4] for at in range(0, len(given_out), 4)]
    assert len(set(words)) == len(words)
    assert len(pool(5_000)) == 5_000


def test_a_new_id_has_its_shape() -> None:
    made = new_id("cnv")
    assert is_id(made, "cnv")
    assert new_id("cnv") != made
    for wrong in ("", "cnv_", made[:-1], made + "0", made.upper(), "msg" + made[3:], made + "\n"):
        assert not is_id(wrong, "cnv")


@given(PLACES, st.binary(min_size=16, max_size=16))
def test_a_place_becomes_an_id_and_comes_back_under_the_same_key_only(place: tuple[int, int], key: bytes) -> None:
    ids = MessageIds(key)
    made = ids.encode(*place)
    assert is_id(made, "msg")
    assert ids.decode(made) == place
    assert MessageIds(bytes(16) if key != bytes(16) else b"k" * 16).decode(made) != place


def test_neighbours_look_unrelated_and_what_is_no_id_is_none() -> None:
    ids = MessageIds(b"k" * 16)
    one, next_one = ids.encode(1, 1), ids.encode(1, 2)
    assert sum(a == b for a, b in zip(one[4:], next_one[4:], strict=True)) < 16
    assert [ids.decode(text) for text in ("", "msg_xyz", "cnv_" + "0" * 32)] == [None, None, None]
