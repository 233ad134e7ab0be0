"""Files, folders and environment that one node has and this machine has not.

All is mounted in the node's own mount namespace: nothing is written to this machine's file
systems, and what the node changes in a file of its own is gone with it. Standard library only.
"""

from __future__ import annotations

import base64
import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlab import linux

if TYPE_CHECKING:
    from netlab.topology.plan import Node

Message = dict[str, Any]

#: Path, bytes and mode.
Text = tuple[str, bytes, int]

#: A folder that every machine has; what it holds is hidden for a moment, from this node only.
_ANY_FOLDER = "/tmp"  # noqa: S108 - a mount point, not a place for files

#: Each entry of a folder that a file is added to is mounted, which takes about 10 us.
_MOST_ENTRIES = 4000


def equipment_request(nodes: Sequence[Node]) -> Message:
    """What ``nodes`` have, as JSON carries it; a content that several have is there once."""
    contents: dict[bytes, int] = {}
    own: Message = {}
    for node in nodes:
        if node.env or node.binds or node.files:
            own[node.name] = {
                "env": dict(node.env),
                "binds": [[each.source, each.target, each.read_only] for each in node.binds],
                "files": [
                    [each.path, contents.setdefault(each.content, len(contents)), each.mode]
                    for each in node.files
                ],
            }
    return {"nodes": own, "contents": [base64.b64encode(each).decode() for each in contents]}


@dataclass(frozen=True, slots=True)
class Equipment:
    """What one node has; ``binds`` are source, target and whether they are read only."""

    env: dict[str, str]
    binds: list[tuple[str, str, bool]]
    files: list[Text]

    def put(self) -> None:
        """Let this process, and all that it starts, see it; OSError, in words, when it cannot be.

        To be called in the node's mount namespace.
        """
        os.environ.update(self.env)
        folders = _Folders()
        for source, target, read_only in self.binds:
            with _about(f"{source} cannot be bound to {target}"):
                _bind(source, folders.place(target, folder=os.path.isdir(source)), read_only)  # noqa: PTH112 - as it was asked for
        covered = []
        for path, content, mode in self.files:
            with _about(f"the file {path} cannot be put there"):
                place = os.path.realpath(path)
                if os.path.lexists(place):
                    covered.append((place, content, mode))
                else:
                    _write(folders.place(place, folder=False), content, mode)
        if covered:
            with _about("files cannot be put there"):
                cover(covered)


def of_node(name: str, request: Message) -> Equipment:
    """From what ``equipment_request`` gave."""
    own = request["nodes"].get(name)
    if own is None:
        return Equipment({}, [], [])
    contents = request["contents"]
    files = [(path, base64.b64decode(contents[which]), mode) for path, which, mode in own["files"]]
    return Equipment(own["env"], [tuple(each) for each in own["binds"]], files)


def cover(texts: Iterable[Text]) -> None:
    """Put texts in the place of files that exist, for this mount namespace only.

    The texts live on a memory file system that no path leads to any more once they are bound.
    """
    with ExitStack() as stack:
        targets = [
            (_opened(path, stack), content, mode) for path, content, mode in _files_only(texts)
        ]
        linux.mount("netlab", _ANY_FOLDER, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
        try:
            for number, (target, content, mode) in enumerate(targets):
                source = f"{_ANY_FOLDER}/{number}"
                _write(source, content, mode)
                linux.mount(source, target, None, linux.MS_BIND)
        finally:
            linux.unmount(_ANY_FOLDER)


def _files_only(texts: Iterable[Text]) -> Iterator[Text]:
    for path, content, mode in texts:
        if os.path.isdir(path):  # noqa: PTH112 - a path from a message
            raise IsADirectoryError(errno.EISDIR, f"{path} is a folder here")
        yield path, content, mode


def _opened(path: str, stack: ExitStack) -> str:
    """Another name of ``path`` that leads there whatever is mounted above it later."""
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    stack.callback(os.close, descriptor)
    return f"/proc/self/fd/{descriptor}"


def _bind(source: str, target: str, read_only: bool) -> None:
    linux.mount(source, target, None, linux.MS_BIND | linux.MS_REC)
    if read_only:
        linux.make_read_only(target)


def _write(path: str, content: bytes, mode: int) -> None:
    Path(path).write_bytes(content)
    os.chmod(path, mode)  # noqa: PTH101 - a path from a message


@contextmanager
def _about(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in {errno.EACCES, errno.EPERM}:
            why += "; a lab has the rights of the user who started it, and of root's labs nobody's"
        raise OSError(error.errno, f"{what}: {why}") from error


class _Folders:
    """Folders of this machine in which the node has entries besides those that are there.

    Such a folder is a memory file system on which each entry of the real one is mounted.
    """

    def __init__(self) -> None:
        self._own: set[int] = set()  # devices of these file systems

    def place(self, path: str, *, folder: bool) -> str:
        """The real path of ``path``, where there is now an empty file or folder if none was."""
        place = Path(os.path.realpath(path))
        if not os.path.lexists(place):
            self._make_room(place)
            place.parent.mkdir(parents=True, exist_ok=True)
            if folder:
                place.mkdir()
            else:
                place.touch()
        return str(place)

    def _make_room(self, place: Path) -> None:
        """From now on the nearest folder above ``place`` can have new entries."""
        nearest = next(each for each in place.parents if os.path.lexists(each))
        status = nearest.stat()
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, f"{nearest} is no folder")
        if status.st_dev in self._own:
            return
        is_root = nearest == Path("/")
        base = os.path.realpath(_ANY_FOLDER) if is_root else str(nearest)
        with ExitStack() as stack:
            entries = _entries(nearest, stack)
            options = f"mode={stat.S_IMODE(status.st_mode):o}"
            linux.mount("netlab", base, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)
            for name, entry in entries:
                _mirror(entry, Path(base, name))
        if is_root:
            linux.unmount(f"{base}{base}")  # the new root was copied too, with what it covers
            linux.change_root(base)
        self._own.add(nearest.stat().st_dev)


def _entries(folder: Path, stack: ExitStack) -> list[tuple[str, int]]:
    """Names and descriptors; none of a folder that the node could not see into anyway."""
    if not os.access(folder, os.X_OK):
        return []
    names = os.listdir(folder)  # noqa: PTH208 - names are wanted
    if len(names) > _MOST_ENTRIES:
        raise OSError(errno.E2BIG, f"{folder} has more than {_MOST_ENTRIES} entries")
    found = []
    for name in names:
        try:
            descriptor = os.open(folder / name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # it has just been removed
        stack.callback(os.close, descriptor)
        found.append((name, descriptor))
    return found


def _mirror(entry: int, target: Path) -> None:
    """Let ``target``, which does not exist, be what ``entry`` is open on."""
    kind = os.fstat(entry).st_mode
    if stat.S_ISLNK(kind):
        target.symlink_to(os.readlink("", dir_fd=entry))
        return
    if stat.S_ISDIR(kind):
        target.mkdir()
    else:
        target.touch()
    linux.mount(f"/proc/self/fd/{entry}", str(target), None, linux.MS_BIND | linux.MS_REC)
