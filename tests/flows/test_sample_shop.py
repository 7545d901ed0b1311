"""The sample shop: the retail flow runs from its page with the stand-in model, on records that ship."""

import pytest

from agents.base.errors import NotAllowed
from agents.fleet.models import ToolGrant
from agents.flows.models import Record
from agents.flows.retail.graph import RECIPE
from agents.flows.retail.sample import open_sample_shop
from agents.flows.retail.tools import TOOLS
from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import Output, RunException
from tests.cast import Cast
from tests.flows.library import bench_of, step
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]


def test_the_flow_s_own_example_is_looked_up_confirmed_by_a_person_and_done(cast: Cast, rehearsal: Rehearsal) -> None:
    bench = bench_of(cast, rehearsal)
    open_sample_shop(cast.agent, actor=cast.owner)
    run = bench.run("retail", str(RECIPE.example["text"]))
    asked = RunException.objects.get(run=run)
    assert (run.state, asked.kind) == (RunState.WAITING, "approval")
    wanted = {"order_id": "#W1000001", "reason": "ordered by mistake"}
    proposed = asked.proposal or {}
    assert (proposed["tool"], proposed["arguments"]) == ("cancel_pending_order", wanted)
    assert step(run, "look/1").output["history"][0]["tool"].startswith(("get_", "find_"))  # type: ignore[index]
    run = bench.answer(run, DecisionKind.APPROVE)
    assert run.state == RunState.DONE, run.reason
    assert Record.objects.get(key="#W1000001").body["status"] == "cancelled"
    assert Output.objects.get(run=run).content


def test_it_is_put_in_once_and_never_over_a_shop_that_is_there(cast: Cast) -> None:
    assert open_sample_shop(cast.agent, actor=cast.owner)
    Record.objects.filter(key="#W1000001").update(body={"status": "mine"})
    assert not open_sample_shop(cast.agent, actor=cast.owner)
    assert Record.objects.get(key="#W1000001").body == {"status": "mine"}
    assert ToolGrant.objects.filter(agent=cast.agent).count() == len(TOOLS)
    assert not Record.objects.filter(team=cast.rival_team).exists()


def test_who_may_not_configure_the_agent_gives_it_no_shop(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        open_sample_shop(cast.agent, actor=cast.leadership)
    assert not Record.objects.exists()
