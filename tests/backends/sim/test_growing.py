from __future__ import annotations

from pathlib import Path

from netlab.backends.sim.growing import GrowingFile


def test_what_was_written_is_there_after_a_flush(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"of an earlier run")
    file = GrowingFile(path)
    for text in (b"one ", b"two "):
        file.write(text)
        file.flush()
    file.flush()
    file.write(b"three")
    assert path.read_bytes() == b"one two "
    file.flush()
    assert path.read_bytes() == b"one two three"


def test_it_may_be_replaced_after_a_flush_and_grows_on(tmp_path: Path):
    path = tmp_path / "file"
    file = GrowingFile(path)
    file.write(b"one ")
    file.flush()
    (tmp_path / "ordered").write_bytes(b"first ")
    (tmp_path / "ordered").replace(path)
    file.write(b"two")
    file.flush()
    assert path.read_bytes() == b"first two"
