"""Labs met the kernel's limits, and errors that did not say which (moby#44973, core#603).

More members than a bridge has ports: tests/backends/test_netns_large_lans.py.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from netlab.testing.leftovers import Leftovers

pytestmark = pytest.mark.lab

HOSTS = "name: many\nnodes: {h1..80: }\nlinks: [{lan: [h1..80]}]\nscenario: [{pause: 1ms}]\n"

LONG = """\
name: a-lab-with-a-name-longer-than-interfaces
nodes:
  the-first-host-with-quite-a-long-name: {}
  the-second-host-with-quite-a-long-name: {}
links:
  - {lan: [the-first-host-with-quite-a-long-name,
           the-second-host-with-quite-a-long-name], name: a LAN with quite a long name}
scenario:
  - {node: the-first-host-with-quite-a-long-name,
     exec: [ping, -c1, -W5, the-second-host-with-quite-a-long-name], as: ping}
expect:
  - {exit: {ping: 0}}
"""


def run_limited(file: Path, leftovers: Leftovers, limit: int, most: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "netlab", "run", str(file), "--out", str(file.with_suffix(""))],
        env=leftovers.environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(limit, (most, most)),
    )
    return done.returncode, done.stderr


def test_too_few_open_files(tmp_path: Path, leftovers: Leftovers):
    file = tmp_path / "many.yaml"
    file.write_text(HOSTS)
    code, said = run_limited(file, leftovers, resource.RLIMIT_NOFILE, 80)
    assert code == 3, said
    assert "no connections to 80 nodes can be made: Too many open files" in said
    assert "fix: raise the limit of open files: ulimit -n" in said
    assert not leftovers.found()


def test_too_few_processes(tmp_path: Path, leftovers: Leftovers):
    file = tmp_path / "many.yaml"
    file.write_text(HOSTS)
    code, said = run_limited(file, leftovers, resource.RLIMIT_NPROC, 40)
    assert code == 3, said
    assert "no process " in said  # of a node; or, for an ordinary user, of netlab itself
    assert "can be started" in said
    assert "ulimit -u" in said
    assert not leftovers.found()


def test_names_longer_than_an_interface_s(tmp_path: Path, leftovers: Leftovers):
    """IFNAMSIZ: what netlab makes up is numbered, whatever the file calls it."""
    file = tmp_path / "long.yaml"
    file.write_text(LONG)
    code, said = run_limited(file, leftovers, resource.RLIMIT_CORE, 0)
    assert code == 0, said
