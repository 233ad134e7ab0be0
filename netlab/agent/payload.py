"""Bytes to send: those given, or a reproducible stream made from the lab's seed.

The stream is that of SHAKE256, cheap and without a pattern that hides a misplaced byte.
"""

from __future__ import annotations

import hashlib

from netlab.agent.channel import Message


def of(request: Message, offset: int) -> bytes:
    """What a request sends: its text, its hexadecimal digits, or bytes made from the lab's seed.

    These also depend on the connection's name and on ``offset``, the bytes sent on it before.
    """
    if (text := request.get("payload_text")) is not None:
        return bytes(text, "utf-8")
    if (digits := request.get("payload_hex")) is not None:
        return bytes.fromhex(digits)
    return stream(f"{request['seed']}/{request['conn']}/{offset}", request["payload_size"])


def stream(key: str, size: int) -> bytes:
    return hashlib.shake_256(key.encode()).digest(size)
