"""http.client and http.server as the standard library has them, on a lossy link of our stack."""

from __future__ import annotations

import functools
import hashlib
import http.client
import http.server
import io
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from netlab.backends.sim.network import SimNetwork
from netlab.testing import impaired
from netlab.testing.blocking import LOSSY, play
from netlab.testing.worlds import Two


class Handler(http.server.BaseHTTPRequestHandler):
    """Says who asked for what; POST is answered with the digest of what came, in chunks."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = f"{self.client_address[0]} asks for {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        received = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in ("sha256 ", hashlib.sha256(received).hexdigest(), ""):
            self.wfile.write(f"{len(part):x}\r\n{part}\r\n".encode())

    def log_message(self, *_: object) -> None:
        pass


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def serving(
    handler: Callable[..., http.server.BaseHTTPRequestHandler] = Handler,
    kind: type[http.server.HTTPServer] = http.server.ThreadingHTTPServer,
) -> Callable[[], None]:
    def serve() -> None:
        with kind(("", 80), handler) as server:
            server.serve_forever()

    return serve


def read(connection: http.client.HTTPConnection, *request: object) -> bytes:
    connection.request(*request)  # type: ignore[arg-type]  # as http.client has them
    response = connection.getresponse()
    assert response.status == 200
    return response.read()


def test_one_connection_carries_several_requests():
    def ask() -> tuple[list[bytes], set[object]]:
        connection = http.client.HTTPConnection("server")
        answers, locals_ = [], set()
        for path in ("/a", "/b", "/c"):
            answers.append(read(connection, "GET", path))
            locals_.add(connection.sock.getsockname())
        connection.close()
        return answers, locals_

    answers, locals_ = play(ask, serving(), impairment=LOSSY)
    assert answers == [b"10.0.0.2 asks for /%c" % each for each in b"abc"]
    assert len(locals_) == 1


def test_the_server_reads_what_is_posted_and_answers_in_chunks():
    data = random.Random(7).randbytes(300_000)

    def ask() -> bytes:
        return read(http.client.HTTPConnection("server"), "POST", "/", data)

    assert play(ask, serving(), impairment=LOSSY).decode() == (
        f"sha256 {hashlib.sha256(data).hexdigest()}"
    )


@pytest.mark.parametrize("kind", [http.server.HTTPServer, http.server.ThreadingHTTPServer])
def test_files_are_served_whole(tmp_path: Path, kind: type[http.server.HTTPServer]):
    data = random.Random(8).randbytes(200_000)
    (tmp_path / "file").write_bytes(data)

    def ask() -> tuple[bytes, int]:
        connection = http.client.HTTPConnection("server")
        found = read(connection, "GET", "/file")
        connection.request("GET", "/nothing")
        return found, connection.getresponse().status

    serve = serving(functools.partial(Files, directory=str(tmp_path)), kind)
    found, status = play(ask, serve, impairment=LOSSY)
    assert (found == data, status) == (True, 404)


def test_a_threading_server_answers_while_a_client_says_nothing():
    def ask() -> bytes:
        silent = http.client.HTTPConnection("server")
        silent.connect()
        return read(http.client.HTTPConnection("server", timeout=60), "GET", "/")

    assert play(ask, serving()) == b"10.0.0.2 asks for /"


def test_another_thread_shuts_the_server_down():
    def serve() -> None:
        with http.server.HTTPServer(("", 80), Handler) as server:
            stopper = http.server.socketserver.threading.Thread(target=stop, args=(server,))  # type: ignore[attr-defined]  # as an import of it
            stopper.start()
            server.serve_forever()
            stopper.join()

    def stop(server: http.server.HTTPServer) -> None:
        http.server.time.sleep(60)  # type: ignore[attr-defined]  # as an import of it
        server.shutdown()

    def ask() -> bytes:
        found = read(http.client.HTTPConnection("server"), "GET", "/")
        http.server.time.sleep(120)  # type: ignore[attr-defined]  # as an import of it
        with pytest.raises(ConnectionRefusedError):
            http.client.HTTPConnection("server").connect()
        return found

    assert play(ask, serve) == b"10.0.0.2 asks for /"


def test_a_client_in_ipv6_has_an_ipv6_server():
    class V6(http.server.ThreadingHTTPServer):
        address_family = 10

    def ask() -> bytes:
        return read(http.client.HTTPConnection("server6"), "GET", "/")

    assert play(ask, serving(kind=V6)) == b"fd00::2 asks for /"


def test_the_same_seed_gives_the_same_packets_and_dates():
    def capture(seed: int) -> bytes:
        out = io.BytesIO()
        plan = replace(impaired.cable(LOSSY), seed=seed)
        two = Two(SimNetwork(plan, capture=out))
        data = random.Random(9).randbytes(50_000)

        def ask() -> list[bytes]:
            connection = http.client.HTTPConnection("server")
            return [read(connection, "GET", "/"), read(connection, "POST", "/", data)]

        play(ask, serving(), two=two)
        return out.getvalue()

    assert capture(1) == capture(1)
    assert capture(1) != capture(2)
