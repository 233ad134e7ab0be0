from __future__ import annotations

import itertools

from netlab.stack.tcp.recovery.frto import STEPS, Evidence, Frto, Step, Verdict


def begun() -> Frto:
    frto = Frto()
    frto.begin()
    return frto


def test_two_acks_in_order_and_new_data_between_show_a_spurious_timeout():
    frto = begun()
    assert frto.judge(advanced=True, more=True, original=True) is Verdict.OPEN
    assert frto.probing
    assert frto.judge(advanced=True, more=True, original=True) is Verdict.SPURIOUS
    assert not frto.asks


def test_a_duplicate_first_means_a_real_loss():
    frto = begun()
    assert frto.judge(advanced=False, more=True, original=True) is Verdict.REAL
    assert not frto.asks


def test_a_duplicate_second_means_a_real_loss():
    frto = begun()
    frto.judge(advanced=True, more=True, original=False)
    assert frto.judge(advanced=False, more=True, original=False) is Verdict.REAL


def test_without_new_data_nothing_can_be_told():
    assert begun().judge(advanced=True, more=False, original=True) is Verdict.REAL


def test_the_table_is_whole():
    asking = set(Step) - {Step.OFF}
    assert set(STEPS) == set(itertools.product(asking, Evidence))
