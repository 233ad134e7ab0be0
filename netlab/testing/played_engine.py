"""A Docker Engine that is played: it says which it is, and has nothing."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from types import TracebackType
from typing import Self


class _Handler(BaseHTTPRequestHandler):
    server: PlayedEngine

    def do_GET(self) -> None:
        if self.path.endswith("/version"):
            self._answer(200, {"Version": "played", "ApiVersion": self.server.api})
        elif self.path.endswith("/json"):
            name = self.path.partition("/images/")[2].removesuffix("/json")
            self._answer(404, {"message": f"No such image: {name}"})
        else:
            self._answer(200, [])

    def _answer(self, code: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def address_string(self) -> str:
        return "a unix socket"


class PlayedEngine(ThreadingUnixStreamServer):
    """Answers at a unix socket while the context lasts; ``api`` is the version of its API."""

    daemon_threads = True

    def __init__(self, path: Path, *, api: str) -> None:
        self.api = api
        self.host = f"unix://{path}"
        super().__init__(str(path), _Handler)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()
