"""Becoming the owner of a new user namespace, with power in it and none outside.

An unprivileged user becomes root of a namespace in which only that user exists. Root gives the
power away first: the lab's root is a user id that nobody on the host has, so that a lab started
with sudo can harm no more than any other lab.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from netlab import linux, processes
from netlab.errors import EnvironmentLacks

#: Where root's labs live: 65,536 user ids far above those that distributions hand out.
FIRST_UNOWNED_ID = 2_000_000_000
ID_COUNT = 65_536

_APPARMOR = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
_MAXIMUM = "/proc/sys/user/max_user_namespaces"
_DEBIAN = "/proc/sys/kernel/unprivileged_userns_clone"


def enter(flags: int) -> None:
    """Unshare a user namespace and ``flags``, and be root in it.

    EnvironmentLacks with cause and fix when the kernel refuses.
    """
    if os.geteuid() == 0:
        _enter_as_root(flags)
    else:
        _enter_as_user(flags)
    linux.allow_inspection()


def _unshare(flags: int) -> None:
    try:
        linux.unshare(linux.CLONE_NEWUSER | flags)
    except OSError as error:
        raise refusal(error) from error


def _enter_as_user(flags: int) -> None:
    user, group = os.geteuid(), os.getegid()
    _unshare(flags)
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    except OSError as error:
        raise refusal(error) from error


def _enter_as_root(flags: int) -> None:
    """A helper that stayed outside writes the maps: only it has the right to these ids."""
    ready_read, ready_write = os.pipe()
    mapper = processes.fork()
    if mapper == 0:
        os.close(ready_write)
        os._exit(_map_parent(ready_read))
    os.close(ready_read)
    try:
        _unshare(flags)
        os.write(ready_write, b"+")
    finally:
        os.close(ready_write)
        _, status = os.waitpid(mapper, 0)
    if status:
        raise EnvironmentLacks(
            "the kernel let root make a user namespace but not map user ids into it",
            hint="this container lacks CAP_SETUID or CAP_SYS_ADMIN; run as an ordinary user",
        )
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _map_parent(ready: int) -> int:
    if os.read(ready, 1) != b"+":
        return 0
    try:
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{os.getppid()}/{kind}").write_text(f"0 {FIRST_UNOWNED_ID} {ID_COUNT}")
    except OSError:
        return 1
    return 0


def refusal(error: OSError) -> EnvironmentLacks:
    """Why this kernel refuses user namespaces, and what to do about it, in words."""
    if _reads(_APPARMOR, "1"):
        return EnvironmentLacks(
            "AppArmor on this machine forbids unprivileged user namespaces",
            hint="allow them: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
            " - or run netlab as root",
        )
    if _reads(_MAXIMUM, "0"):
        return EnvironmentLacks(
            "this machine allows no user namespaces: user.max_user_namespaces is 0",
            hint="allow them: sudo sysctl -w user.max_user_namespaces=15000",
        )
    if _reads(_DEBIAN, "0"):
        return EnvironmentLacks(
            "this machine allows user namespaces for root only",
            hint="allow them: sudo sysctl -w kernel.unprivileged_userns_clone=1"
            " - or run netlab as root",
        )
    if error.errno == errno.ENOSPC:
        return EnvironmentLacks(
            "no user namespace is left on this machine, or they are nested too deep",
            hint="raise user.max_user_namespaces, or end what uses them",
        )
    return EnvironmentLacks(
        f"the kernel refuses a user namespace: {error.strerror}",
        hint="inside a container, allow unshare in its seccomp profile;"
        " `netlab doctor` shows what this machine has",
    )


def _reads(path: str, value: str) -> bool:
    try:
        return Path(path).read_text().strip() == value
    except OSError:
        return False
