"""Server-sent events from a bot: an incremental reader with limits (WHATWG HTML, section 9.2.6).

Bytes in any chunks, payloads of ``data`` out. Lines end in LF, CR LF or CR; a line longer than the limit is a failure,
since a bot that never ends a line would fill the memory.
"""

from __future__ import annotations

from chatwarden.bots.model import BotFailed

LINE_MAX = 64 * 1024


class EventReader:
    """Feed it chunks; it returns what has become complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of every event that *chunk* completes. Raises BotFailed(oversized)."""
        buffer = self._rest + chunk
        held = b""
        if buffer.endswith(b"\r"):  # the LF that belongs to it may be in the next chunk
            buffer, held = buffer[:-1], b"\r"
        if b"\r" in buffer:
            buffer = buffer.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = buffer.split(b"\n")
        self._rest = rest + held
        if len(self._rest) > LINE_MAX:
            raise BotFailed("oversized", "line")
        complete: list[bytes] = []
        for line in lines:
            if not line:
                if self._data:
                    complete.append(b"\n".join(self._data))
                    self._data, self._size = [], 0
                continue
            if line.startswith(b"data:"):
                value = line[6:] if line[5:6] == b" " else line[5:]
                self._size += len(value)
                if self._size > LINE_MAX:
                    raise BotFailed("oversized", "event")
                self._data.append(value)
        return complete
