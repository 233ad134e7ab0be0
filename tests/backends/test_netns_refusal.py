from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import netlab

#: What a container does: it hides a part of /proc, and the kernel then gives nobody a whole one.
HIDDEN = "mount -t tmpfs none /proc/irq && exec setpriv --reuid=65534 --regid=65534 --clear-groups"


@pytest.mark.lab
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hide parts of /proc")
def test_where_proc_is_hidden_the_fix_is_named(tmp_path: Path):
    tmp_path.chmod(0o777)
    done = subprocess.run(
        [
            *("unshare", "--mount", "sh", "-c", f'{HIDDEN} "$@"', "sh"),
            *(sys.executable, "-m", "netlab", "run", "tcp/handshake"),
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(netlab.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "a lab cannot have its own /proc: mount /proc: Operation not permitted" in done.stderr
    assert "fix: a container hides parts of /proc" in done.stderr
