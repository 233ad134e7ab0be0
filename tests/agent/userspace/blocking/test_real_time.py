"""http.client and http.server, the one on our stack and the other on the kernel's sockets."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import http.server
import random
from collections.abc import Callable
from typing import Any

import pytest

from netlab.agent.userspace.blocking.installed import installed
from netlab.agent.userspace.blocking.names import Names
from netlab.agent.userspace.blocking.process import Process
from netlab.stack.api.programs import Programs
from netlab.testing.userspace import Pair, play

pytestmark = pytest.mark.lab

DATA = random.Random(3).randbytes(2_000_000)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA)

    def log_message(self, *_: object) -> None:
        pass


def served(started: Callable[[http.server.HTTPServer], None]) -> None:
    with http.server.ThreadingHTTPServer(("", 80), Handler) as server:
        started(server)
        server.serve_forever()


def asked(host: str) -> str:
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("GET", "/file")
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status == 200, body
    return hashlib.sha256(body).hexdigest()


def process(pair: Pair) -> Process:
    programs = Programs(pair.driver)
    pair.hear = programs.tell
    return Process(programs, Names({"kernel": [pair.kernel]}))


async def in_kernel_thread(program: Callable[..., Any], *arguments: Any) -> Any:
    """On the kernel's sockets, in the namespace of the kernel's host, which this thread is in."""
    return await asyncio.to_thread(program, *arguments)


def test_a_client_on_our_stack_has_what_the_kernels_server_has():
    async def story(pair: Pair) -> str:
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[http.server.HTTPServer] = loop.create_future()

        def started(server: http.server.HTTPServer) -> None:
            loop.call_soon_threadsafe(begun.set_result, server)

        serving = asyncio.ensure_future(in_kernel_thread(served, started))
        server = await begun
        digest = await process(pair).run(asked, "kernel")
        await in_kernel_thread(server.shutdown)
        await serving
        return digest

    with installed():
        assert play(story) == hashlib.sha256(DATA).hexdigest()


def test_the_kernels_client_has_what_a_server_on_our_stack_has():
    async def story(pair: Pair) -> str:
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[http.server.HTTPServer] = loop.create_future()

        def started(server: http.server.HTTPServer) -> None:
            loop.call_soon_threadsafe(begun.set_result, server)

        serving = asyncio.ensure_future(process(pair).run(served, started))
        await begun
        digest: str = await in_kernel_thread(asked, pair.user)
        serving.cancel()
        await asyncio.wait([serving])
        return digest

    with installed():
        assert play(story) == hashlib.sha256(DATA).hexdigest()
