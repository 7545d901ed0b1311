"""What each setting of a connection means, for whoever fills it in."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HINTS: dict[str, Promise] = {
    "context_domains": _("Domains of the accounts that get the context, with spaces between. Empty: by hand."),
    "context_field": _("Name of the account field that holds it."),
    "template_id": _("The sequence template whose block holds the context. Empty: by hand."),
    "block": _("Name of that block."),
    "campaign_id": _("The campaign that pausing pauses."),
    "key_header": _("Only where its older header is still wanted."),
    "signal_prompts": _("Ids of the signals to fetch, with spaces between."),
    "session_id": _("The session in which it is asked and told."),
    "agent_id": _("As its vendor's API calls it."),
    "agent_name": _("As session tracing calls it."),
    "agent_api": _("Where the Agent API is; another for government clouds."),
    "sessions_table": _("A view of your org that joins sessions with their messages: id, times, end, heard, spoken."),
    "context_object": _("A custom object with Agent__c (external id), Text__c and Version__c."),
    "lead_source": _("What it writes into the lead source."),
    "booked_status": _("The lead status that means a meeting."),
    "handoff_status": _("The lead status that means a person is wanted."),
}
"""By name; names mean the same wherever they appear."""
