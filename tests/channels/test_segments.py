"""Which agent writes to whom: rules in words, tried on past contacts, kept as versions; two agents at once are seen."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agents.base.contacts import contact_key
from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.base.ids import first_id
from agents.channels.actions import hear, set_segments
from agents.channels.enums import Fact, Is, Verdict
from agents.channels.models import Contact, Heard, Segmentation, Touch
from agents.channels.naming import addressed, named
from agents.channels.queries import figures, replay, rules_in_force, who_gets
from agents.channels.segments import Condition, Rule, digest, fitting, overlap
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.models import Run, RunException, Step
from audit.models import AuditEvent
from tests.cast import Cast, make_agent

GERMANY = Condition(Fact.COUNTRY, Is.EQUAL, "Germany")
LARGE = Condition(Fact.EMPLOYEES, Is.AT_LEAST, "200")
HOURS = 48


@pytest.fixture
def house(cast: Cast) -> Cast:
    make_agent(cast.team, "outbound", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    Heard.objects.update_or_create(name="inputs", defaults={"run_id": first_id(timezone.now() - dt.timedelta(days=1))})
    return cast


def kept(cast: Cast, rules: Sequence[Rule], by: User | None = None, **changes: Any) -> Segmentation:
    told: dict[str, Any] = {"window_hours": HOURS, "why": "Spring", "tried": digest(rules, HOURS), **changes}
    return set_segments(cast.team, actor=by or cast.operations, rules=rules, **told)


def rules() -> list[Rule]:
    return [
        Rule("outbound", "Large accounts get a person's tone.", (GERMANY, LARGE), per_day=1),
        Rule("refund-agent", "Everybody else in Germany.", (GERMANY,), rest_days=7),
    ]


def wrote(agent: Agent, email: str, ago: dt.timedelta = dt.timedelta(minutes=5), **facts: Any) -> Run:
    """A run about somebody, as it would have come in a while ago."""
    at = timezone.now() - ago
    run = Run(
        agent=agent, input={"contact": {"email": email, "name": "Kim Lee", **facts}}, created_at=at, started_at=at
    )
    run.pk = uuid.UUID(int=first_id(timezone.now() - dt.timedelta(minutes=10)).int + Run.objects.count())
    run.save(force_insert=True)
    return run


def called(agent: Agent, call: dict[str, Any]) -> Step:
    """A run whose input names nobody, and the call of a tool in it, a while ago."""
    run = Run.objects.create(agent=agent, input={"text": "Stands for the summit"})
    step = Step(run=run, key="send/1", seq=1, node="send", kind="tool", effect="write", input=call)
    step.pk = uuid.UUID(int=first_id(timezone.now() - dt.timedelta(minutes=10)).int + Step.objects.count())
    step.save(force_insert=True)
    return step


@pytest.mark.parametrize(
    ("how", "value", "known", "fits"),
    [
        pytest.param(Is.EQUAL, "Germany", "germany", True, id="equal"),
        pytest.param(Is.EQUAL, "Germany", "", False, id="equal-unknown"),
        pytest.param(Is.OTHER, "Germany", "France", True, id="other"),
        pytest.param(Is.OTHER, "Germany", "", True, id="other-unknown"),
        pytest.param(Is.AMONG, "Germany, Austria", "austria", True, id="among"),
        pytest.param(Is.AMONG, "Germany,", "", False, id="among-unknown"),
        pytest.param(Is.AT_LEAST, "200", "200", True, id="at-least"),
        pytest.param(Is.AT_LEAST, "200", "many", False, id="at-least-no-number"),
        pytest.param(Is.BELOW, "200", "199.5", True, id="below"),
        pytest.param(Is.BELOW, "200", "NaN", False, id="below-nan"),
    ],
)
def test_a_condition_fits_only_what_is_known(how: Is, value: str, known: str, fits: bool) -> None:
    assert Condition(Fact.COUNTRY, how, value).fits({"country": known} if known else {}) is fits


@given(st.dictionaries(st.sampled_from(Fact.values), st.text(max_size=20), max_size=4))
def test_the_first_rule_that_fits_decides_and_an_overlap_takes_two_agents(facts: dict[str, str]) -> None:
    found = fitting([*rules(), Rule("refund-agent", "The rest.")], facts)
    assert found[-1][0] == 2
    assert [place for place, _rule in found] == sorted(place for place, _rule in found)
    assert overlap(found) == (found[0][1].agent == "outbound")


@given(
    st.recursive(
        st.none() | st.text(max_size=9),
        lambda inner: st.dictionaries(st.sampled_from(["contact", "email", "phone", "country", "to", "args"]), inner),
    )
)
def test_whatever_an_input_says_nobody_is_named_in_the_clear(given_: Any) -> None:
    found = named(first_id(timezone.now()), given_)
    assert all(
        each is None or (len(each.key) == 64 and not any("@" in text for text in each.facts.values()))
        for each in (found, addressed(first_id(timezone.now()), given_))
    )


def test_somebody_is_known_by_a_hash_of_the_team_and_by_facts_alone() -> None:
    team, other = first_id(timezone.now()), first_id(timezone.now() - dt.timedelta(days=1))
    one = named(
        team, {"contact": {"email": " Kim@Acme.example ", "name": "Kim", "country": "Germany", "tier": "a@b.c"}}
    )
    assert one is not None
    assert one.facts == {"country": "Germany", "domain": "acme.example"}
    assert one.key == contact_key(team, "kim@acme.example") != contact_key(other, "kim@acme.example")
    assert named(team, {"email": "KIM@acme.example"}).key == one.key  # type: ignore[union-attr]
    assert named(team, {"phone": "+49 170 123-4567"}).key == contact_key(team, "491701234567")  # type: ignore[union-attr]
    assert named(team, {"customer": "Kim Lee", "text": "kim@acme.example"}) is None


def test_rules_are_versions_in_plain_words_tried_before_they_are_kept(house: Cast) -> None:
    with pytest.raises(Invalid, match="Try exactly these rules"):
        kept(house, rules(), tried=digest(rules()[:1], HOURS))
    first = kept(house, rules())
    second = kept(house, rules()[1:], seen=1, why="One for all")
    assert [str(rule) for rule in first.rules] == [
        "outbound writes to: country is Germany and employees is at least 200; at most 1 contact in 24 hours",
        "refund agent writes to: country is Germany; nobody again within 7 days",
    ]
    assert rules_in_force(house.team) == second
    assert list(Segmentation.objects.order_by("number").values_list("number", "why")) == [
        (1, "Spring"),
        (2, "One for all"),
    ]
    assert AuditEvent.objects.filter(verb="segments.set", actor_id=house.operations.pk).count() == 2
    with pytest.raises(Conflict):
        kept(house, rules(), seen=1)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([], id="none"),
        pytest.param([Rule("nobody", "Why not")], id="no-such-agent"),
        pytest.param([Rule("rival-agent", "Theirs")], id="another-company"),
        pytest.param([Rule("outbound", " ")], id="no-why"),
        pytest.param([Rule("outbound", "Why", per_day=0)], id="limit"),
        pytest.param([Rule("outbound", "Why", (Condition(Fact.EMPLOYEES, Is.BELOW, "many"),))], id="no-number"),
        pytest.param([Rule("outbound", "Why", (Condition(Fact.COUNTRY, Is.EQUAL, " "),))], id="no-value"),
    ],
)
def test_rules_that_make_no_sense_are_refused_with_their_place(house: Cast, wrong: list[Rule]) -> None:
    with pytest.raises(Invalid):
        kept(house, wrong)
    assert not Segmentation.objects.exists()


def test_only_operations_administrators_and_the_chief_decide(house: Cast) -> None:
    for person in (house.owner, house.engineer, house.auditor, house.rival):
        with pytest.raises(NotAllowed):
            kept(house, rules(), by=person)


def test_what_agents_did_is_held_against_the_rules_and_two_at_once_are_reported(house: Cast) -> None:
    outbound = Agent.objects.get(slug="outbound")
    kept(house, rules())
    wrote(outbound, "kim@acme.example", country="Germany", employees=500)
    wrote(outbound, "lee@acme.example", country="Germany", employees="900")
    clash = wrote(house.agent, "KIM@acme.example")
    wrote(house.agent, "ana@else.example", country="Chile")
    assert hear() == 4
    said = list(Touch.objects.order_by("run_id").values_list("verdict", flat=True))
    assert said == [Verdict.AS_RULED, Verdict.OVER_LIMIT, Verdict.OTHER_AGENT, Verdict.NO_RULE]
    assert figures(house.team) == {**dict.fromkeys(Verdict, 1)}
    exception = RunException.objects.get()
    assert exception.run == clash
    assert exception.title == "refund agent and outbound wrote to the same contact within 48 hours"
    assert "acme" not in str(exception.evidence)
    assert not Contact.objects.filter(facts__icontains="kim").exists()
    assert hear() == 0


def test_whom_a_tool_wrote_to_is_heard_of_and_two_agents_at_one_contact_are_one_exception(house: Cast) -> None:
    outbound = Agent.objects.get(slug="outbound")
    kept(house, rules())
    calls = (
        (outbound, {"to": "Kim@acme.example", "subject": "Stands"}),
        (house.agent, {"tool": "send", "args": {"recipient": ["kim@acme.example", "lee@acme.example"]}}),
        (outbound, {"args": {"email": "KIM@acme.example"}}),
        (house.agent, {"to": "+49 170 123-4567"}),
        (house.agent, {"to": "everybody"}),
    )
    for agent, call in calls:
        called(agent, call)
    wrote(house.agent, "ana@else.example", country="Chile")
    assert hear() == 5
    assert Contact.objects.count() == 3
    assert Contact.objects.get(key=contact_key(house.team.pk, "491701234567")).touches.get().agent == house.agent
    exception = RunException.objects.get()
    assert exception.title == "refund agent and outbound wrote to the same contact within 48 hours"
    assert exception.evidence["other_agent"] == "outbound"
    assert hear() == 0


def test_past_contacts_say_who_would_get_them_and_where_rules_overlap_or_leave_gaps(house: Cast) -> None:
    outbound = Agent.objects.get(slug="outbound")
    for number in range(3):
        wrote(
            outbound, f"{number}@acme.example", dt.timedelta(minutes=number), country="Germany", employees=number * 150
        )
    wrote(house.agent, "ana@else.example", country="Chile")
    hear()
    found = replay(house.team, rules())
    assert (found.contacts, found.taken, found.gaps, found.overlaps, found.elsewhere) == (4, [1, 2], 1, 1, 2)
    assert found.gap_samples == [{"country": "Chile", "domain": "else.example"}]
    got = who_gets(rules(), {"country": "Germany", "employees": "300"})
    assert got.rule == rules()[0]
    assert got.overlaps
    assert who_gets(rules(), {}).rule is None


def test_without_rules_contacts_are_heard_of_and_nobody_is_bothered(house: Cast) -> None:
    wrote(house.agent, "kim@acme.example")
    wrote(Agent.objects.get(slug="outbound"), "kim@acme.example")
    assert hear() == 2
    assert set(Touch.objects.values_list("verdict", flat=True)) == {Verdict.NO_RULE}
    assert not RunException.objects.exists()
