"""Endpoints of our stack as events write them."""

from __future__ import annotations

from netlab.stack.api.endpoints import Endpoint
from netlab.wire.address import from_text, socket_endpoint


def name(endpoint: Endpoint) -> str:
    return socket_endpoint(from_text(endpoint[0]), endpoint[1])
