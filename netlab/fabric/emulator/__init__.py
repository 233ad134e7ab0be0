"""The userspace link emulator: a process that forwards between interfaces of the fabric.

What happens to packets is decided without clocks or sockets, in `way`; `lane`, `port` and
`process` carry it out. Times are nanoseconds of one monotonic clock.
"""
