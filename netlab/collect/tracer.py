"""The program that reads the kernel's inet_sock_set_state event, for labs started by root.

It runs on the host, in a mount namespace of its own with tracefs in it, on a trace instance of
its own. The event names no network namespace: only addresses of the lab are passed on, and the
analysis uses only what the lab's own packets confirm.

An instance outlives its maker when that is killed; its name carries the maker's pid and start
time, so that the next tracer, or `netlab gc`, can tell and remove it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from netlab import clock, linux
from netlab.wire.address import endpoint, from_text, to_text, unmapped
from netlab.wire.states import TRACED_TCP_STATES

#: Where tracefs is mounted, in the tracer's own mount namespace only.
_TRACEFS = Path("/sys/kernel")

_PREFIX = "netlab-"
_BUFFER_KB = 512

_STATES = "|".join(TRACED_TCP_STATES)

#: The fields saddrv6 and daddrv6 hold IPv4 addresses too, mapped (RFC 4291 section 2.5.5.2): those
#: of IPv4 sockets, and those of IPv6 sockets with an IPv4 peer.
_LINE = re.compile(
    r"\s(?P<seconds>[0-9]+)\.(?P<fraction>[0-9]{1,9}): inet_sock_set_state: family=AF_INET6?"
    r" protocol=IPPROTO_TCP sport=(?P<sport>[0-9]+) dport=(?P<dport>[0-9]+)"
    r" saddr=\S+ daddr=\S+ saddrv6=(?P<local>[0-9a-f:.]+) daddrv6=(?P<foreign>[0-9a-f:.]+)"
    rf" oldstate=(?P<old>{_STATES}) newstate=(?P<new>{_STATES})\b"
)


def main(orders: int, reports: int) -> None:
    """Trace until ``orders`` is closed; its first line is a JSON list of the lab's addresses.

    The first line of ``reports`` is ``ready``, or why there is no trace; then one event a line.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the orchestrator's to handle
    with os.fdopen(orders, "rb", buffering=0) as stdin, os.fdopen(reports, "w") as stdout:
        addresses = set(json.loads(stdin.readline()))
        try:
            instance = _make_instance()
        except OSError as error:
            place = f": {error.filename}" if error.filename else ""
            print(f"{error.strerror}{place}", file=stdout, flush=True)
            return
        try:
            print("ready", file=stdout, flush=True)
            _pass_on(instance, addresses, stdin.fileno(), stdout)
        finally:
            _remove(instance)


def mount_tracefs() -> Path:
    """Mount tracefs where only this process and its children see it; its ``instances`` folder."""
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tracefs", str(_TRACEFS), "tracefs")
    return _TRACEFS / "instances"


def orphans(instances: Path) -> Iterator[Path]:
    """Trace instances whose maker is gone."""
    for instance in instances.glob(f"{_PREFIX}*"):
        pid, _, started = instance.name.removeprefix(_PREFIX).partition("-")
        if not pid.isdigit() or _start_time(int(pid)) != started:
            yield instance


def remove_orphans(instances: Path) -> list[str]:
    """Their names."""
    removed = []
    for instance in orphans(instances):
        _remove(instance)
        removed.append(instance.name)
    return removed


def _make_instance() -> Path:
    instances = mount_tracefs()
    remove_orphans(instances)
    instance = instances / f"{_PREFIX}{os.getpid()}-{_start_time(os.getpid())}"
    instance.mkdir()
    try:
        (instance / "trace_clock").write_text("mono")
        (instance / "buffer_size_kb").write_text(str(_BUFFER_KB))
        (instance / "events/sock/inet_sock_set_state/enable").write_text("1")
    except OSError:
        _remove(instance)
        raise
    return instance


def _remove(instance: Path) -> None:
    with contextlib.suppress(OSError):
        (instance / "events/enable").write_text("0")
    with contextlib.suppress(OSError):
        instance.rmdir()


def _start_time(pid: int) -> str:
    """In clock ticks since boot: with the pid, it names a process for ever."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def _pass_on(instance: Path, addresses: set[str], orders: int, stdout: Any) -> None:
    """Report events until ``orders`` ends, and then what the kernel still holds."""
    since_1970 = clock.CLOCK.since_1970
    pipe = os.open(instance / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    poller = select.poll()
    poller.register(orders, select.POLLIN | select.POLLHUP)
    poller.register(pipe, select.POLLIN)
    rest = ""
    over = False
    while not over:
        over = any(descriptor == orders for descriptor, _ in poller.poll())
        text = rest + _read_all(pipe)
        complete, _, rest = text.rpartition("\n")
        for event in transitions(complete.splitlines(), addresses, since_1970):
            print(json.dumps(event), file=stdout)
        stdout.flush()
    os.close(pipe)


def _read_all(pipe: int) -> str:
    chunks = []
    with contextlib.suppress(BlockingIOError):
        while chunk := os.read(pipe, 65_536):
            chunks.append(chunk)
    return b"".join(chunks).decode(errors="replace")


def transitions(
    lines: Iterable[str], addresses: set[str], since_1970: int
) -> Iterator[dict[str, Any]]:
    """The `state` events of trace lines; ``since_1970`` is added to their monotonic time, in ns."""
    for line in lines:
        found = _LINE.search(line)
        if found is None:
            continue
        try:
            local = unmapped(from_text(found["local"]))
            foreign = unmapped(from_text(found["foreign"]))
        except ValueError:
            continue  # the kernel cuts lines that do not fit its buffer
        if to_text(local) not in addresses:
            continue
        t = int(found["seconds"]) * 1_000_000_000 + int(found["fraction"].ljust(9, "0"))
        yield {
            "t": t + since_1970,
            "kind": "state",
            "transport": "tcp",
            "local": endpoint(local, int(found["sport"])),
            "foreign": endpoint(foreign, int(found["dport"])),
            "old": TRACED_TCP_STATES[found["old"]],
            "new": TRACED_TCP_STATES[found["new"]],
            "source": "trace",
        }
