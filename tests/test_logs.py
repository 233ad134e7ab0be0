from __future__ import annotations

from pathlib import Path

import pytest

from netlab import logs
from netlab.errors import UsageError
from netlab.logs import Logs


def printed(run: Path, node: str, name: str, text: str, *, truncated: bool = False) -> None:
    Logs(run).write({"node": node, "name": name, "text": text, "truncated": truncated})


def test_a_log_for_each_program_of_each_node(tmp_path: Path):
    printed(tmp_path, "server", "web", "one ")
    printed(tmp_path, "server", "web", "line\n")
    printed(tmp_path, "a-b", "c", "x\n")
    printed(tmp_path, "a", "b-c", "y\n")
    texts = {name: path.read_text() for name, path in logs.logs(tmp_path).items()}
    assert texts == {"server/web": "one line\n", "a-b/c": "x\n", "a/b-c": "y\n"}


def test_a_log_that_is_cut_short_says_so(tmp_path: Path):
    printed(tmp_path, "server", "web", "x", truncated=True)
    ((_, path),) = logs.find(tmp_path, "server/web")
    assert path.read_text() == "x\n(netlab: more was printed; it is not kept)\n"


def test_the_logs_of_a_node(tmp_path: Path):
    printed(tmp_path, "server", "web", "")
    printed(tmp_path, "server", "db", "")
    printed(tmp_path, "server2", "db", "")
    assert [name for name, _ in logs.find(tmp_path, "server")] == ["server/db", "server/web"]
    assert len(list(logs.find(tmp_path, None))) == 3


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("server/wep", "there is no log of server/wep"),
        ("sever", "did you mean 'server'"),
        ("zzz", "there are server/web"),
    ],
)
def test_a_log_that_is_not_there(tmp_path: Path, wanted: str, says: str):
    printed(tmp_path, "server", "web", "")
    with pytest.raises(UsageError) as caught:
        list(logs.find(tmp_path, wanted))
    assert says in str(caught.value)


def test_nothing_was_printed(tmp_path: Path):
    with pytest.raises(UsageError, match="no program of the lab has printed"):
        list(logs.find(tmp_path, None))
