"""Named crash points: no-ops unless a test asks the process to die at one (PROMISES §4.19)."""

import os
import signal

_NAME, _, _TIMES = os.environ.get("CONTACT_CENTER_CRASH_AT", "").partition(":")
_left = int(_TIMES or 1)


def crash_point(name: str) -> None:
    """Kill this process, as a power button would, when `CONTACT_CENTER_CRASH_AT` names this point.

    `name:20` dies at the 20th time that it comes by, so that there is something to lose.
    """
    global _left
    if name == _NAME:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
