"""What the two ends of a holder's control socket have to agree on."""

from __future__ import annotations

#: One control message, bytes; a seqpacket socket carries messages up to its send buffer.
LONGEST_MESSAGE = 128 * 1024

#: In the place of a longer request, which is in the memory file that comes with it, last.
SPILLED = b"{}"

#: Descriptors in one control message besides a spilled request (the kernel allows SCM_MAX_FD, 253).
MOST_DESCRIPTORS = 250
