"""What nftables and tc are told; the kernel's own word on it is in test_calibration."""

from __future__ import annotations

from netlab.fabric.rules import queueing, rules
from netlab.fabric.stretches import Stretch, stretches
from netlab.testing.impaired import cable, drop
from netlab.topology.impairment import BurstLoss, Engine, Impairment, Profile


def stretch(impairment: Impairment) -> Stretch:
    return stretches(cable(impairment))[0]


def test_packets_go_from_one_interface_to_the_other():
    assert rules(stretch(Impairment())) == [
        "add table netdev x0l",
        (
            "add chain netdev x0l from_x0l"
            ' { type filter hook ingress device "x0l" priority 0; policy accept; }'
        ),
        'add rule netdev x0l from_x0l counter fwd to "x0r"',
        (
            "add chain netdev x0l from_x0r"
            ' { type filter hook ingress device "x0r" priority 0; policy accept; }'
        ),
        'add rule netdev x0l from_x0r counter fwd to "x0l"',
    ]


def test_a_fault_counts_what_matches_and_marks_what_is_meant():
    lines = rules(stretch(Impairment(faults=(drop("tcp.flags.fin", nth=(2, 4)),))))
    (meant,) = (line for line in lines if line.startswith("add rule netdev x0l from_x0l_meant0"))
    assert "numgen inc mod 1073741824 { 1, 3 } counter meta mark set" in meant
    (asked,) = (line for line in lines if line.startswith("add rule netdev x0l from_x0l_fault0"))
    assert "tcp flags & 0x1 != 0" in asked
    assert asked.endswith("goto from_x0l_meant0")
    assert not any("from_x0r_fault" in line for line in lines)


def test_all_faults_have_counted_before_a_packet_is_dropped():
    faults = (drop("tcp", nth=(1,)), drop("tcp", every=2))
    lines = rules(stretch(Impairment(faults=faults)))
    base = [line for line in lines if line.startswith("add rule netdev x0l from_x0l ")]
    assert [line.split()[5] for line in base] == ["jump", "jump", "meta", "counter"]
    assert base[2].endswith("drop")


def test_every_packet_needs_no_number():
    lines = rules(stretch(Impairment(faults=(drop("udp"),))))
    assert not any("numgen" in line for line in lines)
    (each,) = (
        line
        for line in rules(stretch(Impairment(faults=(drop("udp", every=4),))))
        if "numgen" in line
    )
    assert "numgen inc mod 4 3 " in each


def test_an_alternative_is_a_rule_and_they_count_together():
    lines = rules(stretch(Impairment(faults=(drop("tcp.dstport == 7 or udp", nth=(1,)),))))
    asked = [line for line in lines if "goto from_x0l_meant0" in line]
    assert len(asked) == 2


def test_a_rate_is_a_bucket_of_two_frames():
    limited = stretch(Impairment(forward=Profile(rate=10e6, queue=30_000)))
    assert queueing(limited, Engine.NFT) == [
        "qdisc replace dev x0r root handle 1: tbf rate 10000000bit burst 3028b limit 30000b"
    ]


def test_a_queue_that_is_not_given_holds_ten_frames_or_a_tenth_of_a_second():
    slow = stretch(Impairment(backward=Profile(rate=1e6)))
    assert queueing(slow, Engine.NFT)[0].endswith(
        "dev x0l root handle 1: tbf rate 1000000bit burst 3028b limit 15140b"
    )
    fast = stretch(Impairment(backward=Profile(rate=100e6)))
    assert queueing(fast, Engine.NFT)[0].endswith("limit 1250000b")


def test_netem_gets_a_seed_when_it_chooses_at_random():
    lossy = stretch(
        Impairment(forward=Profile(delay=0.01, loss=0.01), backward=Profile(delay=0.02))
    )
    forward, backward = queueing(lossy, Engine.NETEM)
    assert forward.startswith(
        "qdisc replace dev x0r root handle 1: netem limit 1000000"
        " delay 10000us loss random 1% seed "
    )
    assert backward == ("qdisc replace dev x0l root handle 1: netem limit 1000000 delay 20000us")
    assert queueing(lossy, Engine.NETEM) == [forward, backward]


def test_netem_loses_in_bursts():
    bursty = stretch(Impairment(forward=Profile(burst=BurstLoss(0.01, 0.3, 1.0, 0.001))))
    assert "loss gemodel 1% 30% 100% 0.1% seed" in queueing(bursty, Engine.NETEM)[0]


def test_a_rate_stands_below_netem():
    both = stretch(Impairment(forward=Profile(delay=0.01, rate=1e6)))
    netem, tbf = queueing(both, Engine.NETEM)
    assert "root handle 1: netem" in netem
    assert "parent 1: handle 10: tbf" in tbf
