"""A small FTP server (RFC 959, RFC 2428) that keeps files in memory, on whoever's sockets."""

from __future__ import annotations

import socket
import socketserver


class FtpServer(socketserver.ThreadingTCPServer):
    """``files`` by their names."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], files: dict[str, bytes]) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Session)
        self.files = files


class _Session(socketserver.StreamRequestHandler):
    server: FtpServer

    def handle(self) -> None:
        self._passive: socket.socket | None = None
        self._target: tuple[str, int] | None = None
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb, _, argument = line.partition(" ")
            answer = getattr(self, f"_do_{verb.lower()}", None)
            self._say(answer(argument) if answer else f"502 {verb} is not here")
            if verb == "QUIT":
                return

    def _do_user(self, _name: str) -> str:
        return "331 and the password"

    def _do_pass(self, _password: str) -> str:
        return "230 welcome"

    def _do_type(self, _kind: str) -> str:
        return "200 all is binary"

    def _do_quit(self, _: str) -> str:
        return "221 bye"

    def _do_pasv(self, _: str) -> str:
        host, port = self._listen()
        return f"227 entering passive mode ({host.replace('.', ',')},{port >> 8},{port & 255})"

    def _do_epsv(self, _: str) -> str:
        return f"229 entering extended passive mode (|||{self._listen()[1]}|)"

    def _do_port(self, argument: str) -> str:
        *host, high, low = argument.split(",")
        self._target = ".".join(host), int(high) << 8 | int(low)
        return "200 that way"

    def _do_eprt(self, argument: str) -> str:
        _, _, host, port, _ = argument.split("|")
        self._target = host, int(port)
        return "200 that way"

    def _do_retr(self, name: str) -> str:
        if name not in self.server.files:
            return f"550 there is no {name}"
        with self._transfer() as data:
            data.sendall(self.server.files[name])
        return "226 sent"

    def _do_stor(self, name: str) -> str:
        parts = []
        with self._transfer() as data:
            while part := data.recv(8192):
                parts.append(part)
        self.server.files[name] = b"".join(parts)
        return "226 kept"

    def _listen(self) -> tuple[str, int]:
        host: str = self.connection.getsockname()[0]
        self._passive = socket.create_server((host, 0), family=self.server.address_family)
        port: int = self._passive.getsockname()[1]
        return host, port

    def _transfer(self) -> socket.socket:
        self._say("150 here it comes")
        if self._target is not None:
            target, self._target = self._target, None
            return socket.create_connection(target)
        assert self._passive is not None
        with self._passive as listener:
            made, _ = listener.accept()
        return made

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
