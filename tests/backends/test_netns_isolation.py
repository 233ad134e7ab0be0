"""Real labs: what a node cannot see or do."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from netlab.testing import plans
from netlab.testing.labs import RunningLab, in_lab

pytestmark = pytest.mark.lab

#: Tries what its arguments name; prints how each ended.
ATTEMPTS = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def called(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
root_file, host_pid = sys.argv[1:]
def write(path, text=""):
    with open(path, "w") as stream:
        stream.write(text)
attempts = {
    "set a kernel setting": lambda: write("/proc/sys/kernel/printk", "1 1 1 1"),
    "set another": lambda: write("/proc/sys/vm/swappiness", "1"),
    "ask for a reboot": lambda: write("/proc/sysrq-trigger", "h"),
    "write a file of root": lambda: write(root_file, "mine"),
    "read a file of root": lambda: open(root_file).read(),
    "own a file of root": lambda: os.chown(root_file, 0, 0),
    "make a file beside it": lambda: write(root_file + ".new"),
    "kill a process of the host": lambda: os.kill(int(host_pid), 0),
    "see a process of the host": lambda: os.stat(f"/proc/{host_pid}"),
    "make a device": lambda: os.mknod("/tmp/netlab-device", 0o20600, os.makedev(1, 1)),
    "mount a disk": lambda: called(libc.mount(b"/dev/vda", b"/mnt", b"ext4", 0, None)),
    "set the clock": lambda: __import__("time").clock_settime(0, 1),
    "raise its priority": lambda: os.nice(-10),
    "load a kernel module": lambda: called(libc.syscall(175, b"", 0, b"")),
    "read another's memory": lambda: open(f"/proc/{host_pid}/mem").read(1),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print("DONE", name)
    except OSError as error:
        print("refused", name, error.errno)
"""


def test_a_node_sees_its_own_processes_only():
    async def story(lab: RunningLab) -> str:
        return await lab.run("c1", "sh", "-c", "echo /proc/[0-9]*")

    seen = {int(path.removeprefix("/proc/")) for path in in_lab(plans.two_hosts(), story).split()}
    assert 1 in seen
    assert len(seen) <= 4


def test_a_node_sees_its_own_interfaces_only():
    async def story(lab: RunningLab) -> tuple[str, str]:
        links = await lab.run("c1", "ip", "-br", "link")
        return links, await lab.run("c1", "ls", "/sys/class/net")

    links, files = in_lab(plans.two_hosts(), story)
    assert {line.split()[0].partition("@")[0] for line in links.splitlines()} == {"lo", "eth0"}
    assert set(files.split()) == {"lo", "eth0"}


def test_nothing_of_a_lab_stands_in_the_hosts_network_or_mounts():
    def host() -> tuple[set[str], str]:
        mounts = Path("/proc/self/mountinfo").read_text()
        return {path.name for path in Path("/sys/class/net").iterdir()}, mounts

    before = host()

    async def story(_lab: RunningLab) -> None:
        assert host() == before

    in_lab(plans.lan(), story)
    assert host() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user has no power to give away")
def test_a_lab_that_root_started_has_no_power_over_the_host(tmp_path: Path):
    root_file = tmp_path / "root"
    root_file.write_text("precious")
    root_file.chmod(0o600)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)

    async def story(lab: RunningLab) -> str:
        program = (sys.executable, "-S", "-c", ATTEMPTS)
        return await lab.run("c1", *program, str(root_file), str(os.getpid()))

    outcomes = in_lab(plans.two_hosts(), story).splitlines()
    assert len(outcomes) == 15
    assert [each for each in outcomes if not each.startswith("refused")] == []
    assert root_file.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [root_file]


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's lab runs as that user")
def test_processes_of_a_lab_that_root_started_are_nobody_on_the_host():
    async def story(lab: RunningLab) -> None:
        for pid in (lab.backend.first_pid, lab.pid_of("c1")):
            assert all(user >= 2_000_000_000 for user in users_of(pid))

    in_lab(plans.two_hosts(), story)


def users_of(pid: int) -> list[int]:
    """Real, effective, saved and file system user id, as the host sees them."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return [int(each) for line in lines if line.startswith("Uid:") for each in line.split()[1:]]


def test_nodes_do_not_share_their_host_names():
    async def story(lab: RunningLab) -> list[str]:
        names = [(await lab.run(node, "hostname")).strip() for node in ("c1", "server")]
        return [*names, os.uname().nodename]

    before = os.uname().nodename
    assert in_lab(plans.two_hosts(), story) == ["c1", "server", before]


def test_two_labs_with_the_same_addresses_do_not_disturb_each_other():
    plan = plans.two_hosts()

    async def talk(lab: RunningLab, word: str) -> dict[str, Any]:
        fields = {"conn": "first", "payload_text": word, "payload_size": len(word)}
        await lab.connect("c1", "10.0.0.1", 7)
        answer = await lab.ask("c1", "request", reply=len(word), times=20, think=0.005, **fields)
        assert answer["ok"], answer
        return next(e for e in reversed(lab.events) if e["kind"] == "op")

    async def play() -> None:
        labs = [RunningLab(plan, None), RunningLab(plan, None)]
        try:
            await asyncio.gather(*(lab.up() for lab in labs))
            told = await asyncio.gather(*(map(talk, labs, ("one", "another"))))
            assert [each["received"] for each in told] == [60, 140]
            assert all(each["received_sha256"] == each["sent_sha256"] for each in told)
            for lab in labs:
                rows = (await lab.backend.sockets("server"))["sockets"]
                assert [row["state"] for row in rows].count("ESTABLISHED") == 1
            await labs[0].backend.down()
            await labs[1].run("c1", "ping", "-c1", "-W2", "10.0.0.1")
        finally:
            await asyncio.gather(*(lab.backend.down() for lab in labs))

    asyncio.run(play())
