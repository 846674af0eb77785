"""JSON lines, one at a time, whatever stands in them."""

import io

import msgspec
import pytest

from chatwarden.jsonlines import LINE_MAX, lines


class One(msgspec.Struct):
    name: str


def read(raw: bytes) -> list[tuple[int, One | str]]:
    return list(lines(io.BytesIO(raw), One))


def test_empty_lines_are_passed_over_and_counted() -> None:
    assert read(b'\n{"name": "a"}\r\n  \n{"name": "b"}') == [(2, One("a")), (4, One("b"))]
    assert read(b"") == []


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"name": 4111111111111111}', b'{"name": "\xff"}', b"[" * 100_000])
def test_what_cannot_be_read_is_told_with_its_number_and_repeats_nothing(line: bytes) -> None:
    (number, told), (_, after) = read(line + b'\n{"name": "b"}')
    assert number == 1
    assert isinstance(told, str)
    assert told
    assert "4111" not in told
    assert after == One("b")


def test_a_line_that_is_too_long_is_not_kept_in_memory() -> None:
    class Source(io.BytesIO):
        most = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            found = super().readline(size)
            self.most = max(self.most, len(found))
            return found

    source = Source(b'{"name": "' + b"a" * 4 * LINE_MAX + b'"}\n{"name": "b"}')
    assert [told for _, told in lines(source, One)] == ["the line is too long", One("b")]
    assert source.most <= LINE_MAX + 1
