from __future__ import annotations

import re
from pathlib import Path

from netlab.topology.loading import load_text

PAGE = Path(__file__).parents[2] / "docs" / "topology.md"


def test_the_example_in_the_reference_loads() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example is not None
    assert load_text(example[1], "topology.md").name == "multihomed-server"
