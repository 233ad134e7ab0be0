"""Starts netlab's own helper processes in a bare interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

#: None of these processes speaks TLS: asyncio then does without it, and no fork copies OpenSSL.
_PROGRAM = (
    "import sys; sys.modules['ssl'] = None; sys.path.insert(0, {root!r});"
    " from {module} import main; main({arguments})"
)

_ROOT = str(Path(__file__).resolve().parent.parent)


def interpreter(module: str, *descriptors: int) -> list[str]:
    """The command that calls ``main(*descriptors)`` of ``module``.

    With -I and -S, neither the user's environment nor site-packages can change what it imports,
    and it starts in half the time; the standard library and netlab itself are all there is.
    """
    program = _PROGRAM.format(root=_ROOT, module=module, arguments=", ".join(map(str, descriptors)))
    return [sys.executable, "-I", "-S", "-c", program]
