"""The sockets of the stack are what programs ask for: mypy judges, this only has to run."""

from __future__ import annotations

from netlab.stack.api.protocol import Datagrams, Listener, Network, Raw, Stream
from netlab.testing.worlds import SERVER, Two, two_hosts


def test_programs_need_not_know_whose_sockets_they_have():
    async def story(two: Two) -> None:
        server: Network = two.server
        client: Network = two.client
        listener: Listener = server.listen((SERVER, 7))
        stream: Stream = await client.connect((SERVER, 7))
        accepted: Stream = await listener.accept()
        socket: Datagrams = client.datagrams()
        raw: Raw = client.raw(1)
        assert stream.local == accepted.remote
        for each in (listener, socket, raw):
            each.close()

    two_hosts().play(story)
