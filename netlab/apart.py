"""Calls a function in a process of its own, for what there is no way back from."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from netlab.errors import EnvironmentLacks, LabError

#: Seconds.
_WITHIN = 20.0


def call(task: Callable[[], Any]) -> Any:
    """What ``task`` returns, as JSON carries it.

    Its OSError and EnvironmentLacks are raised here; LabError when it gives no answer.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(task, writing)
    os.close(writing)
    try:
        answer = _read_all(reading)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)  # it has answered, or never will
        os.waitpid(child, 0)
    if not answer:
        raise LabError("a helper process ended without an answer")
    return _unpack(json.loads(answer))


def _answer(task: Callable[[], Any], writing: int) -> NoReturn:
    try:
        answer = _try(task)
        with os.fdopen(writing, "w") as stream:
            json.dump(answer, stream)
    except BaseException:  # noqa: BLE001 - nothing may return into the parent's code
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(0)


def _try(task: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"result": task()}
    except OSError as error:
        return {"os": [error.errno, error.strerror, error.filename and str(error.filename)]}
    except EnvironmentLacks as error:
        return {"lacks": [error.message, error.hint]}


def _read_all(reading: int) -> bytes:
    """Up to the end, or what has come when time is up."""
    chunks: list[bytes] = []
    while select.select([reading], [], [], _WITHIN)[0]:
        chunk = os.read(reading, 65_536)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
    return b""


def _unpack(answer: dict[str, Any]) -> Any:
    match answer:
        case {"os": error}:
            raise OSError(*error)
        case {"lacks": [message, hint]}:
            raise EnvironmentLacks(message, hint=hint)
    return answer["result"]
