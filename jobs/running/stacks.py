"""Where every thread of this process stands."""

import sys
import threading
import traceback


def stacks() -> str:
    """Return the names and stacks of all threads that run Python, the innermost call last."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames = sys._current_frames()  # noqa: SLF001 -- the only way, and a documented one
    return "\n".join(
        f"{names.get(number, number)}\n{''.join(traceback.format_stack(frame))}"
        for number, frame in frames.items()
    )
