from __future__ import annotations

import re
from pathlib import Path

from netlab.topology.loading import load

PAGE = Path(__file__).parents[2] / "docs" / "nodes.md"


def test_the_example_of_what_a_node_is_made_of_loads(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example is not None
    (tmp_path / "nginx.conf").touch()
    (tmp_path / "site").mkdir()
    (tmp_path / "lab.yaml").write_text(f"name: example\n{example[1]}")

    node = load(tmp_path / "lab.yaml").node("web")

    assert node.command == ("nginx", "-g", "daemon off;")
    assert [file.path for file in node.files] == [
        "/etc/motd",
        "/etc/nginx/nginx.conf",
        "/usr/local/bin/greet",
    ]
