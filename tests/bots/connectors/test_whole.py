"""What connectors share whose bots answer in one piece."""

from pathlib import Path

import pytest
from tests.world.upstream import serving, whole

from chatwarden.bots.connectors.whole import JSON, Whole
from chatwarden.bots.model import Answer, Link, StreamEnd, Turn, Utterance
from chatwarden.bots.upstream import with_turn
from chatwarden.config.home import write_private
from chatwarden.config.model import BotConfig
from chatwarden.errors import ConfigurationError

TURN = Turn("cnv_1", (Utterance("user", "Hello"),))


class Plain(Whole):
    """Its bot answers with the text itself."""

    async def ask(self, turn: Turn) -> Answer:
        body = await self.upstream.whole(with_turn(self.fields, turn), b"{}", JSON)
        return Answer(body.decode(), handoff=True)


async def test_a_stream_is_the_whole_answer_and_its_end() -> None:
    async with serving(whole(b"Hi.")) as server:
        connector = Plain(BotConfig("helper", "rasa", url=server.url), Path(), "/x")
        assert [piece async for piece in connector.stream(TURN)] == ["Hi.", StreamEnd(handoff=True)]
        assert connector.streams is False
        await connector.close()
        assert [asked.path for asked in server.asked] == ["/v1/x"]


async def test_whether_a_bot_is_reached_is_not_told_by_a_connection_that_was_kept() -> None:
    async with serving(whole(b"Hi.")) as server:
        connector = Plain(BotConfig("helper", "rasa", url=server.url), Path(), "/x")
        await connector.ask(TURN)
        assert await connector.reach() == Link()
        assert (server.connections, len(server.asked)) == (2, 1)
        await connector.ask(TURN)
        assert server.connections == 2  # the kept one is as it was
        await connector.close()


async def test_a_reload_that_is_refused_changes_nothing(tmp_path: Path) -> None:
    write_private(tmp_path / "key", b"first")
    async with serving(whole(b"Hi.")) as server:
        connector = Plain(BotConfig("helper", "rasa", url=server.url, credential_file=Path("key")), tmp_path, "/x")
        (tmp_path / "key").write_bytes(b"two words")
        with pytest.raises(ConfigurationError):
            connector.reload()
        await connector.ask(TURN)
        (tmp_path / "key").write_bytes(b"second")
        connector.reload()
        await connector.ask(TURN)
        await connector.close()
        assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer first", "Bearer second"]
