"""Named crash points: no-ops unless a test asks the process to die at one (PROMISES §4.19)."""

import os
import signal

_AT = os.environ.get("CONTACT_CENTER_CRASH_AT", "")


def crash_point(name: str) -> None:
    """Kill this process, as a power button would, when `CONTACT_CENTER_CRASH_AT` names this point."""
    if _AT == name:
        os.kill(os.getpid(), signal.SIGKILL)
