"""The doors of campaigns: prepare, broadcast, deliver, confirm, recall."""

from campaigns.actions.allowances import set_allowance
from campaigns.actions.approving import approve_version
from campaigns.actions.broadcasting import broadcast
from campaigns.actions.context import CONTEXT_DUE, give_context, next_context
from campaigns.actions.delivering import deliver, sweep
from campaigns.actions.drafts import begin_version, create_campaign, edit_draft, validate_version
from campaigns.actions.editing import note_editor
from campaigns.actions.looking import look_at_links
from campaigns.actions.measuring import measure_context
from campaigns.actions.probing import probe, probe_due
from campaigns.actions.pulling import Context, pull_context
from campaigns.actions.recalling import end_expired, end_version, recall
from campaigns.actions.receipts import confirm_manual, retry, take_receipt
from campaigns.actions.redoing import find_redos
from campaigns.actions.releasing import release, release_proved
from campaigns.actions.requests import decline_request
from campaigns.actions.rules import set_rules
from campaigns.actions.staleness import watch

__all__ = [
    "CONTEXT_DUE",
    "Context",
    "approve_version",
    "begin_version",
    "broadcast",
    "confirm_manual",
    "create_campaign",
    "decline_request",
    "deliver",
    "edit_draft",
    "end_expired",
    "end_version",
    "find_redos",
    "give_context",
    "look_at_links",
    "measure_context",
    "next_context",
    "note_editor",
    "probe",
    "probe_due",
    "pull_context",
    "recall",
    "release",
    "release_proved",
    "retry",
    "set_allowance",
    "set_rules",
    "sweep",
    "take_receipt",
    "validate_version",
    "watch",
]
