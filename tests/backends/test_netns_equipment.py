"""Real labs: a node's own files, folders and environment, and a machine that stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from netlab.errors import NodeError
from netlab.testing import plans
from netlab.testing.labs import RunningLab, in_lab
from netlab.topology.equipment import Bind, File
from netlab.topology.plan import Plan

pytestmark = pytest.mark.lab


def plan_with(**fields: object) -> Plan:
    """The server has ``fields``, the client has nothing."""
    plan = plans.two_hosts()
    c1, server = plan.nodes
    return replace(plan, nodes=(c1, replace(server, **fields)))  # type: ignore[arg-type] # whatever fields a test gives


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that labs may look into, also those of root, who have nobody's rights."""
    with TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        (path / "here").write_text("the machine's")
        yield path


def entries(folder: str) -> list[str]:
    return sorted(each.name for each in Path(folder).iterdir())


def content(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def run(plan: Plan, *lines: str, node: str = "server") -> list[str]:
    """What shell lines say in one node, after each other."""

    async def story(lab: RunningLab) -> list[str]:
        return [await lab.run(node, "/bin/sh", "-c", line) for line in lines]

    return in_lab(plan, story)


def test_programs_have_the_nodes_environment_and_their_own_above_it():
    plan = plan_with(env=(("WHO", "server"), ("PATH", "/usr/bin:/bin:/nowhere")))

    async def story(lab: RunningLab) -> tuple[str, str, str]:
        own = await lab.ask(
            "server", "exec", conn="p", argv=["/bin/sh", "-c", "echo $WHO"], env={"WHO": "me"}
        )
        return (
            await lab.run("server", "sh", "-c", "echo $WHO $PATH"),
            own["output"],
            await lab.run("c1", "sh", "-c", "echo $WHO"),
        )

    assert in_lab(plan, story) == ("server /usr/bin:/bin:/nowhere\n", "me\n", "\n")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/etc/resolv.conf",
        "/etc/netlab-new",
        "/etc/netlab-new/deep/in/it",
        "/netlab-new",
        "/netlab-new/deep",
        "/usr/share/netlab-new",
        "/tmp/netlab-new",
        "/root/.netlab-new",
    ],
)
def test_a_file_is_there_in_its_node_only_whatever_the_machine_has(path: str):
    before = content(path)
    beside = entries("/etc")
    plan = plan_with(files=(File(path=path, content=b"mine", mode=0o640),))

    seen, mode, written, hosts = run(
        plan,
        f"cat {path}",
        f"stat -c '%a %u' {path}",
        f"echo more > {path}; cat {path}",
        "getent hosts localhost > /dev/null && ls -d /bin /usr/bin /tmp /proc/self",
    )
    assert (seen, mode, written) == ("mine", "640 0\n", "more\n")
    assert hosts.splitlines() == ["/bin", "/proc/self", "/tmp", "/usr/bin"]
    (others,) = run(plan, f"cat {path} 2>&1 || true", node="c1")
    assert "mine" not in others
    after = content(path)
    assert (after, entries("/etc")) == (before, beside)


def test_a_folder_that_has_a_file_more_has_all_others_too():
    plan = plan_with(files=(File(path="/etc/netlab-new", content=b""),))

    plain, more, links = run(
        plan, "cat /etc/hosts", "ls -A /etc", "readlink /etc/mtab /etc/os-release"
    )

    assert sorted(more.split("\n")[:-1]) == sorted([*entries("/etc"), "netlab-new"])
    assert plain.startswith("127.0.0.1\tlocalhost")
    links_here = [Path(each) for each in ("/etc/mtab", "/etc/os-release")]
    assert links.split() == [str(each.readlink()) for each in links_here if each.is_symlink()]


def test_many_files_in_one_folder_cost_it_once():
    plan = plan_with(
        files=tuple(File(path=f"/etc/netlab-new{n}", content=b"") for n in range(5)),
        binds=(Bind(source="/usr", target="/etc/netlab-usr"),),
    )

    (mounts,) = run(plan, "grep -c '^netlab /etc tmpfs' /proc/mounts")

    assert mounts == "1\n"


def test_tmp_is_still_the_machines_where_the_root_has_a_file_more(folder: Path):
    plan = plan_with(files=(File(path="/netlab-new", content=b""),))

    assert run(plan, f"cat {folder}/here", "ls -d /netlab-new") == [
        "the machine's",
        "/netlab-new\n",
    ]


def test_a_program_that_came_as_a_file_runs():
    script = File(path="/usr/local/bin/hey", content=b"#!/bin/sh\necho hey $A\n", mode=0o755)

    assert run(plan_with(files=(script,), env=(("A", "you"),)), "hey") == ["hey you\n"]


def test_a_folder_of_this_machine_is_bound(folder: Path):
    plan = plan_with(
        binds=(
            Bind(source=str(folder), target="/srv/netlab/data", read_only=True),
            Bind(source=str(folder / "here"), target="/etc/netlab-bound"),
        )
    )

    first, second, refused = run(
        plan,
        "cat /srv/netlab/data/here",
        "cat /etc/netlab-bound",
        "touch /srv/netlab/data/new 2>&1 || true",
    )

    assert (first, second) == ("the machine's", "the machine's")
    assert "Read-only file system" in refused
    assert [each.name for each in folder.iterdir()] == ["here"]
    assert not Path("/srv/netlab").exists()


def test_what_is_written_to_a_bind_is_written_to_this_machine(folder: Path):
    folder.chmod(0o777)

    run(
        plan_with(binds=(Bind(source=str(folder), target="/srv/netlab"),)),
        "echo new > /srv/netlab/new",
    )

    assert (folder / "new").read_text() == "new\n"


def test_a_file_in_a_bound_folder_is_not_written_to_it(folder: Path):
    folder.chmod(0o777)
    plan = plan_with(
        binds=(Bind(source=str(folder), target="/srv/netlab"),),
        files=(File(path="/srv/netlab/conf", content=b"mine"),),
    )

    assert run(plan, "cat /srv/netlab/conf /srv/netlab/here") == ["minethe machine's"]
    assert [each.name for each in folder.iterdir()] == ["here"]


def test_a_node_that_starts_again_has_its_files_as_at_first():
    plan = plan_with(files=(File(path="/etc/netlab-new", content=b"mine"),), env=(("A", "1"),))

    async def story(lab: RunningLab) -> str:
        await lab.run("server", "sh", "-c", "echo changed > /etc/netlab-new")
        await lab.backend.crash("server", ["eth0"])
        await lab.backend.restart("server")
        return await lab.run("server", "sh", "-c", "cat /etc/netlab-new; echo $A")

    assert in_lab(plan, story) == "mine1\n"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"files": (File(path="/etc", content=b""),)},
            "server: files cannot be put there: /etc is a folder here",
        ),
        (
            {"files": (File(path="/etc/passwd/x", content=b""),)},
            "server: the file /etc/passwd/x cannot be put there: /etc/passwd is no folder",
        ),
        (
            {"binds": (Bind(source="/nowhere", target="/srv/x"),)},
            "server: /nowhere cannot be bound to /srv/x: .*: No such file or directory",
        ),
    ],
)
def test_what_cannot_be_put_there_is_said(fields: dict[str, object], says: str):
    with pytest.raises(NodeError, match=says):
        run(plan_with(**fields))


@pytest.mark.skipif(Path("/root").stat().st_mode & 0o077 != 0, reason="anybody may see /root")
def test_a_folder_that_the_lab_may_not_see_is_no_riddle():
    with pytest.raises(NodeError, match="Permission denied; a lab has the rights of the user"):
        run(plan_with(binds=(Bind(source="/root/data", target="/srv/x"),)))
