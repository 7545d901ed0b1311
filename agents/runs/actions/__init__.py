"""The doors of runs: start and steer them, raise and settle what needs a person."""

from agents.runs.actions.activity import note_activity
from agents.runs.actions.assessing import assess_runs
from agents.runs.actions.batch import Batch, batch_approve
from agents.runs.actions.breaking import break_circuits
from agents.runs.actions.bypasses import answer_by_bypass, end_bypass, open_bypass
from agents.runs.actions.canaries import see_canary, send_canaries
from agents.runs.actions.caps import follow_day_cap, set_cap, set_day_cap, set_team_cap
from agents.runs.actions.checking import check_outputs
from agents.runs.actions.control import cancel_run, pause_run, release_quarantine, resume_run
from agents.runs.actions.decisions import decide
from agents.runs.actions.exceptions import owner_missing, owners_found, raise_exception, resolve_exception
from agents.runs.actions.fitting import fit_ranking
from agents.runs.actions.flaws import mark_wrong
from agents.runs.actions.guards import AlreadyDecided
from agents.runs.actions.incidents import (
    contain_incident,
    lead_incident,
    note_incident,
    open_incident,
    rate_incident,
    resolve_incident,
    tick_task,
)
from agents.runs.actions.memories import correct_memory, forget, forget_contact, forget_old, tell_memory
from agents.runs.actions.opening import open_reviews
from agents.runs.actions.policies import require_policy_maker, set_escalation_policy
from agents.runs.actions.proposals import propose_knowledge, refuse_proposal, take_proposal
from agents.runs.actions.ranks import rank_items
from agents.runs.actions.releasing import release_due, undo_decision
from agents.runs.actions.review import claim_item, release_item, snooze_item
from agents.runs.actions.reviews import decide_review, show_review
from agents.runs.actions.runbooks import set_runbook
from agents.runs.actions.schedules import fire_schedules
from agents.runs.actions.start import rerun, start_run
from agents.runs.actions.sweeping import sweep
from agents.runs.actions.traces import account_for_traces
from agents.runs.actions.what_ifs import ask_what_if, carry_out_what_if

__all__ = [
    "AlreadyDecided",
    "Batch",
    "account_for_traces",
    "answer_by_bypass",
    "ask_what_if",
    "assess_runs",
    "batch_approve",
    "break_circuits",
    "cancel_run",
    "carry_out_what_if",
    "check_outputs",
    "claim_item",
    "contain_incident",
    "correct_memory",
    "decide",
    "decide_review",
    "end_bypass",
    "fire_schedules",
    "fit_ranking",
    "follow_day_cap",
    "forget",
    "forget_contact",
    "forget_old",
    "lead_incident",
    "mark_wrong",
    "note_activity",
    "note_incident",
    "open_bypass",
    "open_incident",
    "open_reviews",
    "owner_missing",
    "owners_found",
    "pause_run",
    "propose_knowledge",
    "raise_exception",
    "rank_items",
    "rate_incident",
    "refuse_proposal",
    "release_due",
    "release_item",
    "release_quarantine",
    "require_policy_maker",
    "rerun",
    "resolve_exception",
    "resolve_incident",
    "resume_run",
    "see_canary",
    "send_canaries",
    "set_cap",
    "set_day_cap",
    "set_escalation_policy",
    "set_runbook",
    "set_team_cap",
    "show_review",
    "snooze_item",
    "start_run",
    "sweep",
    "take_proposal",
    "tell_memory",
    "tick_task",
    "undo_decision",
]
