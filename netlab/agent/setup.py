"""An agent's first minutes: its node's network is set up before anything else runs.

Plain blocking code: a thousand agents start at once, and an event loop each would cost more than
all they do here.
"""

from __future__ import annotations

import json
import socket
from typing import Any

from netlab.agent.channel import Message
from netlab.agent.network import Network
from netlab.fabric.configuration import Configuration


class Setup:
    """Obeys `prepare` and `configure`."""

    def __init__(self, endpoint: socket.socket, network: Network) -> None:
        self._endpoint = endpoint
        self._network = network

    def run(self) -> bytes:
        """Until another request comes; what was received and not obeyed, b"" at the end."""
        received = b""
        while chunk := self._endpoint.recv(65_536):
            received += chunk
            while b"\n" in received:
                line, _, rest = received.partition(b"\n")
                answer = self._obey(json.loads(line))
                if answer is None:
                    return received
                self._send(answer)
                received = rest
        return b""

    def _obey(self, request: Message) -> Message | None:
        match request["do"]:
            case "prepare":
                configuration = Configuration.from_json(request["configuration"])
                outcome: Message = {
                    "problems": self._network.prepare(configuration),
                    "congestion": self._network.set_congestion_control(),
                }
            case "configure":
                outcome = {"problems": self._network.apply()}
                if not outcome["problems"]:
                    self._send({"event": {"kind": "node", "status": "ready"}})
            case _:
                return None
        return {"id": request["id"], "ok": True, **outcome}

    def _send(self, message: dict[str, Any]) -> None:
        self._endpoint.sendall(json.dumps(message).encode() + b"\n")
