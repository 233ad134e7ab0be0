from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.topology.bridging import BRIDGE_PORTS, bridges, bridging_notice


@given(st.integers(2, 20_000))
def test_every_member_is_at_one_bridge_and_no_bridge_is_too_small(members: int):
    made = list(bridges("lan0", members))
    assert [number for _, there in made for number in there] == list(range(members))
    cables = len(made) - 1
    middle, *outer = (len(there) for _, there in made)
    assert middle + cables <= BRIDGE_PORTS
    assert all(size + 1 <= BRIDGE_PORTS for size in outer)
    assert len({name for name, _ in made}) == len(made)


def test_a_lan_that_fits_a_bridge_is_one_and_nothing_is_said():
    assert list(bridges("lan0", BRIDGE_PORTS)) == [("lan0", range(BRIDGE_PORTS))]
    assert bridging_notice("office", BRIDGE_PORTS) is None


def test_a_larger_one_is_said():
    assert bridging_notice("office", 2500) == (
        "the LAN 'office' has 2500 members, and a Linux bridge 1023 ports: it is 3 bridges, each"
        " joined to one in their middle"
    )
