"""What an agent may do with its tools, whatever its model wants: grants, fields, amounts, dry runs, freezes."""

from typing import Any

import pytest
import time_machine

from agents.base.errors import Invalid, NotAllowed
from agents.engine import Effect, LeaseLost
from agents.fleet.actions import Terms, freeze_agent, freeze_team, grant_tool, revoke_tool, thaw_agent, thaw_team
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Agent, ToolGrant
from agents.fleet.toolbox import Tool, register_tool, tool_called, tools
from agents.flows.actions import equip, try_flow
from agents.flows.models import Record
from agents.flows.retail.graph import RECIPE
from agents.runs.execution.claim import claim
from agents.runs.models import ITEM, Run, ToolUse
from agents.runs.services import services_for
from agents.runs.services.tools import Tools
from audit.models import AuditEvent
from tests.cast import Cast, make_agent
from tests.flows.corner_shop import ELSEWHERE, HOME, open_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
CANCEL = {"order_id": "#W1", "reason": "ordered by mistake"}
TEN = 10_000_000


@pytest.fixture
def using(cast: Cast) -> Tools:
    """The tools of a run that is under way, in a small shop."""
    equip(cast.agent, actor=cast.owner)
    open_shop(cast.agent)
    run = claim(try_flow(cast.agent, RECIPE, actor=cast.owner, input={"text": "Hello"}).pk)
    assert run is not None
    return services_for(run).tools


def give(cast: Cast, tool: str, **terms: Any) -> ToolGrant:
    return grant_tool(cast.agent, tool=tool, terms=Terms(**terms), actor=cast.owner)


def cancel(using: Tools, key: str = "act/1", order: str = "#W1", amount: int = TEN, *, confirmed: bool = True) -> Any:
    wanted = CANCEL | {"order_id": order}
    return using.act(key, "cancel_pending_order", wanted, confirmed=confirmed, amount_micros=amount)


def why(said: Any) -> str:
    return str(said.get("refused", {}).get("why", ""))


def status(order: str) -> str:
    return str(Record.objects.get(kind="order", key=order).body["status"])


def test_without_a_grant_a_tool_is_neither_offered_nor_used_and_the_trail_says_so(cast: Cast, using: Tools) -> None:
    assert using.offered() == []
    for _again in range(2):
        assert why(using.look("look/1", "get_order_details", {"order_id": "#W1"})) == "not_granted"
    assert (why(cancel(using)), status("#W1")) == ("not_granted", "pending")
    assert using.guardrails == [], "what was refused is no record"
    events = AuditEvent.objects.filter(verb="tool.refused", agent_id=cast.agent.pk)
    assert events.count() == 2


def test_a_granted_tool_is_offered_with_its_schema_and_used(cast: Cast, using: Tools) -> None:
    give(cast, "get_order_details")
    [offer] = using.offered()
    assert (offer["name"], offer["arguments"]["required"]) == ("get_order_details", ["order_id"])
    assert using.look("look/1", "get_order_details", {"order_id": "#W1"})["result"]["order_id"] == "#W1"


def test_who_only_looks_is_offered_what_only_looks(cast: Cast, using: Tools) -> None:
    for tool in ("get_order_details", "cancel_pending_order"):
        give(cast, tool)
    assert len(using.offered()) == 2
    assert [one["name"] for one in using.offered(changing=False)] == ["get_order_details"]


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("drop_table", {}, "unknown_tool"),
        ("get_order_details", {}, "bad_arguments"),
        ("get_order_details", {"order_id": "#W1", "and": "more"}, "bad_arguments"),
        ("get_order_details", {"order_id": 7}, "bad_arguments"),
        ("get_order_details", {"order_id": "#W9"}, "tool"),
        ("cancel_pending_order", CANCEL, "writes_here"),
    ],
    ids=["unknown", "missing", "extra", "wrong-kind", "tool-itself", "write-where-it-looks"],
)
def test_a_call_that_cannot_be_made_is_refused_with_its_reason_as_data(
    cast: Cast, using: Tools, tool: str, arguments: dict[str, Any], reason: str
) -> None:
    give(cast, "get_order_details")
    give(cast, "cancel_pending_order")
    said = using.look("look/1", tool, arguments)
    assert (why(said), said["arguments"], bool(said["refused"]["text"])) == (reason, arguments, True)
    assert ToolUse.objects.get().refused == reason


def test_fields_that_were_not_granted_are_neither_set_nor_seen(cast: Cast, using: Tools) -> None:
    give(cast, "get_user_details", sees=("user_id", "orders"))
    told = using.look("look/1", "get_user_details", {"user_id": "kim_1"})["result"]
    assert sorted(told) == ["orders", "user_id"]
    give(cast, "modify_user_address", sets=("user_id", "address1"))
    moved = {"user_id": "kim_1"} | ELSEWHERE
    said = using.act("act/1", "modify_user_address", moved, confirmed=True, amount_micros=0)
    assert why(said) == "field_not_granted"
    assert "zip" in said["refused"]["text"]
    assert Record.objects.get(key="kim_1").body["address"] == HOME


def test_data_of_classes_that_were_not_granted_are_not_seen_however_deep(cast: Cast, using: Tools) -> None:
    kim = {"user_id": "kim_1"}
    give(cast, "get_user_details", classes=("internal", "personal"))
    told = using.look("look/1", "get_user_details", kim)["result"]
    assert (told["address"], "payment_methods" in told) == (HOME, False)
    give(cast, "get_user_details", classes=("internal",))
    assert using.look("look/2", "get_user_details", kim)["result"] == kim | {"orders": ["#W1", "#W2", "#W3"]}
    give(cast, "get_order_details", classes=("payment",))
    paid = using.look("look/3", "get_order_details", {"order_id": "#W1"})["result"]
    assert list(paid) == ["payment_history"]
    give(cast, "get_order_details", classes=("public",))
    assert using.look("look/4", "get_order_details", {"order_id": "#W1"})["result"] is None


def test_an_amount_above_the_limit_of_a_call_leaves_everything_as_it_was(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order", max_call_micros=TEN - 1)
    assert (why(cancel(using)), status("#W1")) == ("over_limit", "pending")
    give(cast, "cancel_pending_order", max_call_micros=TEN)
    assert (cancel(using, "act/2")["amount_micros"], status("#W1")) == (TEN, "cancelled")


def test_the_day_s_limit_counts_what_was_moved_before(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order", max_day_micros=2 * TEN - 1)
    assert [why(cancel(using, "act/1", "#W1")), why(cancel(using, "act/2", "#W3"))] == ["", "over_limit"]
    assert (status("#W1"), status("#W3")) == ("cancelled", "pending")


def test_what_was_only_tried_or_moves_no_money_is_none_of_the_day_s(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order", max_day_micros=TEN)
    using.preview("preview/1", "cancel_pending_order", CANCEL)
    ToolUse.objects.create(
        run=using.run, step_key="x", agent=cast.agent, tool="modify_user_address", changed=True, amount_micros=5
    )
    assert why(cancel(using, "act/1", "#W1")) == "", "another tool's five are not this one's"
    give(cast, "modify_user_address", confirm=False, max_day_micros=0)
    said = using.act("act/2", "modify_user_address", {"user_id": "kim_1"} | ELSEWHERE, confirmed=False, amount_micros=0)
    assert why(said) == ""


@pytest.mark.parametrize(("zone", "refused"), [("America/Lima", "over_limit"), ("UTC", "")])
def test_the_day_of_a_limit_is_the_team_s_as_that_of_a_budget(
    cast: Cast, using: Tools, zone: str, refused: str
) -> None:
    """At three in the morning, UTC, it is still the evening before in Lima."""
    using.run.agent.team.zone = zone
    give(cast, "cancel_pending_order", max_day_micros=2 * TEN - 1)
    with time_machine.travel("2026-06-10T23:00:00Z", tick=False):
        assert why(cancel(using, "act/1", "#W1")) == ""
    with time_machine.travel("2026-06-11T03:00:00Z", tick=False):
        assert why(cancel(using, "act/2", "#W3")) == refused


def test_a_limit_in_another_currency_refuses_what_it_cannot_compare(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order", max_call_micros=10 * TEN, currency="PEN")
    assert (why(cancel(using)), status("#W1")) == ("over_limit", "pending")
    give(cast, "cancel_pending_order", currency="PEN")
    assert why(cancel(using, "act/2")) == "", "without a limit there is nothing to compare"


def test_a_preview_says_what_would_happen_and_nothing_does(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order")
    said = using.preview("preview/1", "cancel_pending_order", CANCEL)
    assert (said["result"]["status"], said["amount_micros"], said["confirm"]) == ("cancelled", TEN, True)
    assert (status("#W1"), ToolUse.objects.get().said) == ("pending", None)


def test_a_grant_for_dry_runs_never_changes_anything(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order", dry_run=True)
    said = cancel(using, confirmed=False)
    assert (said["dry_run"], said["confirm"], status("#W1")) == (True, False, "pending")
    assert ToolUse.objects.get().changed is False
    assert using.guardrails == []  # what was only tried is no record that a text may rest on


def test_a_run_that_works_for_a_person_s_item_only_tries(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order")
    using.run.subject_type = ITEM
    said = cancel(using, confirmed=False)
    assert (said["dry_run"], said["confirm"], status("#W1")) == (True, False, "pending")
    assert ToolUse.objects.get().changed is False


@pytest.mark.parametrize(
    ("tool", "confirm", "reason"),
    [("modify_user_address", True, "not_confirmed"), ("modify_user_address", False, "")],
    ids=["asks", "trusted"],
)
def test_a_change_wants_a_person_s_word_unless_its_grant_says_otherwise(
    cast: Cast, using: Tools, tool: str, confirm: bool, reason: str
) -> None:
    give(cast, tool, confirm=confirm)
    said = using.act("act/1", tool, {"user_id": "kim_1"} | ELSEWHERE, confirmed=False, amount_micros=0)
    assert why(said) == reason


def test_what_destroys_wants_a_person_s_word_whatever_its_grant_says(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order", confirm=False)
    assert (why(cancel(using, confirmed=False)), status("#W1")) == ("not_confirmed", "pending")


def test_another_amount_than_the_confirmed_one_is_not_moved(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order")
    assert (why(cancel(using, amount=TEN - 1)), status("#W1")) == ("changed", "pending")


def test_who_is_frozen_reads_on_but_changes_nothing_until_thawed(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order")
    give(cast, "get_order_details")
    freeze_agent(cast.agent, reason="Wrong refunds", actor=cast.backup)
    said = cancel(using)
    assert (why(said), status("#W1")) == ("frozen", "pending")
    assert "Wrong refunds" in said["refused"]["text"]
    assert why(using.preview("preview/1", "cancel_pending_order", CANCEL)) == "frozen"
    assert why(using.look("look/1", "get_order_details", {"order_id": "#W1"})) == ""
    thaw_agent(cast.agent, actor=cast.backup)
    other = make_agent(cast.team, "other", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    freeze_agent(other, reason="Its own trouble", actor=cast.owner)
    assert (why(cancel(using, "act/2")), status("#W1")) == ("", "cancelled")


def test_a_frozen_team_freezes_every_agent_and_an_agent_s_own_freeze_outlasts_it(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order")
    freeze_team(cast.team, reason="Incident", actor=cast.chief)
    assert why(cancel(using)) == "frozen"
    freeze_agent(cast.agent, reason="Its own", actor=cast.owner)
    thaw_team(cast.team, actor=cast.administrator)
    assert why(cancel(using, "act/2")) == "frozen"


def test_the_same_step_changes_once_and_hears_the_same_again(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order")
    first = cancel(using)
    assert cancel(using) == first
    assert len(Record.objects.get(key="#W1").body["payment_history"]) == 2
    assert AuditEvent.objects.filter(verb="tool.used").count() == 1


@pytest.mark.parametrize("lost", [{"fence": 9}, {"state": "queued"}], ids=["another-has-it", "nobody-has-it-yet"])
def test_a_worker_that_was_fenced_out_changes_nothing(cast: Cast, using: Tools, lost: dict[str, Any]) -> None:
    give(cast, "cancel_pending_order")
    Run.objects.filter(pk=using.run.pk).update(**lost)
    with pytest.raises(LeaseLost):
        cancel(using)
    assert status("#W1") == "pending"


def test_only_who_configures_an_agent_gives_and_takes_its_tools(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        grant_tool(cast.agent, tool="calculate", terms=Terms(), actor=cast.second)
    give(cast, "calculate")
    with pytest.raises(NotAllowed):
        revoke_tool(cast.agent, tool="calculate", actor=cast.backup)
    revoke_tool(cast.agent, tool="calculate", actor=cast.owner)
    assert not ToolGrant.objects.exists()


def test_only_who_may_pause_freezes_an_agent_and_only_who_leads_a_team(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        freeze_agent(cast.agent, reason="No", actor=cast.trainee)
    with pytest.raises(NotAllowed):
        freeze_team(cast.team, reason="No", actor=cast.owner)


@pytest.mark.parametrize(
    ("tool", "terms"),
    [
        ("nothing", {}),
        ("calculate", {"sets": ("colour",)}),
        ("calculate", {"currency": "dollars"}),
        ("calculate", {"classes": ("secret",)}),
    ],
    ids=["no-tool", "no-field", "no-currency", "no-class"],
)
def test_a_grant_that_makes_no_sense_is_refused(cast: Cast, tool: str, terms: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        give(cast, tool, **terms)


def test_the_registry_knows_every_tool_once_with_schema_class_and_system() -> None:
    shipped = [one for one in tools() if one.system == "retail"]
    assert len(shipped) == 16
    assert tool_called("cancel_pending_order").effect is Effect.DESTRUCTIVE  # type: ignore[union-attr]
    same = Tool(
        slug="calculate",
        title="",
        description="",
        system="x",
        effect=Effect.READ,
        schema={"properties": {}},
        run=shipped[0].run,
    )
    with pytest.raises(ValueError, match="registered twice"):
        register_tool(same)


def test_a_person_confirms_every_change_of_an_agent_that_is_not_live(cast: Cast, using: Tools) -> None:
    give(cast, "cancel_pending_order", confirm=False)
    Agent.objects.filter(pk=cast.agent.pk).update(lifecycle=Lifecycle.ONBOARDING)
    assert using.preview("preview/1", "cancel_pending_order", CANCEL)["confirm"] is True
    assert (why(cancel(using, confirmed=False)), status("#W1")) == ("not_confirmed", "pending")
    assert (why(cancel(using, "act/2")), status("#W1")) == ("", "cancelled")
    give(cast, "modify_user_address", confirm=False)
    moved = {"user_id": "kim_1"} | ELSEWHERE
    said = using.act("act/3", "modify_user_address", moved, confirmed=False, amount_micros=0)
    assert why(said) == "not_confirmed", "what can be taken back, too"
