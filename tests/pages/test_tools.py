"""An agent's tools on their page: given within limits, taken away, frozen."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.fleet.actions import Terms, freeze_agent, freeze_team, grant_tool
from agents.fleet.models import ToolGrant, WriteFreeze
from agents.flows.retail.tools import TOOLS
from agents.people.models import Team
from tests.cast import Cast
from tests.pages.conftest import SignIn

PAGE = "/agents/refund-agent/tools/"
TERMS = {"tool": "cancel_pending_order", "sets": "order_id, reason", "max_call_micros": "50", "currency": "USD"}


def test_a_tool_is_given_within_limits_and_shown_with_who_gave_it(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    assert client.post(f"{PAGE}grant/", TERMS | {"confirm": "on"}).status_code == 302
    grant = ToolGrant.objects.get()
    assert (grant.sets, grant.max_call_micros, grant.max_day_micros) == (["order_id", "reason"], 50_000_000, None)
    text = client.get(PAGE).content.decode()
    assert "order_id, reason" in text
    assert cast.owner.name in text
    assert 'value="50"' in client.get(PAGE, {"tool": "cancel_pending_order"}).content.decode()


def test_a_tool_is_given_for_some_data_classes_and_the_table_of_all_agents_says_which(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.owner)
    client.post(f"{PAGE}grant/", TERMS | {"classes": ["internal", "personal"]})
    assert ToolGrant.objects.get().classes == ["internal", "personal"]
    assert all("Internal, Personal" in client.get(page).content.decode() for page in (PAGE, "/agents/tools/"))


def test_nothing_typed_is_lost_where_terms_are_refused(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.owner).post(f"{PAGE}grant/", TERMS | {"sets": "colour"})
    assert (answer.status_code, "colour" in answer.content.decode()) == (422, True)


def test_a_tool_is_taken_away(cast: Cast, sign_in: SignIn) -> None:
    grant_tool(cast.agent, tool="calculate", terms=Terms(), actor=cast.owner)
    assert sign_in(cast.owner).post(f"{PAGE}revoke/", {"tool": "calculate"}).status_code == 302
    assert not ToolGrant.objects.exists()


def test_an_agent_is_frozen_and_thawed_and_a_frozen_team_is_said_but_not_thawed_here(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.backup)
    client.post("/agents/refund-agent/freeze/", {"reason": "Wrong refunds"})
    assert "Wrong refunds" in client.get(PAGE).content.decode()
    client.post("/agents/refund-agent/thaw/")
    freeze_team(cast.team, reason="Incident", actor=cast.chief)
    client.post("/agents/refund-agent/thaw/")
    assert WriteFreeze.objects.get().agent is None
    assert "Incident" in client.get(PAGE).content.decode()


def test_the_page_says_whose_day_a_limit_is_of(cast: Cast, sign_in: SignIn) -> None:
    Team.objects.update(zone="America/Lima")
    assert "midnight by the clock of America/Lima" in sign_in(cast.auditor).get(PAGE).content.decode()


def test_who_only_reads_sees_terms_but_no_buttons(cast: Cast, sign_in: SignIn) -> None:
    grant_tool(cast.agent, tool="calculate", terms=Terms(), actor=cast.owner)
    text = sign_in(cast.auditor).get(PAGE).content.decode()
    assert 'id="tool-calculate"' in text
    assert 'id="grant-tool"' not in text
    assert 'id="freeze-agent"' not in text


@pytest.mark.parametrize("given", [0, 8])
def test_the_page_takes_the_same_queries_however_many_tools_are_given(cast: Cast, sign_in: SignIn, given: int) -> None:
    for tool in TOOLS[:given]:
        grant_tool(cast.agent, tool=tool.slug, terms=Terms(), actor=cast.owner)
    client = sign_in(cast.owner)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)
    assert sum("tool" in one["sql"] for one in queries) == 2


FREEZE = "/agents/freeze/"


def test_a_chief_freezes_every_agent_at_once_and_an_owner_only_reads_of_it(cast: Cast, sign_in: SignIn) -> None:
    chief, owner = sign_in(cast.chief), sign_in(cast.owner)
    assert chief.post(f"{FREEZE}team/", {"reason": " "}).status_code == 422
    assert chief.post(f"{FREEZE}team/", {"reason": "Wrong refunds everywhere"}).status_code == 302
    freeze_agent(cast.agent, reason="And this one longer", actor=cast.owner)
    assert owner.post(f"{FREEZE}thaw/").status_code == 403
    read = owner.get(FREEZE).content.decode()
    assert "Wrong refunds everywhere" in read
    assert 'id="team"' not in read
    assert chief.post(f"{FREEZE}thaw/").status_code == 302
    assert WriteFreeze.objects.get().agent == cast.agent


def test_another_team_s_freezes_are_not_told(cast: Cast, sign_in: SignIn) -> None:
    freeze_agent(cast.rival_agent, reason="Theirs alone", actor=cast.rival)
    assert "Theirs alone" not in sign_in(cast.chief).get(FREEZE).content.decode()


@pytest.mark.parametrize("given", [1, 9])
def test_the_grants_of_all_agents_stand_in_one_table_at_the_same_cost(cast: Cast, sign_in: SignIn, given: int) -> None:
    for tool in TOOLS[:given]:
        grant_tool(
            cast.agent, tool=tool.slug, terms=Terms(sees=("status",), max_day_micros=9_000_000), actor=cast.owner
        )
    client = sign_in(cast.auditor)
    client.get("/agents/tools/")
    with CaptureQueriesContext(connection) as queries:
        text = client.get("/agents/tools/").content.decode()
    assert text.count("data-row") == given
    assert "$9.00 a day" in text
    assert len([one for one in queries if "fleet_toolgrant" in one["sql"]]) == 1
    assert "No agent has a tool" in client.get("/agents/tools/", {"tool": "think"}).content.decode()
    assert "No agent has a tool" in sign_in(cast.rival).get("/agents/tools/").content.decode()
