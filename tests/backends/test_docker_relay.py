"""The fabric container's end of the streams: a process that obeys what its input says."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from netlab.backends.docker.frames import CONTROL, Frames, frame, message

#: Obeys {"cat": stream}: a program that says all that it hears; and {"tell": […]}, things to say,
#: each on its stream, of which those below 10 only tell; {"flood": stream}: to tell without end.
PROGRAM = """\
import json, os, subprocess
from netlab.backends.docker.frames import message
from netlab.backends.docker.relay import Relay

def obey(content):
    request = json.loads(content)
    if stream := request.get("cat"):
        with open(relay.pair(stream, tells=False), "r+b", buffering=0) as end:
            programs.append(subprocess.Popen(["cat"], stdin=end, stdout=end))
    for stream, what in request.get("tell", ()):
        end = relay.pair(stream, tells=stream < 10)
        os.write(end, what.encode())
        os.close(end)
    if stream := request.get("flood"):
        with open(relay.pair(stream, tells=True), "wb", buffering=0) as end:
            programs.append(subprocess.Popen(["cat", "/dev/zero"], stdout=end))
    relay.send(message({"obeyed": True}))

programs = []
relay = Relay(obey)
relay.serve()
for program in programs:
    program.kill()
    program.wait()
"""


class RelayProcess:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._frames = Frames()
        self._heard: Iterator[tuple[int, bytes]] = iter(())

    def say(self, data: bytes) -> None:
        assert self._process.stdin
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def hear(self) -> tuple[int, bytes]:
        assert self._process.stdout
        while (heard := next(self._heard, None)) is None:
            data = os.read(self._process.stdout.fileno(), 1 << 16)
            assert data, "its output has ended"
            self._heard = self._frames.feed(data)
        return heard

    def hear_all_of(self, stream: int, size: int) -> bytes:
        heard = bytearray()
        while len(heard) < size:
            number, content = self.hear()
            assert number == stream
            assert content, "the stream has ended"
            heard += content
        return bytes(heard)

    def obey(self, **request: object) -> None:
        self.say(message(request))
        assert self.hear() == (CONTROL, b'{"obeyed":true}')

    def end(self) -> int:
        """Its exit code when its input has ended; somebody goes on hearing what it says."""
        try:
            self._process.communicate(timeout=20)
            return self._process.returncode
        finally:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def relay() -> Iterator[RelayProcess]:
    process = RelayProcess()
    yield process
    assert process.end() == 0


def test_what_is_said_on_a_stream_reaches_its_process_and_what_that_says_comes_back(
    relay: RelayProcess,
):
    relay.obey(cat=12)
    relay.obey(cat=13)

    relay.say(frame(12, b"to the first"))
    assert relay.hear() == (12, b"to the first")
    relay.say(frame(13, b"to the other"))
    assert relay.hear() == (13, b"to the other")


def test_frames_that_come_byte_by_byte(relay: RelayProcess):
    for byte in message({"cat": 12}) + frame(12, b"x"):
        relay.say(bytes([byte]))

    assert relay.hear()[0] == CONTROL
    assert relay.hear() == (12, b"x")


def test_a_stream_that_ends_is_said_to_end_after_all_that_was_on_it(relay: RelayProcess):
    relay.say(message({"tell": [[12, "the last words"]]}))

    heard = [relay.hear() for _ in range(3)]

    assert [each for each in heard if each[0] == 12] == [(12, b"the last words"), (12, b"")]


def test_what_only_tells_comes_first_though_it_was_said_last(relay: RelayProcess):
    relay.say(message({"tell": [[12, "all is captured"], [4, "a packet"]]}))

    heard = [relay.hear() for _ in range(5)]

    assert heard[1:] == [(4, b"a packet"), (4, b""), (12, b"all is captured"), (12, b"")]


def test_a_stream_that_the_orchestrator_ends_is_forgotten_and_others_go_on(relay: RelayProcess):
    relay.obey(cat=12)
    relay.obey(cat=13)

    relay.say(frame(12, b"") + frame(12, b"nobody is there") + frame(13, b"still here"))

    assert relay.hear() == (13, b"still here")


def test_much_at_once_arrives_whole(relay: RelayProcess):
    much = os.urandom(24 << 20)
    relay.obey(cat=12)

    def say() -> None:
        for start in range(0, len(much), 1 << 18):
            relay.say(frame(12, much[start : start + (1 << 18)]))

    saying = threading.Thread(target=say)
    saying.start()
    heard = relay.hear_all_of(12, len(much))
    saying.join()

    assert heard == much


def test_who_tells_without_end_keeps_nobody_from_being_answered(relay: RelayProcess):
    relay.say(message({"flood": 1}))
    assert relay.hear()[0] == CONTROL
    for _ in range(100):
        assert relay.hear()[0] == 1

    relay.say(message({}))

    assert CONTROL in {relay.hear()[0] for _ in range(2000)}


def test_it_ends_with_its_input_whatever_still_runs():
    process = RelayProcess()
    process.obey(cat=12)

    assert process.end() == 0
