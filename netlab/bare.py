"""Starts netlab's own helper processes in a bare interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parent.parent)


def interpreter(module: str, *descriptors: int) -> list[str]:
    """The command that calls ``main(*descriptors)`` of ``module``.

    With -I and -S, neither the user's environment nor site-packages can change what it imports,
    and it starts in half the time; the standard library and netlab itself are all there is.
    """
    call = f"main({', '.join(map(str, descriptors))})"
    program = f"import sys; sys.path.insert(0, {_ROOT!r}); from {module} import main; {call}"
    return [sys.executable, "-I", "-S", "-c", program]
