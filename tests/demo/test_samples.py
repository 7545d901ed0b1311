"""The month behind the demo was looked at: samples of each day, and the quiet days in batches."""

from agents.fleet.models import Agent
from agents.runs.models import DailyReview, Output
from agents.runs.queries import pooled, trust
from tests.demo_days import Rows


def test_each_day_of_the_month_has_its_samples_and_quiet_ones_went_in_batches(night: Rows) -> None:
    known = pooled(trust(list(Agent.objects.values_list("pk", flat=True))).values())
    assert known.seen > 100
    assert known.passed > known.escaped == 0
    day = DailyReview.objects.filter(in_batch=True).exclude(samples=[]).latest("until")
    assert Output.objects.filter(pk__in=day.samples, run__agent=day.agent).count() == len(day.samples)
    assert not day.agent.exceptions.filter(opened_at__gt=day.since, opened_at__lte=day.until).exists()
