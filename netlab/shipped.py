"""The labs that come with netlab."""

from __future__ import annotations

from pathlib import Path

from netlab.errors import UsageError
from netlab.words import did_you_mean

_PACKAGE = Path(__file__).resolve().parent

#: Inside an installed package, and beside it in a checkout.
_PLACES = (_PACKAGE / "topologies", _PACKAGE.parent / "topologies")


def folder() -> Path:
    return next(place for place in _PLACES if place.is_dir())


def names() -> list[str]:
    """Such as ``tcp/observed``, in order."""
    root = folder()
    return sorted(str(path.relative_to(root).with_suffix("")) for path in root.glob("*/*.yaml"))


def find(file: str) -> Path:
    """The topology file that ``file`` names: a path, or a shipped lab; UsageError for neither."""
    path = Path(file)
    if path.exists():
        return path
    shipped = folder() / f"{file.removesuffix('.yaml')}.yaml"
    if not path.is_absolute() and file.removesuffix(".yaml") in names():
        return shipped
    raise UsageError(
        f"there is no file {file}, nor a shipped lab of that name",
        hint=did_you_mean(file, names()) or f"shipped: {', '.join(names())}",
    )
