"""When the day's minutes do not reach every agent: who is left out, and why that harms least."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.kpis.fleet import FleetRow

QUIET_MINUTES, EXCEPTION_MINUTES = 0.5, 3.0
"""What an agent takes while nobody was measured with it: the targets of requirements 5.1, for one that is quiet and for
each exception."""


@dataclass(frozen=True)
class Shortfall:
    """`needed` minutes are more than the `left` ones: `out` is not looked at, and stands for so much expected loss."""

    needed: int
    left: int
    reached: int
    out: list[FleetRow]

    @property
    def loss_micros(self) -> int:
        return sum(row.expected_loss_micros for row in self.out)


def minutes_of(row: FleetRow) -> float:
    """What the agent usually takes a day, as measured; until then by what is open of it."""
    if row.usual_seconds is not None:
        return max(row.usual_seconds / 60, QUIET_MINUTES)
    return QUIET_MINUTES + EXCEPTION_MINUTES * row.exceptions


def shortfall(rows: Iterable[FleetRow], left: int) -> Shortfall | None:
    """None when the minutes reach everybody whose day is open.

    Those with the most expected loss a minute are looked at first, so what is left out averts the least a minute:
    Dantzig's rule for the knapsack (Operations Research 5, 1957), optimal but for the last agent that fits.
    """
    due = [row for row in rows if row.review and not row.reviewed]
    needed = sum(map(minutes_of, due))
    if needed <= left:
        return None
    out, spare = [], float(left)
    for row in sorted(due, key=lambda row: -row.expected_loss_micros / minutes_of(row)):
        if minutes_of(row) <= spare:
            spare -= minutes_of(row)
        else:
            out.append(row)
    return Shortfall(round(needed), left, len(due) - len(out), out)
