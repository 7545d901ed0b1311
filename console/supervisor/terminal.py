"""What the person at the terminal reads: one line a service with its time."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

NAME_WIDTH = 12
TEXT_WIDTH = 60


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


@contextmanager
def step(name: str, begun: float | None = None) -> Iterator[list[str]]:
    """Print `name`, what the block put into the list, and the seconds since `begun` (monotonic; now by default)."""
    begun, details = begun or time.monotonic(), list[str]()
    yield details
    say(f"{name:<{NAME_WIDTH}} {', '.join(details):<{TEXT_WIDTH}} {time.monotonic() - begun:5.1f} s")


def say_logins(logins: Mapping[str, Mapping[str, str]]) -> None:
    """Print the generated login of every demo role, and how to stop."""
    for role, login in logins.items():
        say(f"  {role:<22} {login['email']:<32} {login['password']}")
    say("Ctrl-C stops everything.\n")
