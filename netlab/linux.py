"""The few Linux calls that Python 3.11 lacks: namespaces, mounts, timers, turns."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import time
from collections.abc import Iterator

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x2, 0x4, 0x8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x4_0000
MNT_DETACH = 0x2

#: mount_setattr(2), which has the same number on all machines.
_MOUNT_SETATTR = 442
_AT_RECURSIVE, _MOUNT_ATTR_RDONLY = 0x8000, 0x1

#: struct mount_attr: what to set, what to clear, propagation, user namespace.
_MOUNT_ATTR = struct.Struct("QQQQ")

CAP_NET_BIND_SERVICE = 10
_CAPABILITY_VERSION_3 = 0x2008_0522

_TFD_NONBLOCK_CLOEXEC, _TFD_TIMER_ABSTIME = os.O_NONBLOCK | os.O_CLOEXEC, 1

#: struct itimerspec: interval, then first expiry, each in seconds and nanoseconds.
_ITIMERSPEC = struct.Struct("qqqq")

#: sched_setattr(2), which libc does not know.
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274, "riscv64": 274}

#: struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period.
_SCHED_ATTR = struct.Struct("IIQiIQQQ")
_SHORTEST_TURN = 100_000

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_MOST_CAPABILITIES = 64

_PTRACE_SEIZE, _PTRACE_O_EXITKILL = 0x4206, 0x10_0000

#: mallopt(3).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT, _LARGEST_KEPT = 64 << 20, 4 << 20

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, call: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    _check(_libc.setns(descriptor, kind), "setns")


def enter_network(pid: int) -> None:
    """Move the calling thread into the network namespace of process ``pid``."""
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        setns(descriptor, CLONE_NEWNET)
    finally:
        os.close(descriptor)


def mount(source: str, target: str, kind: str | None, flags: int = 0, options: str = "") -> None:
    _check(
        _libc.mount(
            source.encode(),
            target.encode(),
            kind.encode() if kind else None,
            ctypes.c_ulong(flags),
            options.encode() or None,
        ),
        f"mount {target}",
    )


def unmount(target: str) -> None:
    """Detach ``target``; what still uses it keeps it."""
    _check(_libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def make_read_only(target: str) -> None:
    """The mount at ``target`` and those below it; OSError (ENOSYS) before Linux 5.12."""
    attributes = _MOUNT_ATTR.pack(_MOUNT_ATTR_RDONLY, 0, 0, 0)
    done = _libc.syscall(
        _MOUNT_SETATTR,
        ctypes.c_long(-1),
        target.encode(),
        ctypes.c_long(_AT_RECURSIVE),
        attributes,
        ctypes.c_long(len(attributes)),
    )
    _check(done, f"mount_setattr {target}")


def change_root(folder: str) -> None:
    """Make the mount ``folder`` the root of this mount namespace; the old one is gone."""
    os.chdir(folder)
    _check(_libc.pivot_root(b".", b"."), "pivot_root")
    unmount(".")  # pivot_root(2): the old root lies on the new one
    os.chdir("/")


def setsockopt(descriptor: int, level: int, option: int, value: bytes) -> None:
    """As socket.setsockopt, but other threads run while the kernel takes its time."""
    _check(_libc.setsockopt(descriptor, level, option, value, len(value)), "setsockopt")


def make_timer() -> int:
    """A descriptor that becomes readable when its time comes; see ``set_timer``."""
    descriptor = _libc.timerfd_create(time.CLOCK_MONOTONIC, _TFD_NONBLOCK_CLOEXEC)
    _check(descriptor, "timerfd_create")
    return int(descriptor)


def set_timer(descriptor: int, at: int) -> None:
    """``at`` is in ns of time.monotonic_ns(); what was set before holds no longer."""
    expiry = _ITIMERSPEC.pack(0, 0, *divmod(max(at, 1), 1_000_000_000))
    _check(_libc.timerfd_settime(descriptor, _TFD_TIMER_ABSTIME, expiry, None), "timerfd_settime")


def take_short_turns() -> None:
    """Ask the scheduler for short turns of the processor, which come the sooner.

    Needs no privilege: the share stays the same. Kernels before 6.12 ignore it.
    """
    if (number := _SCHED_SETATTR.get(platform.machine())) is not None:
        attributes = _SCHED_ATTR.pack(_SCHED_ATTR.size, 0, 0, 0, 0, _SHORTEST_TURN, 0, 0)
        _check(_libc.syscall(number, 0, attributes, 0), "sched_setattr")


def keep_freed_memory() -> None:
    """Let this process keep what it has freed, up to 64 MiB, instead of faulting it in again.

    A C library other than glibc has its own ways.
    """
    with contextlib.suppress(AttributeError):
        _libc.mallopt(_M_TRIM_THRESHOLD, _KEPT)
        _libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT)


def limit_processes(most: int) -> None:
    """Let this process and its children start no more while the user of its namespace has ``most``.

    A limit that is lower already stays.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))


def signal_name(number: int) -> str:
    """``SIGKILL``; a real-time signal between the two that have names is ``SIGRTMIN+3``."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"


def die_with_parent(parent: int) -> None:
    """Be killed when ``parent``, this process's parent, ends; at once if it has ended already."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    if os.getppid() != parent:
        os._exit(1)


def end_with_this_process(pid: int) -> None:
    """Let the kernel kill a process when this one ends, whosever it is (ptrace(2)).

    It needs no CAP_KILL, which is for all of a machine's processes, but CAP_SYS_PTRACE.
    """
    options = ctypes.c_void_p(_PTRACE_O_EXITKILL)
    _check(_libc.ptrace(_PTRACE_SEIZE, pid, None, options), "ptrace")


def allow_inspection() -> None:
    """Let the lab's owner open this process's namespaces.

    A change of user makes a process undumpable, and /proc then hides it from its own user.
    """
    _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def raise_descriptor_limit() -> None:
    """Let this process and its children have as many descriptors as it may ask for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.contextmanager
def without_capability(number: int) -> Iterator[None]:
    """The calling thread does without a capability that it is permitted (capabilities(7))."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    before = ctypes.create_string_buffer(24)
    _check(_libc.capget(header, before), "capget")
    # Two sets of effective, permitted, inheritable: for capabilities 0 to 31, and 32 to 63.
    sets = list(struct.unpack("=6I", before.raw))
    sets[number // 32 * 3] &= ~(1 << number % 32)
    _check(_libc.capset(header, struct.pack("=6I", *sets)), "capset")
    try:
        yield
    finally:
        _check(_libc.capset(header, before.raw), "capset")


def drop_capabilities() -> None:
    """Give up all privileges of this process and of the programs that it becomes.

    An empty bounding set keeps even user id 0 from getting any back at execve(2).
    """
    for capability in range(_MOST_CAPABILITIES):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # the kernel may know fewer
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, nothing), "capset")
