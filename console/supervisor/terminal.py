"""What the person at the terminal reads: one line a service with its time."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

NAME_WIDTH = 12
TEXT_WIDTH = 60


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def say_step(name: str, detail: str, begun: float) -> None:
    """Print `name`, `detail` and the seconds since `begun` (monotonic)."""
    say(f"{name:<{NAME_WIDTH}} {detail:<{TEXT_WIDTH}} {time.monotonic() - begun:5.1f} s")


@contextmanager
def step(name: str, begun: float | None = None) -> Iterator[list[str]]:
    """Time the block, from `begun` or from now, and print its line with what it put into the list."""
    begun, details = begun or time.monotonic(), list[str]()
    yield details
    say_step(name, ", ".join(details), begun)


def say_logins(logins: Mapping[str, Mapping[str, str]]) -> None:
    """Print the generated login of every demo role, and how to stop."""
    for role, login in logins.items():
        say(f"  {role:<22} {login['email']:<32} {login['password']}")
    say("Ctrl-C stops everything.\n")
