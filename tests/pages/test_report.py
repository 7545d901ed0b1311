"""The report: what each agent did in a period, traceable and exportable."""

from agents.fleet.models import Agent
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, RunState
from audit.models import AuditEvent
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.test_kpi_board import did, noon, one, today


def worked(cast: Cast) -> None:
    """Two refunds, of which one asked and one failed; a reply; and something of which nobody says what."""
    asked = one(cast.agent, title="A refund")
    did(asked, "classify", 10, output={"intent": "refund", "confidence": 0.9})
    raise_exception(cast.agent, run=asked, kind=ExceptionKind.APPROVAL, title="Refund?")
    did(one(cast.agent, state=RunState.FAILED), "classify", 10, output={"intent": "refund"})
    reply = one(cast.agent)
    reply.outputs.create(step_key="s", kind="reply", content="Hello")
    one(cast.agent)
    one(cast.agent, ago=40)
    one(cast.rival_agent)


def test_each_agent_says_what_it_did_and_what_became_of_it(cast: Cast, sign_in: SignIn) -> None:
    worked(cast)
    client = sign_in(cast.leadership)
    lines = client.get("/kpis/report.csv?days=7").content.decode().splitlines()
    assert lines[1:] == [
        "refund agent,refund,2,1,0,1,1,0.4,USD",
        "refund agent,,1,1,1,0,0,0.2,USD",
        "refund agent,reply,1,1,1,0,0,0.2,USD",
    ]
    page = client.get("/kpis/report/?days=7").content.decode()
    assert "rival agent" not in page
    runs = f"/runs/?agent=refund-agent&amp;first={noon(6).date()}&amp;last={today()}"
    assert f'href="{runs}"' in page
    assert f'href="{runs}&amp;state=failed"' in page
    assert "A refund" in client.get(runs.replace("&amp;", "&")).content.decode()
    assert AuditEvent.objects.filter(verb="kpis.exported").count() == 1


def test_whoever_sees_nothing_is_told_so(cast: Cast, sign_in: SignIn) -> None:
    worked(cast)
    assert "Nothing happened in these days" in sign_in(cast.manager).get("/kpis/report/").content.decode()


def test_each_channel_says_which_agent_did_what_there(cast: Cast, sign_in: SignIn) -> None:
    one(cast.agent, input={"channel": "whatsapp"})
    one(cast.agent, input={"channel": "whatsapp"}, state=RunState.FAILED)
    one(cast.agent, input={"channel": 7}, source="artisan")
    one(cast.agent, source="artisan")
    one(cast.agent)
    client = sign_in(cast.leadership)
    lines = client.get("/kpis/report.csv?days=7&per=channel").content.decode().splitlines()
    assert lines == [
        "channel,agent,runs,done,without_a_person,failed,asked_a_person,cost,currency",
        "whatsapp,refund agent,2,1,1,1,0,0.4,USD",
        ",refund agent,1,1,1,0,0,0.2,USD",
        "7,refund agent,1,1,1,0,0,0.2,USD",
        "artisan,refund agent,1,1,1,0,0,0.2,USD",
    ]
    page = client.get("/kpis/report/?days=7").content.decode()
    assert 'id="channels"' in page
    assert "whatsapp" in page


def test_a_cost_is_in_the_currency_of_its_runs_and_never_added_up_with_another(cast: Cast, sign_in: SignIn) -> None:
    Agent.objects.update(currency="BRL")
    one(cast.agent)
    client = sign_in(cast.leadership)
    for query in ("", "&per=channel"):
        assert client.get(f"/kpis/report.csv?days=7{query}").content.decode().splitlines()[1].endswith("0.2,USD")
    did(one(cast.agent, currency="EUR"), "classify", 10, output={"intent": "refund"})
    one(cast.agent, currency="EUR", cost_micros=3_000_000, state=RunState.FAILED)
    one(cast.agent, currency="BRL", cost_micros=0, source="artisan")
    lines = client.get("/kpis/report.csv?days=7").content.decode().splitlines()
    assert lines[1:] == ["refund agent,,3,2,2,1,0,3 + 0.2,EUR + USD", "refund agent,refund,1,1,1,0,0,0.2,EUR"]
    page = client.get("/kpis/report/?days=7").content.decode()
    assert "€3.20 + $0.20" in page
    assert "€3.00 + $0.20" in page
    assert "R$" not in page
    assert "artisan,refund agent,1,1,1,0,0,," in client.get("/kpis/report.csv?per=channel").content.decode()
