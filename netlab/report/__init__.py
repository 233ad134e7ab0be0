"""The report of a run: one HTML file, its twin as text, JSON, and JUnit XML."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from netlab.report.run import Run

#: What a report consists of.
FILES = ("report.html", "report.txt", "report.json", "junit.xml")


def write(folder: Path, run: Run) -> None:
    """Write all forms into ``folder``, each whole or not at all; OSError when that fails.

    The same run over the same files gives the same bytes.
    """
    # Only here: Jinja2 takes longer to import than the terminal's ladder takes to draw.
    from netlab.report import html, json_form, junit, text  # noqa: PLC0415 - see above

    beside = {name: folder / name for name in run.files if name not in FILES}
    sizes = {name: path.stat().st_size for name, path in beside.items() if path.is_file()}
    forms = (html.render(run, sizes), text.render(run), json_form.render(run), junit.render(run))
    for name, form in zip(FILES, forms, strict=True):
        _replace(folder / name, form)


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        # A lone surrogate, which JSON can carry in, has no UTF-8 form.
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise
