"""The demo's rules who writes to whom: its morning has two agents at one contact, and overlaps and gaps."""

import datetime as dt

import pytest

from agents.channels.actions import hear, hearing
from agents.channels.enums import Verdict
from agents.channels.models import Contact
from agents.channels.queries import figures, replay, rules_in_force
from agents.people.models import Team
from agents.runs.models import Run, RunException
from console.demo.build import SLUG
from tests.demo_days import Rows


def test_two_agents_at_one_contact_overlaps_and_gaps_are_found(morning: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "SETTLES", dt.timedelta(0))
    before = set(RunException.objects.values_list("pk", flat=True))
    assert hear() >= Contact.objects.count() > 10
    team = Team.objects.get(slug=SLUG)
    rules = rules_in_force(team)
    assert rules is not None
    past = replay(team, rules.rules)
    assert all(past.taken)
    assert past.overlaps > 0
    assert past.gaps > 0
    assert {Verdict.AS_RULED, Verdict.OTHER_AGENT} <= {verdict for verdict, n in figures(team).items() if n}
    # Early in the night the scout has not written to him yet.
    known = Run.objects.filter(agent__slug="pipeline-scout", input__contact__email="tomas.rey@parcel.example").exists()
    clashes = RunException.objects.exclude(pk__in=before)
    both = [{clash.agent.slug, clash.evidence["other_agent"]} for clash in clashes]
    assert both == ([{"pipeline-scout", "whatsapp-mx"}] if known else [])
