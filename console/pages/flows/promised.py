"""Promise beside what became of it, a line each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.flows.attainment import Attainment, attainment
from agents.flows.models import FlowTerms
from agents.flows.recipe import Recipe
from agents.runs.models import Run


@dataclass(frozen=True, slots=True)
class Line:
    """Percent of the runs; `promised` None: nothing is, `kept` None: no run is over."""

    name: str
    promised: int | None
    kept: float | None
    at_most: bool = False

    @property
    def is_broken(self) -> bool:
        if self.promised is None or self.kept is None:
            return False
        return self.kept > self.promised if self.at_most else self.kept < self.promised


def promised(found: Recipe, terms: FlowTerms | None, runs: QuerySet[Run]) -> dict[str, Any]:
    """What the panel shows: terms, the attainment of these runs, and the lines."""
    kept = attainment(runs, terms.seconds if terms else None)
    return {"terms": terms, "kept": kept, "promises": list(_lines(found, terms, kept)) if terms else []}


def _lines(found: Recipe, terms: FlowTerms, kept: Attainment) -> Iterator[Line]:
    if terms.seconds is not None:
        name = _("takes at most %(n)s s, waiting for people aside") % {"n": terms.seconds}
        yield Line(name, round(found.graph.slo.share * 100), kept.percent(kept.in_time))
    yield Line(_("ends done"), terms.resolved_percent, kept.percent(kept.resolved))
    yield Line(_("asks a person"), terms.diverted_percent, kept.percent(kept.diverted), at_most=True)
