"""Where automation ends: what stays human, and what it takes to let a flow run that keeps nothing for people."""

import pytest

from agents.engine import Kind
from agents.fleet.models import PolicyVersion
from agents.flows.actions import equip
from agents.flows.boundary import boundary
from agents.flows.catalog import LIBRARY, recipe
from agents.flows.going_live import lacking
from agents.flows.models import FlowTerms
from agents.flows.terms import first_terms
from tests.cast import Cast
from tests.model import use_rehearsal
from tests.pages.conftest import SignIn, sign_in

__all__ = ["sign_in", "use_rehearsal"]
ALONE = "blackboard"
EVERYTHING = {"samples": {ALONE: {"share": 1, "before": True}}}


def test_the_default_and_every_flow_that_publishes_keep_a_step_for_people() -> None:
    publishing = [one for one in LIBRARY if any(node.effect.changes_the_world for node in one.graph.nodes)]
    assert [one.slug for one in publishing if boundary(one.graph, {}).is_unattended] == []
    found = boundary(recipe("triage").graph, {})
    assert [node.kind for node in found.human] == [Kind.PERSON]
    assert (found.steps, found.percent) == (7, 85)


@pytest.mark.parametrize(
    ("rules", "unattended"),
    [
        ({}, True),
        (EVERYTHING, False),
        ({"samples": {"*": {"share": 1, "before": True}}}, False),
        ({"samples": {ALONE: {"share": 0.5, "before": True}}}, True),
        ({"samples": {ALONE: {"share": 1}}}, True),
        ({"samples": {ALONE: {"share": 1, "before": True, "least": 100}}}, True),
    ],
    ids=["nothing", "all-of-it", "all-of-everything", "half", "afterwards", "large-ones"],
)
def test_only_who_sees_everything_before_it_leaves_attends(rules: dict[str, object], unattended: bool) -> None:
    assert boundary(recipe(ALONE).graph, rules).is_unattended is unattended


@pytest.mark.django_db
@pytest.mark.usefixtures("use_rehearsal")
def test_nobody_goes_live_with_a_flow_that_keeps_nothing_for_people_until_somebody_says_why(cast: Cast) -> None:
    version = equip(cast.agent, actor=cast.owner).flow_version
    version.flow.slug = ALONE
    version.flow.save(update_fields=["slug"])
    first_terms(version.flow, recipe(ALONE).graph, cast.agent)
    assert lacking(cast.agent) == ["No step of the flow “blackboard” stays human: say why nobody needs to look."]
    FlowTerms.objects.update(unattended_because="It only sorts.")
    assert lacking(cast.agent) == []
    FlowTerms.objects.update(unattended_because="")
    PolicyVersion.objects.create(team=cast.team, number=99, statement="All", rules=EVERYTHING)
    assert lacking(cast.agent) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("use_rehearsal")
def test_the_page_of_a_flow_says_what_stays_human_and_warns_where_nothing_does(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.chief)
    page = client.get("/flows/triage/").content.decode()
    assert "85 % of its 7 steps are taken without people." in page
    assert "nobody can stop it" not in page
    page = client.get(f"/flows/{ALONE}/").content.decode()
    assert "nobody can stop it" in page
    assert "before somebody says why" in page
    sent = {"unattended_because": "It only sorts."}
    assert client.post(f"/flows/{ALONE}/terms/", sent).status_code == 302
    assert "Why it may: It only sorts." in client.get(f"/flows/{ALONE}/").content.decode()
