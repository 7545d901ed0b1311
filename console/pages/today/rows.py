"""The rows of Today: facts that `console.fragments.drawn` keeps their drawing under, in words only when it is drawn."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.base.money import format_costs, format_money
from agents.base.templatetags.rollcall import age, measured, words
from agents.fleet.enums import Lifecycle, Observed, Vendor
from agents.runs.queries import Need
from agents.runs.ranking import doubts
from console.addresses import address
from console.kpis.fleet import FleetRow, KpiLine

WIDTH, HEIGHT = 54, 14
"""Of a spark line, in pixels."""


@dataclass(frozen=True, slots=True)
class Row:
    """One agent. `age` is how long it has been in its state, `state` its lifecycle or what is observed."""

    slug: str
    name: str
    vendor_key: str
    state: Lifecycle | Observed
    not_yet: bool
    age: str
    runs: int
    failures: int
    costs: tuple[tuple[str, int], ...]
    reason: str
    exceptions: str
    loss_micros: int
    currency: str
    people: str
    target: KpiLine | None

    @property
    def url(self) -> str:
        return address("one-on-one", self.slug)

    @property
    def exceptions_url(self) -> str:
        return reverse("exceptions", query={"agent": self.slug})

    @property
    def vendor(self) -> str:
        return str(Vendor(self.vendor_key).label)

    @property
    def state_says(self) -> str:
        return f"{_('Not connected yet') if self.not_yet else self.state.label} · {self.age}"

    @property
    def overnight(self) -> str:
        if not self.runs:
            return _("no run")
        runs = ngettext("%(n)d run", "%(n)d runs", self.runs) % {"n": self.runs}
        return " · ".join(filter(None, (runs, format_costs(dict(self.costs)))))

    @property
    def failed(self) -> str:
        return ngettext("%(n)d failed", "%(n)d failed", self.failures) % {"n": self.failures} if self.failures else ""

    @property
    def why(self) -> str:
        return " · ".join(doubts(self.reason))

    @property
    def loss(self) -> str:
        return format_money(self.loss_micros, self.currency) if self.loss_micros else ""

    @property
    def owners(self) -> list[str]:
        """Their initials."""
        return ["".join(part[0] for part in name.split()[:2]).upper() for name in self.people.split(", ") if name]

    @property
    def kpi(self) -> str:
        line = self.target
        return f"{words(line.key)} {measured(line.values[-1], line.unit)}" if line else ""

    @property
    def tone(self) -> str:
        return ("up" if self.target.on_target else "dn") if self.target else ""

    @property
    def spark(self) -> str:
        return spark(self.target.values) if self.target else ""


def rows(fleet: list[FleetRow]) -> list[Row]:
    """As ranked."""
    return [_row(row) for row in fleet]


def _row(row: FleetRow) -> Row:
    agent = row.agent
    resting = agent.lifecycle not in (Lifecycle.LIVE, Lifecycle.ONBOARDING)
    return Row(
        slug=agent.slug,
        name=agent.name,
        vendor_key=agent.vendor,
        state=Lifecycle(agent.lifecycle) if resting else Lifecycle.ONBOARDING if row.not_yet else row.status,
        not_yet=row.not_yet,
        age=age(agent.lifecycle_since if resting else row.since),
        runs=row.runs,
        failures=row.failed,
        costs=tuple((currency, micros) for currency, micros in row.costs.items() if micros),
        reason=row.reason,
        exceptions=f"{row.exceptions}{'+' if Need.EXCEPTIONS in row.more else ''}" if row.exceptions else "",
        loss_micros=row.expected_loss_micros,
        currency=agent.currency,
        people=row.owners,
        target=row.kpi,
    )


def spark(values: tuple[float, ...]) -> str:
    """The points of a polyline, the smallest value at the bottom."""
    low, high = min(values), max(values)
    step, scale = WIDTH / max(len(values) - 1, 1), (HEIGHT - 2) / (high - low or 1)
    return " ".join(
        f"{place * step:.1f},{HEIGHT - 1 - (value - low) * scale:.1f}" for place, value in enumerate(values)
    )
