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
    path, name = Path(file), file.removesuffix(".yaml")
    if _is_there(path) and not path.is_dir():
        return path
    if name in names():
        return folder() / f"{name}.yaml"
    if file and _is_there(path):
        raise UsageError(f"{file} is a folder, not a topology file")
    raise UsageError(
        f"there is no file {file}, nor a shipped lab of that name",
        hint=did_you_mean(file, names()) or f"shipped: {', '.join(names())}",
    )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # no file can have such a name
        return False
