"""Names of errors, as events and answers carry them."""

from __future__ import annotations

import errno


def errno_name(error: OSError) -> str:
    return errno.errorcode.get(error.errno, "") if error.errno else ""
