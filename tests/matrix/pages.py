"""The pages of the pane: every address, who reads it, who sends its form."""

import base64
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agents.base.ids import uuid7
from agents.fleet.models import Flow, FlowVersion, PolicyVersion
from console.pages.policy.forms import PolicyForm, initial_of
from tests.matrix.access import (
    APPOINT,
    APPOINTERS,
    BEGIN_CAMPAIGN,
    BROADCAST_AGENT,
    BYPASS,
    CAMPAIGN,
    CONFIGURE_AGENT,
    CONFIGURE_TEAM,
    CONFIGURERS,
    CREATE_AGENT,
    END_ABSENCE,
    INSTRUCT_AGENT,
    INSTRUCTORS,
    LEAD_OUR_TEAM,
    LEAD_TEAM,
    OPEN_ADDRESS,
    OWNERS_OWN,
    PAUSE_AGENT,
    PEOPLE,
    PUBLIC,
    READ_AGENT,
    READ_CAMPAIGN,
    READ_TRAIL,
    READERS,
    REVIEW_AGENT,
    REVIEWERS,
    RULE_CAMPAIGNS,
    SEE_WHOLE_TEAM,
    SIGNED_IN,
    TELL_MEMORY,
    WRITE_POLICY,
    Outcome,
    access,
)
from tests.matrix.rows import Row, Rows, later, slug, with_slug
from tests.matrix.world import World


def _source(world: World) -> dict[str, Any]:
    return {"pk": world.source.pk}


def _flow() -> dict[str, Any]:
    """One state of a flow, under a name of its own."""
    row = {"part": "writer", "latency_ms": 900, "cost_micros": "0.01"}
    return {"name": f"Pilot {uuid7()}", **TOTALS, **{f"form-0-{name}": value for name, value in row.items()}}


def own_flow(world: World) -> dict[str, Any]:
    kept, _made = Flow.objects.get_or_create(team=world.cast.team, slug="own-x", name="X", pattern="state graph")
    FlowVersion.objects.get_or_create(flow=kept, number=1, defaults={"graph": {}, "settings": {"stages": STAGES}})
    return {"slug": kept.slug}


POLICY_MAKERS = {"chief", "administrator", "operations"}
CHANGE_OUR_FLOW = access(POLICY_MAKERS, refused=PEOPLE - POLICY_MAKERS - {"rival"})
# Who may not configure the agent does not find it in the form.
ASSIGN = access(CONFIGURERS, other=Outcome.CHOOSE)
STAGES = [{"part": "writer", "name": "write", "latency_ms": 900, "cost_micros": 9}]
TOTALS = {"form-TOTAL_FORMS": 8, "form-INITIAL_FORMS": 0}
PROFILE = {"name": "Invoice agent", "vendor": "artisan", "function": "billing", "language": "en", "currency": "USD"}
TICKETS = base64.b64encode(b"text\nWhere is it?\n").decode()
FLEET = "name,vendor,owners,running_since\nX,artisan,{owners},2025-01-31\n"
# Her own team knows none of our people.
CAP_TEAM = access(APPOINTERS - {"owner"}, refused=READERS | {"owner"})
# The question is about no budget: who may configure finds none to raise.
CONFIGURE_NOTHING = access(set(), refused=READERS - CONFIGURERS)
# Whoever sees none of the days that were ticked approves none.
APPROVE_QUIET = access(PEOPLE - (READERS - REVIEWERS), refused=READERS - REVIEWERS)
# Of what was ticked everybody is shown what is theirs to decide; with nothing left there is nothing to confirm.
DECIDE_TICKED = access(REVIEWERS, other=Outcome.CHOOSE)
BORROW = {**READ_AGENT, **dict.fromkeys(READERS - CONFIGURERS, Outcome.CHOOSE)}
# Whose work is with customers sees them anyway, leadership never.
REVEAL = access({"administrator", "engineer", "operations", "auditor"}, other=Outcome.REFUSED)
OWN_VIEW = access({"owner"})
# The backup wrote the rule: another has to approve it.
APPROVE_RULE = access(REVIEWERS - {"backup"}, refused=READERS - (REVIEWERS - {"backup"}))
CREATE_WITH_OURS = {**CREATE_AGENT, "rival": Outcome.CHOOSE}


def _memory(world: World) -> dict[str, Any]:
    return {"slug": world.agent.slug, "pk": world.memory.pk}


def _proposal(world: World) -> dict[str, Any]:
    return {"pk": world.proposal.pk}


def _told(world: World) -> dict[str, Any]:
    return {"address": "kim@example.com", "kind": "preference", "text": "No calls"}


def _lent(world: World) -> dict[str, Any]:
    return {"lender": world.elsewhere.pk, "why": "One desk"}


def _reason(world: World) -> dict[str, Any]:
    return {"reason": "Refunds twice"}


def _new_agent(world: World) -> dict[str, Any]:
    return {**PROFILE, "slug": "invoice-agent", "primary": world.cast.owner.pk, "running_since": "2025-01-31"}


def _edited(world: World) -> dict[str, Any]:
    return {**PROFILE, "version": world.agent.version}


def _seat(world: World) -> dict[str, Any]:
    return {"user": world.cast.manager.pk, "role": "second"}


def _assigned(world: World) -> dict[str, Any]:
    return {"agents": [world.agent.pk], "primary": world.cast.owner.pk, "second": world.cast.second.pk}


def _file(world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("tickets.csv", b"text\nWhere is it?\n")}


def _document(world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("more.md", b"# More\nto know")}


def _limits(world: World) -> dict[str, Any]:
    return {"standard": "a-model", "run_cap_micros": "1", "day_cap_micros": "2"}


def _decision(world: World) -> dict[str, Any]:
    return {"kind": "respond", "note": "Lost", "key": uuid7(), "sha256": world.question.proposal_sha256}


def _account(world: World) -> dict[str, Any]:
    return {"name": "New", "password": "correct horse battery", "zone": "UTC", "language": "en"}


def _run(world: World) -> dict[str, Any]:
    return {"pk": world.run.pk}


def _elsewhere(world: World) -> dict[str, Any]:
    return {"slug": world.elsewhere.slug}


def _question(world: World) -> dict[str, Any]:
    return {"pk": world.question.pk}


def _draft(world: World) -> dict[str, Any]:
    return {"pk": world.draft.campaign_id}


def _wording(world: World) -> dict[str, Any]:
    return {**_draft(world), "language": "es"}


def _sent(world: World) -> dict[str, Any]:
    return {"pk": world.broadcast.campaign_id}


def _delivery(world: World) -> dict[str, Any]:
    return {"pk": world.delivery.pk}


def _facts(world: World) -> dict[str, Any]:
    fixed = {"offer": "Ticket", "currency": "USD", "zone": "UTC", "applies_to": "new"}
    return {**fixed, "revision": world.draft.revision}


def _item(world: World) -> dict[str, Any]:
    return {"pk": world.question.item.pk}


def _rule(world: World) -> dict[str, Any]:
    return {"pk": world.rule.pk}


def _day(world: World) -> dict[str, Any]:
    return {"pk": world.day.pk}


def _judgement(world: World) -> dict[str, Any]:
    return {"kind": "escalate", "note": "Look", "until": timezone.now().isoformat(), "key": uuid7()}


def _incident(world: World) -> dict[str, Any]:
    return {"pk": world.incident.pk}


def _resolution(world: World) -> dict[str, Any]:
    return {"root_cause": "tool", "resolution": "Repaired", "undone": "Not needed"}


def _ladder(world: World) -> dict[str, Any]:
    return {"loops": "0", "step-TOTAL_FORMS": "0", "step-INITIAL_FORMS": "0"}


def _segments(world: World) -> dict[str, Any]:
    first = {"rule-0-agent": world.agent.slug, "rule-0-why": "Ours", "rule-0-ORDER": "1"}
    return {"rule-TOTAL_FORMS": 1, "rule-INITIAL_FORMS": 0, "window_hours": 48, "why": "Spring", "do": "try", **first}


def _policy(world: World) -> dict[str, Any]:
    fields = PolicyForm(initial=initial_of("Be kind.", {}, 0))
    return {name: value for name in fields.fields if (value := fields[name].value()) is not None}


def _policy_version(world: World) -> dict[str, Any]:
    for team in (world.cast.team, world.cast.rival_team):
        PolicyVersion.objects.get_or_create(team=team, number=1, defaults={"statement": "Be kind.", "rules": {}})
    return {"number": 1}


def _trainee(world: World) -> dict[str, Any]:
    return {"pk": world.membership("trainee").pk}


def _goal(world: World) -> dict[str, Any]:
    said = {"agent": world.agent.pk, "title": "Outreach", "key": "meetings", "target": "9"}
    return {**said, "first": later(0), "due": later(9)}


def _model(world: World) -> dict[str, Any]:
    said = {"provider": "Nearby", "base_url": "https://models.example.com/v1", "key": "k", "name": "near-1"}
    return {**said, "tier": "cheap", "input_micros": "0.1", "output_micros": "0.2"}


def _threshold(world: World) -> dict[str, Any]:
    return {"agent": world.agent.pk, "key": "latency_p99", "limit": "9"}


LISTS: Rows = {
    name: Row(SIGNED_IN)
    for name in (
        "today",
        "queue",
        "manual-round",
        "one-on-one-round",
        "kpis",
        "kpi-minutes",
        "kpi-export",
        "kpi-goals",
        "kpi-thresholds",
        "kpi-report",
        "kpi-report-export",
        "agents",
        "runs",
        "exceptions",
        "flows",
        "proposals",
        "tool-grants",
        "roles",
        "owners",
        "settings",
    )
}
QUEUE: Rows = {
    "queue-item": Row(READ_AGENT, kwargs=_item),
    "queue-undo": Row(post=REVIEW_AGENT, kwargs=lambda world: {"pk": world.decision.pk}),
    "queue-bulk": Row(SIGNED_IN, DECIDE_TICKED, data=lambda w: {**_decision(w), "item": f"{w.question.item.pk}:"}),
    "queue-export": Row(SIGNED_IN),
    "queue-views": Row(SIGNED_IN),
    "queue-view-keep": Row(post=SIGNED_IN, data=lambda w: {"name": "Hot", "query": "?severity=high"}),
    "queue-view-forget": Row(post=OWN_VIEW, kwargs=lambda w: {"pk": w.view.pk}),
    "queue-rules": Row(SIGNED_IN),
    "queue-rule": Row(READ_AGENT, kwargs=_rule),
    "queue-rule-new": Row(REVIEW_AGENT, REVIEW_AGENT, kwargs=lambda world: {"pk": world.decision.pk}),
    "queue-rule-approve": Row(post=APPROVE_RULE, kwargs=_rule),
    "queue-rule-open": Row(post=REVIEW_AGENT, kwargs=_rule),
    "queue-rule-revoke": Row(post=REVIEW_AGENT, kwargs=_rule),
    "queue-rule-restore": Row(post=REVIEW_AGENT, kwargs=_rule),
    "today-take-back": Row(post=SIGNED_IN),
    "queue-snooze": Row(post=REVIEW_AGENT, kwargs=_item, data=lambda w: {"later": "1h"}),
    "queue-assign": Row(post=REVIEW_AGENT, kwargs=_item, data=lambda w: {"to": w.cast.second.pk}),
    "queue-note": Row(post=REVIEW_AGENT, kwargs=_item, data=lambda w: {"text": "Look"}),
    "queue-claim": Row(post=REVIEW_AGENT, kwargs=_item),
    "queue-decide": Row(post=REVIEW_AGENT, kwargs=_item, data=_decision),
    "queue-review": Row(READ_AGENT, kwargs=_day),
    "queue-review-shown": Row(post=REVIEW_AGENT, kwargs=_day),
    "queue-review-decide": Row(post=REVIEW_AGENT, kwargs=_day, data=_judgement),
    "queue-quiet": Row(post=APPROVE_QUIET, data=lambda w: {"review": w.day.pk, "until": timezone.now().isoformat()}),
    "visit-vendor": Row(READ_AGENT, kwargs=_elsewhere),
    # The question is no check-in: whoever may answer hears that this is no answer to it.
    "manual-done": Row(
        post=REVIEW_AGENT,
        kwargs=lambda w: {"kind": "check_in", "pk": w.question.pk},
        data=lambda w: {"evidence": "Seen", "minutes": 1},
    ),
    "queue-activity": Row(post=READ_AGENT, data=lambda w: {"agent": w.agent.slug, "seconds": 15}),
    "one-on-one": Row(READ_AGENT, kwargs=slug),
    "one-on-one-opened": Row(post=REVIEW_AGENT, kwargs=slug),
    # Its agent is ours: whoever may instruct it hears that nothing is to be pasted.
    "instruction-pasted": Row(post=INSTRUCT_AGENT, kwargs=slug, data=lambda w: {"evidence": "Seen", "minutes": 1}),
    "give-feedback": Row(post=INSTRUCT_AGENT, kwargs=slug, data=lambda w: {"text": "Be brief"}),
    "ask-agent": Row(post=INSTRUCT_AGENT, kwargs=slug, data=lambda w: {"question": "Well?", "key": uuid7()}),
}
AGENTS: Rows = {
    "new-agent": Row(CREATE_AGENT, CREATE_WITH_OURS, data=_new_agent),
    "import-agents": Row(CREATE_AGENT, CREATE_WITH_OURS, data=lambda w: {"csv": _fleet(w)}),
    "agent": Row(READ_AGENT, kwargs=slug),
    "edit-agent": Row(CONFIGURE_AGENT, CONFIGURE_AGENT, slug, _edited),
    "go-live": Row(post=APPOINT, kwargs=slug),
    "pause-agent": Row(post=PAUSE_AGENT, kwargs=slug, data=_reason),
    "resume-agent": Row(post=PAUSE_AGENT, kwargs=slug),
    "retire-agent": Row(post=APPOINT, kwargs=slug, data=_reason),
    "seat-owner": Row(post=APPOINT, kwargs=slug, data=_seat),
    "remove-owner": Row(post=APPOINT, kwargs=with_slug(lambda w: {"user": w.cast.backup.pk})),
    "equip-agent": Row(post=CONFIGURE_AGENT, kwargs=slug, data=_limits),
    "set-second-person": Row(post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"above": "500"}),
    "set-day-cap": Row(post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"cap": "9"}),
    "set-team-cap": Row(post=CAP_TEAM, kwargs=slug, data=lambda w: {"cap": "9"}),
    "connect-agent": Row(post=CONFIGURE_AGENT, kwargs=_elsewhere, data=lambda w: {"every": "15"}),
    # Without credentials nobody is called: it is said what lacks.
    "test-connection": Row(post=CONFIGURE_AGENT, kwargs=_elsewhere),
    "fetch-agent": Row(post=REVIEW_AGENT, kwargs=_elsewhere),
    "disconnect-agent": Row(post=CONFIGURE_AGENT, kwargs=_elsewhere),
    "set-target": Row(
        post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"key": "rate", "target": "0.9", "better": "higher"}
    ),
    "add-schedule": Row(
        post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"local_time": "02:30", "weekdays": list("1234567")}
    ),
    "remove-schedule": Row(post=CONFIGURE_AGENT, kwargs=with_slug(lambda w: {"pk": w.schedule.pk})),
    "add-knowledge": Row(post=CONFIGURE_AGENT, kwargs=slug, data=_document),
    "remove-knowledge": Row(post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"source": "policy.md"}),
    "agent-memory": Row(READ_AGENT, kwargs=slug),
    "write-document": Row(post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"source": "fees.md", "text": "None."}),
    # Whoever configures no other agent finds none in the form.
    "grant-knowledge": Row(post=BORROW, kwargs=slug, data=_lent),
    "withdraw-knowledge": Row(post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"lender": w.elsewhere.slug}),
    "take-proposal": Row(post=CONFIGURE_AGENT, kwargs=_proposal, data=lambda w: {"title": "When?", "text": "Soon."}),
    "refuse-proposal": Row(post=CONFIGURE_AGENT, kwargs=_proposal, data=lambda w: {"reason": "Too special"}),
    "tell-memory": Row(post=TELL_MEMORY, kwargs=slug, data=_told),
    "forget-contact": Row(post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"address": "kim@example.com"}),
    "correct-memory": Row(post=CONFIGURE_AGENT, kwargs=_memory, data=lambda w: {"text": "Wants no call"}),
    "forget-memory": Row(post=CONFIGURE_AGENT, kwargs=_memory),
    "agent-tools": Row(READ_AGENT, kwargs=slug),
    "grant-tool": Row(post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"tool": "calculate", "currency": "USD"}),
    "revoke-tool": Row(post=CONFIGURE_AGENT, kwargs=slug, data=lambda w: {"tool": "get_order_details"}),
    "freezes": Row(SIGNED_IN),
    "reveal-personal": Row(post=REVEAL, data=lambda w: {"path": "/runs/", "reason": "A complaint"}),
    "freeze-team": Row(post=LEAD_TEAM, data=_reason),
    "thaw-team": Row(post=LEAD_TEAM),
    "freeze-agent": Row(post=PAUSE_AGENT, kwargs=slug, data=_reason),
    "thaw-agent": Row(post=PAUSE_AGENT, kwargs=slug),
    # Whoever may not configure it finds no such agent in the form.
    "kpi-goal-set": Row(post=access(CONFIGURERS, other=Outcome.CHOOSE), data=_goal),
    "kpi-costs": Row(SEE_WHOLE_TEAM),
    "kpi-cost-accept": Row(post=WRITE_POLICY, kwargs=lambda w: {"pk": w.adjustment.pk}),
    "kpi-cost-dismiss": Row(post=WRITE_POLICY, kwargs=lambda w: {"pk": w.adjustment.pk}),
    "kpi-goal-close": Row(post=CONFIGURE_AGENT, kwargs=lambda w: {"pk": w.goal.pk}),
    "kpi-threshold-set": Row(post=access(CONFIGURERS, other=Outcome.CHOOSE), data=_threshold),
    "kpi-threshold-end": Row(post=CONFIGURE_AGENT, kwargs=lambda w: {"pk": w.threshold.pk}),
    "hours": Row(SIGNED_IN, post=SIGNED_IN, data=lambda w: {"languages": "es"}),
    "absences": Row(SIGNED_IN),
    "absence-declare": Row(post=SIGNED_IN, data=lambda w: {"first": later(5), "last": later(6)}),
    "absence-end": Row(post=END_ABSENCE, kwargs=lambda w: {"pk": w.absence.pk}),
    "assign-owners": Row(post=access(APPOINTERS, refused=READERS - APPOINTERS, other=Outcome.CHOOSE), data=_assigned),
}
NO_FLOW = {role: Outcome.CHOOSE if got is Outcome.THROUGH else got for role, got in INSTRUCT_AGENT.items()}
HAPPENINGS: Rows = {
    "run": Row(READ_AGENT, kwargs=_run),
    "run-replay": Row(READ_AGENT, kwargs=_run),
    # The world's run is of a flow that does not ship: whoever may ask is told so.
    "run-what-if": Row(READ_AGENT, post=NO_FLOW, kwargs=lambda w: {"pk": w.done.pk}),
    "run-again": Row(post=INSTRUCT_AGENT, kwargs=lambda w: {"pk": w.done.pk}),
    "run-pause": Row(post=PAUSE_AGENT, kwargs=_run),
    "run-resume": Row(post=PAUSE_AGENT, kwargs=_run),
    "run-cancel": Row(post=PAUSE_AGENT, kwargs=_run, data=_reason),
    "run-wrong": Row(post=REVIEW_AGENT, kwargs=lambda w: {"pk": w.done.pk}, data=lambda w: {"note": "Old price"}),
    "run-rating": Row(
        post=REVIEW_AGENT, kwargs=lambda w: {"pk": w.done.pk}, data=lambda w: {"survey": "csat", "score": 5}
    ),
    "run-release": Row(post=INSTRUCT_AGENT, kwargs=lambda w: {"pk": w.quarantined.pk}),
    "run-new": Row(INSTRUCT_AGENT, INSTRUCT_AGENT, slug, lambda w: {"text": "Where?", "queue": "bulk", "key": uuid7()}),
    "run-preview": Row(post=INSTRUCT_AGENT, kwargs=slug, data=_file),
    "run-import": Row(post=INSTRUCT_AGENT, kwargs=slug, data=lambda w: {"csv": TICKETS}),
    # Whoever may give no agent of ours work finds none in the form.
    "flow": Row(
        SIGNED_IN,
        access(INSTRUCTORS, other=Outcome.CHOOSE),
        kwargs=lambda w: {"slug": "chaining"},
        data=lambda w: {"agent": w.agent.slug, "input-text": "Where?", "key": uuid7()},
    ),
    "flow-new": Row(SIGNED_IN, RULE_CAMPAIGNS, data=lambda w: _flow()),
    "flow-assign": Row(
        SIGNED_IN, ASSIGN, kwargs=lambda w: {"slug": "chaining"}, data=lambda w: {"agent": w.agent.slug}
    ),
    "flow-edit": Row(READ_CAMPAIGN, CHANGE_OUR_FLOW, kwargs=own_flow, data=lambda w: _flow()),
    "flow-terms": Row(SIGNED_IN, RULE_CAMPAIGNS, kwargs=lambda w: {"slug": "chaining"}, data=lambda w: {"seconds": 9}),
    "exception": Row(READ_AGENT, kwargs=_question),
    "exception-decide": Row(post=REVIEW_AGENT, kwargs=_question, data=_decision),
    "exception-cap": Row(post=CONFIGURE_NOTHING, kwargs=_question, data=lambda w: {"cap": "9"}),
    "bypasses": Row(SIGNED_IN, BYPASS, data=lambda w: {"agent": w.agent.pk, "minutes": "5", "reason": "Sale"}),
    "bypass-end": Row(post=REVIEW_AGENT, kwargs=lambda w: {"pk": w.bypass.pk}),
    "runbooks": Row(SIGNED_IN, RULE_CAMPAIGNS, data=lambda w: {"text": "Call"}),
    "incidents": Row(SIGNED_IN),
    "incident": Row(READ_AGENT, kwargs=_incident),
    "incident-post-mortem": Row(READ_AGENT, kwargs=_incident),
    "incident-open": Row(post=REVIEW_AGENT, kwargs=_question, data=lambda w: {"title": "Bad", "severity": "high"}),
    "incident-note": Row(post=REVIEW_AGENT, kwargs=_incident, data=lambda w: {"text": "Seen"}),
    "incident-tick": Row(post=REVIEW_AGENT, kwargs=_incident, data=lambda w: {"place": "1", "done": "1"}),
    "incident-rate": Row(post=REVIEW_AGENT, kwargs=_incident, data=lambda w: {"severity": "low"}),
    "incident-lead": Row(post=REVIEW_AGENT, kwargs=_incident, data=lambda w: {"commander": w.cast.second.pk}),
    "incident-contain": Row(
        post=REVIEW_AGENT, kwargs=_incident, data=lambda w: {"agents": [w.agent.pk], "by": "pause"}
    ),
    "incident-resolve": Row(post=REVIEW_AGENT, kwargs=_incident, data=_resolution),
    "escalation": Row(SIGNED_IN, RULE_CAMPAIGNS, data=_ladder),
    "audit": Row(READ_TRAIL),
    "audit-export": Row(post=READ_TRAIL),
}
CAMPAIGNS: Rows = {
    "campaigns": Row(SIGNED_IN),
    "new-campaign": Row(BEGIN_CAMPAIGN, BEGIN_CAMPAIGN, data=lambda w: {"name": "More"}),
    "segments": Row(SIGNED_IN),
    "segments-change": Row(RULE_CAMPAIGNS, {**RULE_CAMPAIGNS, "rival": Outcome.CHOOSE}, data=_segments),
    "campaign-rules": Row(SIGNED_IN, RULE_CAMPAIGNS, data=lambda w: {"banned_terms": "guaranteed"}),
    "campaign": Row(READ_CAMPAIGN, CAMPAIGN, _draft, _facts),
    "campaign-preview": Row(post=CAMPAIGN, kwargs=_draft, data=_facts),
    "campaign-editing": Row(post=CAMPAIGN, kwargs=_draft),
    "campaign-wording": Row(CAMPAIGN, CAMPAIGN, _wording, lambda w: {"revision": 1}),
    "campaign-paste": Row(CAMPAIGN, CAMPAIGN, _draft, lambda w: {"text": "A ticket", "revision": 1}),
    "campaign-begin": Row(post=CAMPAIGN, kwargs=_sent),
    "campaign-end": Row(post=CAMPAIGN, kwargs=_sent, data=lambda w: {"reason": "Sold out"}),
    "campaign-approve": Row(post=CAMPAIGN, kwargs=_draft, data=lambda w: {"revision": w.draft.revision}),
    "broadcast-release": Row(post=CAMPAIGN, kwargs=lambda w: {"pk": w.broadcast.pk}),
    "campaign-broadcast": Row(
        CAMPAIGN, CAMPAIGN, _draft, lambda w: {"agents": [w.agent.pk], "why": "not now", "key": uuid7()}
    ),
    "broadcast-recall": Row(post=CAMPAIGN, kwargs=lambda w: {"pk": w.broadcast.pk}, data=_reason),
    "delivery-confirm": Row(post=BROADCAST_AGENT, kwargs=_delivery, data=lambda w: {"evidence": "Seen", "minutes": 1}),
    "delivery-ask": Row(post=BROADCAST_AGENT, kwargs=_delivery),
    "delivery-retry": Row(post=BROADCAST_AGENT, kwargs=_delivery),
    "request-accept": Row(post=CAMPAIGN, kwargs=lambda w: {"pk": w.request.pk}),
    "request-decline": Row(post=CAMPAIGN, kwargs=lambda w: {"pk": w.request.pk}, data=_reason),
    "agent-context": Row(READ_AGENT, CONFIGURE_AGENT, slug, lambda w: {"budget": 400}),
}
PERSONS: Rows = {
    "people": Row(LEAD_TEAM),
    "invite": Row(post=LEAD_TEAM, data=lambda w: {"email": "more@example.com", "role": "manager"}),
    "revoke-invitation": Row(post=LEAD_OUR_TEAM, kwargs=lambda w: {"pk": w.invitation.pk}),
    "change-role": Row(post=LEAD_OUR_TEAM, kwargs=_trainee, data=lambda w: {"role": "engineer"}),
    "deactivate": Row(LEAD_OUR_TEAM, LEAD_OUR_TEAM, _trainee),
    "reactivate": Row(post=LEAD_OUR_TEAM, kwargs=_trainee),
    "new-credentials": Row(post=LEAD_OUR_TEAM, kwargs=_trainee),
    "join": Row(PUBLIC, access({"anonymous"}, refused=PEOPLE), kwargs=lambda w: {"token": w.link}, data=_account),
    "profile": Row(post=SIGNED_IN, data=lambda w: {"name": "Me", "zone": "UTC", "language": "en"}),
    "choose-team": Row(post=SIGNED_IN, data=lambda w: {"team": w.cast.team.pk}),
    "new-token": Row(post=SIGNED_IN, data=lambda w: {"name": "robot", "scopes": ["read"], "days": 1}),
    "sources": Row(SIGNED_IN),
    "ranking": Row(SIGNED_IN),
    "policy": Row(SIGNED_IN, RULE_CAMPAIGNS, data=_policy),
    "policy-restore": Row(post=RULE_CAMPAIGNS, kwargs=_policy_version),
    "models": Row(SIGNED_IN),
    "add-model": Row(post=LEAD_TEAM, data=_model),
    "end-model": Row(post=LEAD_OUR_TEAM, kwargs=lambda w: {"pk": w.model.pk}),
    "new-source": Row(post=OPEN_ADDRESS, data=lambda w: {"name": "Zapier", "mode": "token"}),
    "rotate-source": Row(post=CONFIGURE_TEAM, kwargs=_source),
    "pause-source": Row(post=CONFIGURE_TEAM, kwargs=_source, data=lambda w: {"paused": "1"}),
    "map-agent": Row(post=CONFIGURE_TEAM, kwargs=_source, data=lambda w: {"name": "Bot", "agent": w.agent.pk}),
    "replay-event": Row(post=CONFIGURE_TEAM, kwargs=lambda w: {"pk": w.event.pk}),
    "revoke-token": Row(post=OWNERS_OWN, kwargs=lambda w: {"pk": w.token.pk}),
    "setup": Row(SIGNED_IN, SIGNED_IN),
}
ROWS: Rows = {**LISTS, **QUEUE, **AGENTS, **HAPPENINGS, **CAMPAIGNS, **PERSONS}


def _fleet(world: World) -> str:
    owners = f"{world.cast.owner.email};{world.cast.second.email}"
    return base64.b64encode(FLEET.format(owners=owners).encode()).decode()
