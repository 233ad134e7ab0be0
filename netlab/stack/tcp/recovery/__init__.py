"""Loss detection and congestion control.

================= ========================================================================
recovery          what the connection talks to
scoreboard        what became of each byte: RFC 2018
rack, tlp         losses found by time, and probes of the tail: RFC 8985
counting          losses found by counting SACKed segments: RFC 6675
duplicates        losses found by duplicate ACKs alone: RFC 5681, 6582
phases, rate      what happens to cwnd: RFC 5681, 3168 (ECN), 7661 (unused windows)
prr               how it comes down: RFC 6937 as revised by RFC 9937
undo, frto        reductions that were needless: RFC 2883, 3522, 3708; RFC 5682
rtt, timers       RFC 6298
congestion        Reno: RFC 5681, 3465; CUBIC: RFC 9438, with HyStart++: RFC 9406
================= ========================================================================

Limited transmit (RFC 3042) needs no code of its own: what left the network makes room in cwnd.
There is no pacing, and one ACK may open cwnd by all that it acknowledges.
"""
