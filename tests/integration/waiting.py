"""No sleeps in tests: a condition is waited for."""
import threading
import time


def wait_for(what, condition, seconds=60, between=0.05):
    """The first true value of condition(); fails naming `what` where there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        threading.Event().wait(between)  # two looks at the condition
