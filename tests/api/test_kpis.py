"""The KPI board over the wire."""

from agents.fleet.models import KpiTarget
from tests.api.conftest import MakeMachine
from tests.cast import Cast
from tests.pages.test_kpi_board import noon, one, today


def test_the_api_says_what_the_page_says(cast: Cast, machine: MakeMachine) -> None:
    one(cast.agent, 4)
    KpiTarget.objects.create(agent=cast.agent, key="time_to_resolution", target=3, better="lower")
    status, found = machine("owner", "read").get("/kpis?days=7&by=function")
    assert (status, found["last"], [part["key"] for part in found["parts"]]) == (
        200,
        str(today()),
        [cast.agent.function],
    )
    lead, rate = found["figures"][:2]
    assert (lead["key"], lead["value"], lead["target"], lead["missed"]) == ("time_to_resolution", 4, 3, True)
    assert [(day["day"], day["value"]) for day in lead["days"]] == [(str(noon(1).date()), 4)]
    assert (round(rate["low"], 3), rate["high"], rate["sample"]) == (2.5, 100, 1)
    assert machine("manager", "read").get("/kpis")[1]["figures"] == []
    assert machine("owner", "read").get("/kpis?days=91")[0] == 422
