"""A Docker Engine, local or remote: what netlab asks of it, and what its refusals mean.

The docker SDK is imported here only, when an engine is first needed: it is slow to load.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from netlab.backends.docker import connecting, containers, images
from netlab.backends.docker.archive import packed
from netlab.backends.docker.containers import LABEL, Image
from netlab.backends.docker.streams import Connection, Socket
from netlab.errors import EnvironmentLacks, LabError, NetlabError, NodeError, UsageError

if TYPE_CHECKING:
    from netlab.topology.plan import Node

#: Seconds that removed containers may take to be gone.
_GONE_WITHIN = 30.0

#: Requests to an engine at the same time: it serves some containers together, but not all.
AT_ONCE = 8

#: Of a build that failed.
_LAST_LINES = 12

#: Seconds until an ended program's exit code is known, at most.
_KNOWN_WITHIN, _PAUSE = 5.0, 0.01

#: Keys that would leave a program alone; the engine's own choice begins with ctrl-p.
_NEVER_TYPED = ",".join(["ctrl-^"] * 8)


@dataclass(frozen=True, slots=True)
class Happened:
    """A node's container, or the fabric's (``node`` empty), has ended: ``how``, in words.

    Or only a process of it was killed, since the node is ``out_of_memory``.
    """

    node: str
    container: str
    out_of_memory: bool
    how: str


@dataclass(frozen=True, slots=True)
class Started:
    """A node's container: the engine's id of it, and its first pid there; 0 when it has ended.

    ``printed`` is what its main program prints from its start on, for those who asked for it.
    """

    container: str
    pid: int
    printed: Connection | None = None


class Engine:
    """All calls block; they may be made from several threads at once."""

    def __init__(self, client: Any) -> None:
        self._api = client.api

    @classmethod
    def connect(cls) -> Engine:
        """The engine of DOCKER_HOST, else of the current docker context, else this machine's.

        EnvironmentLacks, with the fix, when none answers.
        """
        return cls(connecting.client())

    def close(self) -> None:
        """Let go of the connections to it."""
        self._api.close()

    def image(self, name: str) -> Image:
        """What the engine has under this name; EnvironmentLacks when it has nothing."""
        with self._in_words(f"look for the image {name}"):
            try:
                found = self._api.inspect_image(name)
            except _errors().ImageNotFound:
                raise _missing(name) from None
        labels = found["Config"].get("Labels") or {}
        return replace(containers.image_of(name, labels), outdated=images.is_outdated(labels))

    def start_attached(self, name: str, body: dict[str, Any]) -> Connection:
        """Make a container, attach to its streams, and start it."""
        with self._in_words(f"start {name}"):
            made = self._api.create_container_from_config(body, name)["Id"]
            streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            connection = Socket(self._api.attach_socket(made, streams))
            self._api.start(made)
        return connection

    def start(
        self, name: str, body: dict[str, Any], node: Node, *, attached: bool = False
    ) -> Started:
        """Make and start a node's container; ``attached`` to what its main program prints."""
        printed = None
        with self._in_words("start its container", where=node.name):
            made = self._api.create_container_from_config(body, name)["Id"]
            if node.files:
                files = [(each.path.lstrip("/"), each.content, each.mode) for each in node.files]
                self._api.put_archive(made, "/", packed(files))
            if attached:
                streams = {"stdout": 1, "stderr": 1, "stream": 1}
                printed = Socket(self._api.attach_socket(made, streams))
            self._api.start(made)
            return Started(made, self._first_pid(made), printed)

    def _first_pid(self, container: str) -> int:
        """0 of one that has ended, and may be removed already."""
        with contextlib.suppress(_errors().NotFound):
            return int(self._api.inspect_container(container)["State"]["Pid"])
        return 0

    def act(self, what: str, container: str, node: str) -> None:
        """``pause``, ``unpause`` or ``remove`` the container of a node."""
        with self._in_words(f"{what} its container", where=node):
            if what == "remove":
                self._remove(container)
            else:
                getattr(self._api, what)(container)

    def run_in(
        self,
        container: str,
        node: str,
        argv: Sequence[str],
        *,
        environment: dict[str, str],
        folder: str,
    ) -> tuple[int, str]:
        """Run a program in a node's container to its end: its exit code, and what it printed."""
        with self._in_words("run a program in it", where=node):
            made = self._api.exec_create(
                container, list(argv), environment=environment, workdir=folder or None
            )["Id"]
            output: bytes = self._api.exec_start(made)
            code: int = self._api.exec_inspect(made)["ExitCode"]
        return code, output.decode(errors="replace")

    def watch(self, run: str, told: Callable[[Happened], None]) -> Callable[[], None]:
        """Tell of every container of a run that ends, or that is out of memory.

        It is told in a thread of its own, until what this returns is called.
        """
        wanted = {"label": f"{LABEL}.run={run}", "type": "container", "event": ["oom", "die"]}
        events = self._api.events(filters=wanted, decode=True)

        def listen() -> None:
            starved = set()
            with contextlib.suppress(Exception):  # the stream was closed, here or by the engine
                for event in events:
                    attributes, container = event["Actor"]["Attributes"], event["Actor"]["ID"]
                    node = attributes.get(f"{LABEL}.node", "")
                    if event["Action"] == "oom":
                        starved.add(container)
                        told(Happened(node, container, out_of_memory=True, how=""))
                    else:
                        code = int(attributes.get("exitCode", 0))
                        state = {"OOMKilled": container in starved, "ExitCode": code}
                        told(Happened(node, container, out_of_memory=False, how=_ended(state)))

        threading.Thread(target=listen, daemon=True).start()
        return lambda: _close(events)

    def execute(
        self, container: str, argv: Sequence[str], node: str, *, terminal: bool
    ) -> tuple[str, Connection]:
        """Start a program in a node's container; the engine's id of it, and its streams."""
        environment = {"TERM": os.environ.get("TERM", "xterm")} if terminal else {}
        with self._in_words("run a program in it", where=node):
            try:
                made = self._api.exec_create(
                    container,
                    list(argv),
                    stdin=True,
                    tty=terminal,
                    environment=environment,
                    detach_keys=_NEVER_TYPED,
                )["Id"]
                raw = self._api.exec_start(made, tty=terminal, socket=True)
            except _errors().NotFound:
                raise UsageError("the node has just ended", where=node) from None
        return made, Socket(raw)

    def resize(self, execution: str, rows: int, columns: int) -> None:
        """Give the terminal of a program that runs a size; LabError when it does not run."""
        with self._in_words("resize a terminal"):
            self._api.exec_resize(execution, rows, columns)

    def exit_code(self, execution: str, node: str) -> int:
        """The exit code of a program whose streams have ended."""
        deadline = time.monotonic() + _KNOWN_WITHIN
        with self._in_words("tell how a program ended", where=node):
            while time.monotonic() < deadline:
                try:
                    code = self._api.exec_inspect(execution)["ExitCode"]
                except _errors().NotFound:
                    break
                if code is not None:
                    return int(code)
                time.sleep(_PAUSE)
        raise NodeError("it ended while the program ran", where=node)

    def build(
        self, name: str, context: bytes, arguments: dict[str, str], said: Callable[[str], None]
    ) -> None:
        """Build an image from a tar file; ``said`` gets each line of what the build prints."""
        last: list[str] = []
        with self._in_words(f"build {name}"):
            for told in self._api.build(
                fileobj=io.BytesIO(context),
                custom_context=True,
                tag=name,
                buildargs=arguments,
                network_mode="host",
                rm=True,
                forcerm=True,
                decode=True,
            ):
                if "error" in told:
                    raise _not_built(name, told["error"].strip(), last)
                for line in told.get("stream", "").splitlines():
                    if line.strip():
                        last.append(line)
                        said(line)

    def images(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What the engine knows of those of ``names`` that it has."""
        known = {}
        for name in names:
            with self._in_words(f"look for {name}"), contextlib.suppress(_errors().ImageNotFound):
                known[name] = self._api.inspect_image(name)
        return known

    def run_containers(self, run: str) -> list[str]:
        """The ids of all containers of a run."""
        found = self._api.containers(all=True, filters={"label": f"{LABEL}.run={run}"})
        return [each["Id"] for each in found]

    def all_of_netlab(self) -> list[dict[str, Any]]:
        """What the engine lists of containers that netlab has made, for whomever."""
        with self._in_words("list containers"):
            listed = self._api.containers(all=True, filters={"label": f"{LABEL}.run"})
        return list(listed)

    def now(self) -> float:
        """The time at the engine, in seconds since 1970."""
        with self._in_words("tell the time"):
            told = self._api.info()["SystemTime"]
        return datetime.fromisoformat(told).timestamp()

    def remove_run(self, run: str) -> None:
        """Remove all containers of a run, and wait until they are gone."""
        deadline = time.monotonic() + _GONE_WITHIN
        with self._in_words("remove the lab's containers"), ThreadPoolExecutor(AT_ONCE) as threads:
            while left := self.run_containers(run):
                list(threads.map(self._remove, left))
                if time.monotonic() > deadline:
                    raise LabError(
                        f"the engine does not remove {len(left)} containers", hint="netlab gc"
                    )

    @contextlib.contextmanager
    def _in_words(self, doing: str, *, where: str = "") -> Iterator[None]:
        """What the engine refuses, or why it does not answer any more, is told in words."""
        try:
            yield
        except _errors().APIError as error:
            raise _refusal(str(error.explanation or error), doing, where) from error
        except OSError as error:  # the SDK's errors of connections are such, too
            reason = connecting.unreachable(str(error), connecting.place())
            raise EnvironmentLacks(
                f"{reason.message}: it could not {doing}", where=where, hint=reason.hint
            ) from error

    def _remove(self, container: str) -> None:
        """One that is being removed already, or is gone, is no error."""
        with contextlib.suppress(_errors().NotFound):
            try:
                self._api.remove_container(container, force=True, v=True)
            except _errors().APIError as error:
                # An engine that finds it ended, when it has gone to kill it, says so with a 500.
                if error.status_code != 409 and "is not running" not in str(error.explanation):
                    raise
                with contextlib.suppress(_errors().NotFound):
                    self._api.wait(container, condition="removed", timeout=_GONE_WITHIN)


def _close(events: Any) -> None:
    with contextlib.suppress(Exception):  # it may be closed already
        events.close()


def _errors() -> Any:
    import docker.errors  # noqa: PLC0415 - loaded with the first connection

    return docker.errors


def _refusal(said: str, doing: str, where: str) -> NetlabError:
    if "No such image" in said:
        return _missing(said.rpartition("No such image: ")[2])
    if "no space left" in said:
        return _full(doing, where=where)
    hint = "the image has no program of its own: give the node a `command`"
    return LabError(
        f"the engine could not {doing}: {said}",
        where=where,
        hint=hint if "No command specified" in said else "",
    )


def _missing(name: str) -> EnvironmentLacks:
    hint = "netlab images build" if name.startswith("netlab/") else f"docker pull {name}"
    return EnvironmentLacks(f"the engine has no image {name}", hint=hint)


def _not_built(name: str, error: str, last: Sequence[str]) -> NetlabError:
    """Why a build ended, from the engine's error and the lines it printed before it."""
    if "no space left" in error:
        return _full(f"build {name}")
    if last and " FROM " in last[-1]:
        return EnvironmentLacks(
            f"{name} could not be built: the engine cannot fetch its base image: {error}",
            hint="where no registry is reached: scripts/base-image,"
            " then netlab images build --base netlab/base",
        )
    return LabError(
        f"{name} could not be built: {error}",
        hint="\n  ".join(["the build said last:", *last[-_LAST_LINES:]]),
    )


def _full(doing: str, *, where: str = "") -> EnvironmentLacks:
    return EnvironmentLacks(
        f"the engine's disk is full: it could not {doing}",
        where=where,
        hint="free some space on it: docker system prune",
    )


def _ended(state: dict[str, Any]) -> str:
    if state.get("OOMKilled"):
        return "was killed: it took more memory than it may have"
    said = f": {state['Error']}" if state.get("Error") else ""
    return f"exited with {state['ExitCode']}{said}"
