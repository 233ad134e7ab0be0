"""What a lab's own processes say when they break: it ends in the run's ``lab.log``."""

from __future__ import annotations

import sys
import traceback


def exception(who: str) -> None:
    """Tell of the exception that is being handled, before the process ends."""
    sys.stderr.write(f"{who}: {traceback.format_exc()}")
    sys.stderr.flush()
