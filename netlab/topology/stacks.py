"""Whose TCP/IP a node speaks."""

from __future__ import annotations

from enum import StrEnum


class Stack(StrEnum):
    """``user``: netlab's own, in the node's agent; its kernel is silent."""

    KERNEL = "kernel"
    USER = "user"
