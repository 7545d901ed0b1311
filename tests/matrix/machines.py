"""The addresses for machines: the API by token, and what watches the console."""

import datetime as dt
from typing import Any

from django.utils import timezone

from agents.base.ids import uuid7
from agents.channels.segments import Rule, digest
from tests.ingest.traces import a_trace
from tests.matrix.access import (
    APPOINT,
    BEGIN_CAMPAIGN,
    BROADCAST_AGENT,
    CAMPAIGN,
    CONFIGURE_AGENT,
    CREATE_AGENT,
    END_ABSENCE,
    INSTRUCT_AGENT,
    LEAD_OUR_TEAM,
    LEAD_TEAM,
    NOWHERE,
    OPEN_BYPASS,
    PAUSE_AGENT,
    PUBLIC,
    READ_AGENT,
    READ_CAMPAIGN,
    READ_TRAIL,
    REVIEW_AGENT,
    RULE_CAMPAIGNS,
    SEE_WHOLE_TEAM,
    SIGNED_IN,
    TELL_MEMORY,
    WRITE_POLICY,
    Outcome,
)
from tests.matrix.pages import APPROVE_RULE, CHANGE_OUR_FLOW, STAGES, own_flow
from tests.matrix.rows import Call, Calls, later, nothing, slug, with_slug
from tests.matrix.world import World

TICKET = {"text": "Where is it?"}


def _seat(world: World) -> dict[str, Any]:
    return {"slug": world.agent.slug, "email": world.cast.backup.email}


def _run(world: World) -> dict[str, Any]:
    return {"id": world.run.pk}


def _elsewhere(world: World) -> dict[str, Any]:
    return {"slug": world.elsewhere.slug}


def _lent(world: World) -> dict[str, Any]:
    return {"slug": world.agent.slug, "lender": world.elsewhere.slug}


def _memory(world: World) -> dict[str, Any]:
    return {"slug": world.agent.slug, "id": world.memory.pk}


def _incident(world: World) -> dict[str, Any]:
    return {"id": world.incident.pk}


def _proposal(world: World) -> dict[str, Any]:
    return {"id": world.proposal.pk}


def _question(world: World) -> dict[str, Any]:
    return {"id": world.question.pk}


def _new_agent(world: World) -> dict[str, Any]:
    owners = [{"email": world.cast.owner.email, "role": "primary"}]
    fixed = {"name": "X", "slug": "x", "vendor": "artisan", "function": "billing"}
    return {**fixed, "owners": owners, "running_since": "2025-01-31"}


AGENTS: Calls = {
    "api:list_kpis": Call("GET", SIGNED_IN),
    "api:list_agents": Call("GET", SIGNED_IN),
    # Her own team knows none of our people.
    "api:create_agent": Call("POST", {**CREATE_AGENT, "rival": Outcome.CHOOSE}, body=_new_agent),
    "api:get_agent": Call("GET", READ_AGENT, slug),
    "api:edit_agent": Call("PATCH", CONFIGURE_AGENT, slug, lambda w: {"purpose": "Refunds"}),
    "api:go_live": Call("POST", APPOINT, slug),
    "api:pause_agent": Call("POST", PAUSE_AGENT, slug, lambda w: {"reason": "Refunds twice"}),
    "api:resume_agent": Call("POST", PAUSE_AGENT, slug),
    "api:retire_agent": Call("POST", APPOINT, slug, lambda w: {"reason": "Replaced"}),
    "api:get_connection": Call("GET", READ_AGENT, _elsewhere),
    "api:set_connection": Call("PUT", CONFIGURE_AGENT, _elsewhere, lambda w: {"secrets": {"api_key": "k"}}),
    "api:remove_connection": Call("DELETE", CONFIGURE_AGENT, _elsewhere),
    # Without credentials nobody is called: it is said what lacks.
    "api:test_connection": Call("POST", CONFIGURE_AGENT, _elsewhere),
    "api:fetch_agent": Call("POST", REVIEW_AGENT, _elsewhere),
    "api:list_knowledge": Call("GET", READ_AGENT, slug),
    "api:put_knowledge": Call("PUT", CONFIGURE_AGENT, slug, lambda w: {"source": "fees.md", "text": "None."}),
    "api:remove_knowledge": Call("POST", CONFIGURE_AGENT, slug, lambda w: {"source": "policy.md"}),
    "api:list_knowledge_grants": Call("GET", READ_AGENT, slug),
    "api:grant_knowledge": Call("PUT", CONFIGURE_AGENT, _lent, lambda w: {"why": "One desk"}),
    "api:withdraw_knowledge": Call("DELETE", CONFIGURE_AGENT, _lent),
    "api:list_proposals": Call("GET", SIGNED_IN),
    "api:take_proposal": Call("POST", CONFIGURE_AGENT, _proposal, lambda w: {"title": "When?", "text": "Soon."}),
    "api:refuse_proposal": Call("POST", CONFIGURE_AGENT, _proposal, lambda w: {"reason": "Too special"}),
    "api:list_memories": Call("GET", READ_AGENT, slug),
    "api:tell_memory": Call("POST", TELL_MEMORY, slug, lambda w: {"address": "kim@example.com", "text": "No calls"}),
    "api:correct_memory": Call("PATCH", CONFIGURE_AGENT, _memory, lambda w: {"text": "Wants no call"}),
    "api:forget_memory": Call("DELETE", CONFIGURE_AGENT, _memory),
    "api:forget_contact": Call("POST", CONFIGURE_AGENT, slug, lambda w: {"address": "kim@example.com"}),
    "api:list_tools": Call("GET", READ_AGENT, slug),
    "api:grant_tool": Call("PUT", CONFIGURE_AGENT, with_slug(lambda w: {"tool": "calculate"}), lambda w: {}),
    "api:revoke_tool": Call("DELETE", CONFIGURE_AGENT, with_slug(lambda w: {"tool": "get_order_details"})),
    "api:list_freezes": Call("GET", SIGNED_IN),
    "api:freeze_team": Call("PUT", LEAD_TEAM, body=lambda w: {"reason": "Something is wrong everywhere"}),
    "api:thaw_team": Call("DELETE", LEAD_TEAM),
    "api:freeze_agent": Call("PUT", PAUSE_AGENT, slug, lambda w: {"reason": "Refunds twice"}),
    "api:thaw_agent": Call("DELETE", PAUSE_AGENT, slug),
    "api:list_availability": Call("GET", SIGNED_IN),
    "api:set_availability": Call("PUT", SIGNED_IN, body=lambda w: {"languages": ["es"]}),
    "api:list_absences": Call("GET", SIGNED_IN),
    "api:create_absence": Call("POST", SIGNED_IN, body=lambda w: {"first": later(5), "last": later(6)}),
    "api:finish_absence": Call("POST", END_ABSENCE, lambda w: {"pk": w.absence.pk}),
    "api:list_owners": Call("GET", READ_AGENT, slug),
    "api:seat_owner": Call("PUT", APPOINT, _seat, lambda w: {"role": "trainee"}),
    "api:remove_owner": Call("DELETE", APPOINT, _seat),
    "api:assign": Call("PUT", CONFIGURE_AGENT, slug, lambda w: {"models": {"standard": "a-model"}}),
    "api:set_kpi_target": Call("PUT", CONFIGURE_AGENT, with_slug(lambda w: {"key": "rate"}), lambda w: {"target": 1}),
}


def _item(world: World) -> dict[str, Any]:
    return {"id": world.question.item.pk}


def _rule(world: World) -> dict[str, Any]:
    end = (timezone.now() + dt.timedelta(days=1)).isoformat()
    fits = {"field": "severity", "is": "is", "value": world.question.severity}
    return {"conditions": [fits], "most_a_day": 1, "expires_at": end}


def _no_check_in(world: World) -> dict[str, Any]:
    """Whoever may answer the question hears that this is no answer to it."""
    return {"kind": "check_in", "id": world.question.pk}


def _bypass(world: World) -> dict[str, Any]:
    return {"until": (timezone.now() + dt.timedelta(minutes=30)).isoformat(), "reason": "Peak"}


def _goal(world: World) -> dict[str, Any]:
    return {"title": "Outreach", "key": "meetings", "target": 9, "first": later(0), "due": later(9)}


def _model(world: World) -> dict[str, Any]:
    said = {"provider": "Nearby", "base_url": "https://models.example.com/v1", "key": "k", "name": "near-1"}
    return {**said, "tier": "cheap", "input_micros": 100_000, "output_micros": 200_000}


def _threshold(world: World) -> dict[str, Any]:
    return {"agent": world.agent.slug, "key": "latency_p99", "limit": 9}


def _segments(world: World) -> dict[str, Any]:
    return {"rules": [{"agent": world.agent.slug, "why": "Ours"}]}


def _tried_segments(world: World) -> dict[str, Any]:
    return {**_segments(world), "why": "Spring", "tried": digest([Rule(world.agent.slug, "Ours")], 48)}


# Per item: who may read the agent is told of each that it was left.
DECIDE_SOME = READ_AGENT
# The world's run is of a flow that does not ship: whoever may read it is told so.
NO_FLOW = {role: Outcome.CHOOSE if got is Outcome.THROUGH else got for role, got in READ_AGENT.items()}
NOT_SHIPPED = {role: Outcome.CHOOSE if got is Outcome.THROUGH else got for role, got in INSTRUCT_AGENT.items()}
HAPPENINGS: Calls = {
    "api:list_runs": Call("GET", SIGNED_IN),
    "api:get_run": Call("GET", READ_AGENT, _run),
    "api:why": Call("GET", READ_AGENT, _run),
    "api:run_conversation": Call("GET", READ_AGENT, _run),
    "api:replay": Call("GET", NO_FLOW, _run),
    "api:list_what_ifs": Call("GET", READ_AGENT, _run),
    "api:ask_what_if": Call("POST", NOT_SHIPPED, lambda w: {"id": w.done.pk}),
    "api:compare": Call("GET", READ_AGENT, lambda w: {"id": w.run.pk, "other": w.run.pk}),
    # Of runs that one may not see there are no figures.
    "api:flow_figures": Call("GET", SIGNED_IN, lambda w: {"slug": "triage"}),
    "api:flow_activations": Call("GET", SIGNED_IN, lambda w: {"slug": "triage"}),
    "api:flow_lane": Call("GET", SIGNED_IN, lambda w: {"slug": "triage"}),
    "api:get_flow_terms": Call("GET", SIGNED_IN, lambda w: {"slug": "triage"}),
    "api:put_flow_terms": Call("PUT", RULE_CAMPAIGNS, lambda w: {"slug": "triage"}, lambda w: {"seconds": 9}),
    "api:list_composed_flows": Call("GET", SIGNED_IN),
    "api:compose_new_flow": Call("POST", RULE_CAMPAIGNS, body=lambda w: {"name": f"Pilot {uuid7()}", "stages": STAGES}),
    "api:put_composed_flow": Call("PUT", CHANGE_OUR_FLOW, own_flow, lambda w: {"name": "X", "stages": STAGES}),
    "api:start_run": Call("POST", INSTRUCT_AGENT, slug, lambda w: TICKET),
    "api:answer_ticket": Call("POST", INSTRUCT_AGENT, slug, lambda w: {**TICKET, "within_s": 0.01}),
    "api:start_runs": Call("POST", INSTRUCT_AGENT, slug, lambda w: {"items": [TICKET]}),
    "api:report_run": Call("POST", INSTRUCT_AGENT, nothing, lambda w: {"agent": w.agent.slug, "external_id": "R-1"}),
    # Per item: who may not report about the one agent still gets an answer about each.
    "api:report_many": Call("POST", SIGNED_IN, nothing, lambda w: {"items": [{"agent": w.agent.slug}]}),
    "api:pause_run": Call("POST", PAUSE_AGENT, _run),
    "api:resume_run": Call("POST", PAUSE_AGENT, _run),
    "api:cancel_run": Call("POST", PAUSE_AGENT, _run, lambda w: {"reason": "Wrong customer"}),
    "api:mark_wrong": Call("POST", REVIEW_AGENT, lambda w: {"id": w.done.pk}, lambda w: {"note": "Old price"}),
    "api:release_run": Call("POST", INSTRUCT_AGENT, lambda w: {"id": w.quarantined.pk}),
    "api:rerun": Call("POST", INSTRUCT_AGENT, lambda w: {"id": w.done.pk}),
    "api:queue": Call("GET", SIGNED_IN),
    "api:list_exceptions": Call("GET", SIGNED_IN),
    "api:list_rules": Call("GET", SIGNED_IN),
    "api:list_segments": Call("GET", SIGNED_IN),
    "api:try_contact": Call("POST", SIGNED_IN, nothing, lambda w: {"facts": {"country": "Chile"}}),
    "api:try_segments": Call("POST", {**SIGNED_IN, "rival": Outcome.CHOOSE}, nothing, _segments),
    "api:put_segments": Call("POST", {**RULE_CAMPAIGNS, "rival": Outcome.CHOOSE}, nothing, _tried_segments),
    "api:list_policies": Call("GET", SIGNED_IN),
    "api:put_policy": Call("PUT", RULE_CAMPAIGNS, nothing, lambda w: {"statement": "None.", "rules": {}}),
    "api:make_rule": Call("POST", REVIEW_AGENT, lambda w: {"id": w.decision.pk}, _rule),
    "api:approve_standing_rule": Call("POST", APPROVE_RULE, lambda w: {"id": w.rule.pk}),
    "api:list_still_open": Call("GET", READ_AGENT, lambda w: {"id": w.rule.pk}),
    "api:decide_still_open": Call("POST", REVIEW_AGENT, lambda w: {"id": w.rule.pk}),
    "api:revoke_standing_rule": Call(
        "POST", REVIEW_AGENT, lambda w: {"id": w.rule.pk}, lambda w: {"why": "Too generous"}
    ),
    "api:snooze_review_item": Call("POST", REVIEW_AGENT, _item, lambda w: {"until": "2999-01-01T00:00:00Z"}),
    "api:assign_review_item": Call("POST", REVIEW_AGENT, _item, lambda w: {"to": w.cast.second.email}),
    "api:list_notes": Call("GET", READ_AGENT, _item),
    "api:list_help": Call("GET", READ_AGENT, _item),
    "api:note_review_item": Call("POST", REVIEW_AGENT, _item, lambda w: {"text": "Look"}),
    "api:decide_together": Call(
        "POST",
        DECIDE_SOME,
        body=lambda w: {"items": [{"item_id": str(w.question.item.pk)}], "kind": "respond", "note": "x"},
    ),
    "api:undo": Call("POST", REVIEW_AGENT, lambda world: {"id": world.decision.pk}),
    "api:get_exception": Call("GET", READ_AGENT, _question),
    "api:decide": Call(
        "POST", REVIEW_AGENT, lambda w: {"id": w.question.item.pk}, lambda w: {"kind": "respond", "note": "Lost"}
    ),
    "api:answer": Call("POST", REVIEW_AGENT, _question, lambda w: {"answer": "Lost"}),
    "api:list_deferrals": Call("GET", SIGNED_IN),
    "api:take_back_deferrals": Call("POST", SIGNED_IN, nothing, lambda w: {}),
    "api:list_reviews": Call("GET", SIGNED_IN),
    "api:decide_review": Call(
        "POST", REVIEW_AGENT, lambda w: {"id": w.day.pk}, lambda w: {"kind": "skip", "note": "-"}
    ),
    "api:list_instructions": Call("GET", READ_AGENT, slug),
    "api:instruct": Call("POST", INSTRUCT_AGENT, slug, lambda w: {"text": "Be brief."}),
    "api:list_incidents": Call("GET", SIGNED_IN),
    "api:get_incident": Call("GET", READ_AGENT, _incident),
    "api:open_incident": Call(
        "POST", REVIEW_AGENT, nothing, lambda w: {"exceptions": [str(w.question.pk)], "title": "Trouble"}
    ),
    "api:note_incident": Call("POST", REVIEW_AGENT, _incident, lambda w: {"text": "Seen"}),
    "api:rate_incident": Call("PUT", REVIEW_AGENT, _incident, lambda w: {"severity": "low"}),
    "api:tick_task": Call("PUT", REVIEW_AGENT, lambda w: {**_incident(w), "place": 1}, lambda w: {"done": True}),
    "api:lead_incident": Call("PUT", REVIEW_AGENT, _incident, lambda w: {"commander": w.cast.owner.email}),
    "api:contain_incident": Call("POST", REVIEW_AGENT, _incident, lambda w: {"agents": [w.agent.slug]}),
    "api:resolve_incident": Call(
        "POST", REVIEW_AGENT, _incident, lambda w: {"root_cause": "tool", "resolution": "Repaired", "undone": "No need"}
    ),
    "api:list_escalation_policies": Call("GET", SIGNED_IN),
    "api:set_escalation_policy": Call("POST", RULE_CAMPAIGNS, nothing, lambda w: {"severity": "low", "steps": []}),
    "api:events": Call("GET", READ_TRAIL),
    "api:get_one_on_one": Call("GET", READ_AGENT, slug),
    "api:meet": Call("POST", REVIEW_AGENT, slug),
    "api:list_questions": Call("GET", READ_AGENT, slug),
    "api:ask": Call("POST", INSTRUCT_AGENT, slug, lambda w: {"text": "Well?"}),
    "api:manual_round": Call("GET", SIGNED_IN),
    "api:tick_off": Call("POST", REVIEW_AGENT, _no_check_in, lambda w: {"evidence": "Seen", "minutes": 1}),
    "api:list_bypasses": Call("GET", SIGNED_IN),
    "api:start_bypass": Call("POST", OPEN_BYPASS, slug, _bypass),
    "api:finish_bypass": Call("POST", REVIEW_AGENT, lambda w: {"id": w.bypass.pk}),
    "api:rate_run": Call("POST", REVIEW_AGENT, _run, lambda w: {"survey": "csat", "score": 5}),
    "api:rate_conversation": Call(
        "POST", REVIEW_AGENT, slug, lambda w: {"external_id": w.done.external_id, "survey": "nps", "score": 9}
    ),
    "api:list_models": Call("GET", SIGNED_IN),
    "api:new_model": Call("POST", LEAD_TEAM, nothing, _model),
    "api:finish_model": Call("DELETE", LEAD_OUR_TEAM, lambda w: {"id": w.model.pk}),
    "api:list_thresholds": Call("GET", SIGNED_IN),
    "api:add_threshold": Call("POST", CONFIGURE_AGENT, body=_threshold),
    "api:finish_threshold": Call("POST", CONFIGURE_AGENT, lambda w: {"id": w.threshold.pk}),
    "api:list_cost_reviews": Call("GET", SEE_WHOLE_TEAM),
    "api:accept_cost_adjustment": Call("POST", WRITE_POLICY, lambda w: {"id": w.adjustment.pk}),
    "api:dismiss_cost_adjustment": Call("POST", WRITE_POLICY, lambda w: {"id": w.adjustment.pk}),
    "api:list_goals": Call("GET", SIGNED_IN),
    "api:add_goal": Call("POST", CONFIGURE_AGENT, slug, _goal),
    "api:finish_goal": Call("POST", CONFIGURE_AGENT, lambda w: {"id": w.goal.pk}),
}
RECIPIENTS = {"agents": ["refund-agent"]}


def _draft(world: World) -> dict[str, Any]:
    return {"id": world.draft.pk}


def _live(world: World) -> dict[str, Any]:
    return {"id": world.broadcast.version_id}


def _campaign(world: World) -> dict[str, Any]:
    return {"id": world.broadcast.campaign_id}


def _sent(world: World) -> dict[str, Any]:
    return {"id": world.broadcast.pk}


def _by_hand(world: World) -> dict[str, Any]:
    return {"evidence": "Seen", "minutes": 1}


CAMPAIGNS: Calls = {
    "api:list_campaigns": Call("GET", SIGNED_IN),
    "api:create_campaign": Call("POST", BEGIN_CAMPAIGN, body=lambda w: {"name": "More"}),
    "api:get_campaign": Call("GET", READ_CAMPAIGN, _campaign),
    "api:list_versions": Call("GET", READ_CAMPAIGN, _campaign),
    "api:begin_version": Call("POST", CAMPAIGN, _campaign),
    "api:get_version": Call("GET", READ_CAMPAIGN, _draft),
    "api:list_results": Call("GET", READ_CAMPAIGN, _draft),
    "api:edit_version": Call("PATCH", CAMPAIGN, _draft, lambda w: {"offer": "Ticket"}),
    "api:validate_version": Call("POST", CAMPAIGN, _draft, lambda w: RECIPIENTS),
    "api:broadcast": Call("POST", CAMPAIGN, _live, lambda w: RECIPIENTS),
    "api:approve_version": Call("POST", CAMPAIGN, _draft, lambda w: {"revision": w.draft.revision}),
    "api:release": Call("POST", CAMPAIGN, _sent),
    "api:get_context": Call("GET", READ_AGENT, slug),
    "api:get_broadcast": Call("GET", READ_CAMPAIGN, _sent),
    "api:recall": Call("POST", CAMPAIGN, _sent, lambda w: {"reason": "Wrong price"}),
    "api:end_version": Call("POST", CAMPAIGN, _live, lambda w: {"reason": "Sold out"}),
    "api:confirm_delivery": Call("POST", BROADCAST_AGENT, lambda w: {"id": w.delivery.pk}, _by_hand),
    "api:retry_delivery": Call("POST", BROADCAST_AGENT, lambda w: {"id": w.delivery.pk}),
}
WATCHERS: Calls = {
    # Who somebody is does not count here, only whether the sender knows the secret: an unknown address is nobody's.
    "otel-traces": Call("POST", INSTRUCT_AGENT, nothing, lambda w: a_trace(w.agent.slug)),
    "hook": Call("POST", NOWHERE, lambda w: {"source": "0"}),
    "api:openapi-json": Call("GET", PUBLIC),
    "api:api-root": Call("GET", NOWHERE),
    "healthz": Call("GET", PUBLIC),
    "readyz": Call("GET", PUBLIC),
    "metrics": Call("GET", SIGNED_IN),
}
CALLS: Calls = {**AGENTS, **HAPPENINGS, **CAMPAIGNS, **WATCHERS}
