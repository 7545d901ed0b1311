"""What the trail may say of runs, exceptions, decisions and money."""

from django.utils.translation import gettext_lazy as _

from audit.verbs import register

# Transitions of a run: each event carries the state it led to, so that replaying them gives the present state.
RUN_QUEUED = register("run.queued", _("queued a run"))
RUN_CLAIMED = register("run.claimed", _("took up a run"))
RUN_YIELDED = register("run.yielded", _("gave a run back for now"))
RUN_WAITING = register("run.waiting", _("waits for a person"))
RUN_ANSWERED = register("run.answered", _("was answered"))
RUN_DONE = register("run.done", _("finished a run"))
RUN_FAILED = register("run.failed", _("failed a run"))
RUN_CANCELLED = register("run.cancelled", _("cancelled a run"))
RUN_EXPIRED = register("run.lease_expired", _("lost its worker"))
RUN_QUARANTINED = register("run.quarantined", _("quarantined a run"))
RUN_RELEASED = register("run.released", _("released a run from quarantine"))
RUN_PAUSED = register("run.paused", _("paused a run"))
RUN_RESUMED = register("run.resumed", _("resumed a run"))

RUN_PAUSE_ASKED = register("run.pause_asked", _("asked a run to pause"))
RUN_CANCEL_ASKED = register("run.cancel_asked", _("asked a run to stop"))
STALE_WRITE = register("lease.stale_write_refused", _("tried to write without the lease"))

BUDGET_REFUSED = register("budget.refused", _("was refused by a budget"))
BUDGET_CAP_SET = register("budget.cap_set", _("set a budget's cap"))
OUTPUT_PUBLISHED = register("output.published", _("published an output"))

EXCEPTION_RAISED = register("exception.raised", _("raised an exception"))
EXCEPTION_RESOLVED = register("exception.resolved", _("resolved an exception"))
EXCEPTION_EXPIRED = register("exception.expired", _("let an approval expire"))
EXCEPTION_CLIMBED = register("exception.climbed", _("became more urgent"))
EXCEPTION_HANDED_ON = register("exception.handed_on", _("was handed to the next person"))
EXCEPTION_UNANSWERED = register("exception.unanswered", _("found nobody who answers"))
ESCALATION_SET = register("escalation.set", _("set an escalation policy"))
INCIDENT_OPENED = register("incident.opened", _("opened an incident"))
INCIDENT_LED = register("incident.led", _("handed over the lead of an incident"))
INCIDENT_NOTED = register("incident.noted", _("wrote a note on an incident"))
INCIDENT_TICKED = register("incident.ticked", _("ticked a step of an incident"))
INCIDENT_CONTAINED = register("incident.contained", _("contained an incident"))
INCIDENT_RESOLVED = register("incident.resolved", _("resolved an incident"))
RUNBOOK_SET = register("runbook.set", _("set a runbook"))
ITEM_CLAIMED = register("item.claimed", _("took an item"))
ITEM_RELEASED = register("item.released", _("gave an item back"))
ITEM_SNOOZED = register("item.snoozed", _("put an item off"))
DECISION_MADE = register("decision.made", _("decided"))
DECISION_HELD = register("decision.held", _("decided, held for a second person"))
DECISION_UNDONE = register("decision.undone", _("took a decision back"))
DECISION_REFUSED = register("decision.refused", _("did not carry out a decision"))
RANKING_FITTED = register("ranking.fitted", _("learned from decisions how to rank"))
REVIEW_DECIDED = register("review.decided", _("decided an agent's day"))
FLAW_FOUND = register("flaw.found", _("found that a run had gone wrong"))
REVIEW_MISSED = register("review.missed", _("went by without a review"))
