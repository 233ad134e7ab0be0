from __future__ import annotations

from netlab.fabric.neighbours import limits, most_neighbours, neighbour_notice
from netlab.testing import plans
from netlab.topology.loading import load_text

OFFICE = load_text("name: office\nnodes: {h1..600: }\nlinks: [{lan: [h1..600]}]\n", "office.yaml")


def test_one_that_talks_to_all_knows_them_and_is_known_to_them():
    assert most_neighbours(OFFICE) == 2 * 599
    assert most_neighbours(plans.two_hosts()) == 2


def test_a_lab_that_fits_needs_no_words():
    assert neighbour_notice(plans.lan(), {4: 1024, 6: 1024}) is None
    assert neighbour_notice(OFFICE, {4: 4096, 6: 4096}) is None


def test_one_that_does_not_is_told_the_setting_and_the_fix():
    said = neighbour_notice(OFFICE, {4: 1024, 6: 8192})
    assert said is not None
    assert "can come to know 1198 neighbours" in said
    assert said.endswith("sysctl -w net.ipv4.neigh.default.gc_thresh3=2396")


def test_a_machine_that_does_not_show_its_limits_is_taken_for_a_usual_one():
    said = neighbour_notice(OFFICE, {4: None, 6: None})
    assert said is not None
    assert "net.ipv4.neigh.default.gc_thresh3 and net.ipv6.neigh.default.gc_thresh3" in said


def test_the_limits_are_numbers_or_unknown():
    assert all(limit is None or limit > 0 for limit in limits().values())
