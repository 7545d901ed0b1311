"""The fixed words of what happens (design.md §2)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RunState(TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    QUARANTINED = "quarantined", _("Quarantined")
    CANCELLED = "cancelled", _("Cancelled")


TERMINAL = (RunState.DONE, RunState.FAILED, RunState.CANCELLED)


class Route(TextChoices):
    """What a plan decides on: in this order, of the two models the one that would help (R-060)."""

    AS_USUAL = "as_usual", _("As usual")
    BETTER_MODEL = "better_model", _("Better models")
    CHEAPER_MODEL = "cheaper_model", _("Cheaper models")
    OTHER_ROUTE = "other_route", _("Another route")
    PERSON = "person", _("A person")


class RunSignal(TextChoices):
    """What a person wants of a run; obeyed by its worker at the next step boundary."""

    PAUSE = "pause", _("Pause")
    CANCEL = "cancel", _("Cancel")


class ProposalState(TextChoices):
    """What became of knowledge that a resolved case proposed."""

    OPEN = "open", _("Open")
    TAKEN = "taken", _("Taken")
    REFUSED = "refused", _("Refused")


class Remembered(TextChoices):
    """What a memory of a customer is."""

    ANSWER = "answer", _("Answer")
    PREFERENCE = "preference", _("Preference")
    PRODUCT = "product", _("Product")


class Queue(TextChoices):
    URGENT = "urgent", _("Urgent")
    BULK = "bulk", _("Bulk")


class Channel(TextChoices):
    """The ways by which customers write, and are answered."""

    CHAT = "chat", _("Chat")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    VOICE = "voice", _("Voice")
    WHATSAPP = "whatsapp", _("WhatsApp")


class Lane(TextChoices):
    """Kinds of work, in the order in which they go first."""

    INTERACTIVE = "interactive", _("Interactive")
    BROADCAST = "broadcast", _("Broadcast")
    NIGHTLY = "nightly", _("Nightly")
    BATCH = "batch", _("Batch")


class LaneOutcome(TextChoices):
    """What somebody who waited for an answer got: it, a queued run after the deadline, or one at once: no seat free."""

    IN_TIME = "in_time", _("In time")
    LATE = "late", _("Late")
    FULL = "full", _("No seat free")


class StepState(TextChoices):
    INTENDED = "intended", _("Intended")
    SENT = "sent", _("Sent")
    CONFIRMED = "confirmed", _("Confirmed")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Unknown")


class ExceptionState(TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")
    EXPIRED = "expired", _("Expired")


class ExceptionKind(TextChoices):
    """Approvals expire (denied); everything else climbs (design.md §2)."""

    APPROVAL = "approval", _("Approval")
    QUESTION = "question", _("Question")
    GUARDRAIL = "guardrail", _("Guardrail")
    HANDOFF = "handoff", _("Handoff")
    FAILURE = "failure", _("Failure")
    UNKNOWN_EFFECT = "unknown_effect", _("Effect with unknown outcome")
    REPLAY_MISMATCH = "replay_mismatch", _("Changed since it began")
    BUDGET = "budget", _("Budget")
    QUARANTINE = "quarantine", _("Quarantine")
    OWNERS = "owners", _("Owners")
    SILENCE = "silence", _("Silence")
    SYNC_FAILED = "sync_failed", _("Sync failed")
    STALE_CONTEXT = "stale_context", _("Stale context")
    CHECK_IN = "check_in", _("Manual check-in")
    THRESHOLD = "threshold", _("Threshold")
    SAMPLE = "sample", _("Sample")


class RootCause(TextChoices):
    """What the person who closes an exception found to be behind it (R-061)."""

    MODEL = "model", _("The model erred")
    INSTRUCTIONS = "instructions", _("Its instructions were unclear or wrong")
    CONTEXT = "context", _("Its context was stale or missing")
    KNOWLEDGE = "knowledge", _("Its knowledge was missing or out of date")
    TOOL = "tool", _("A tool or another system failed")
    VENDOR = "vendor", _("The vendor or the connection failed")
    DATA = "data", _("The data was wrong or missing")
    LIMIT = "limit", _("A limit or budget was too tight")
    RULE = "rule", _("A rule or guardrail was wrong or too strict")
    CASE = "case", _("A case that belongs to people")
    FALSE_ALARM = "false_alarm", _("Nothing was wrong")
    OTHER = "other", _("Something else")


class Severity(TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class HandTo(TextChoices):
    """Whom a step of an escalation policy hands an unanswered item to."""

    PRIMARY = "primary", _("the primary owner")
    SECOND = "second", _("the second owner")
    BACKUP = "backup", _("the backup")
    CHIEF = "chief", _("the Chief Agent Officer")
    PERSON = "person", _("a named person")
    BEST = "best", _("whoever fits best")


class IncidentState(TextChoices):
    OPEN = "open", _("Open")
    CONTAINED = "contained", _("Contained")
    RESOLVED = "resolved", _("Resolved")


class Containment(TextChoices):
    """How an agent is kept from doing more harm: it stops, or goes on without changing anything."""

    PAUSE = "pause", _("Pause: nothing of theirs starts, and what runs stops at its next step")
    FREEZE = "freeze", _("Freeze: they go on reading and answering questions, and change and publish nothing")


class ItemState(TextChoices):
    OPEN = "open", _("Open")
    CLAIMED = "claimed", _("Claimed")
    HELD = "held", _("Held for a second person")
    SNOOZED = "snoozed", _("Snoozed")
    DECIDED = "decided", _("Decided")


class DecisionKind(TextChoices):
    APPROVE = "approve", _("Approve")
    EDIT = "edit", _("Edit")
    REJECT = "reject", _("Reject")
    RESPOND = "respond", _("Respond")
    IGNORE = "ignore", _("Ignore")
    ESCALATE = "escalate", _("Escalate")
    SKIP = "skip", _("Skip")
    NEEDS_CHANGE = "needs_change", _("Needs change")


class DecisionState(TextChoices):
    """How far a decision's effect has come. Held: a second person must say the same before anything happens."""

    PENDING = "pending", _("Can be undone")
    RELEASED = "released", _("In effect")
    HELD = "held", _("Held for a second person")
    UNDONE = "undone", _("Undone")
    REFUSED = "refused", _("Refused: it had changed")


STANDING = (DecisionState.PENDING, DecisionState.RELEASED)
"""These close their item, unless they only put it off."""


class RuleState(TextChoices):
    """A rule decides nothing before a second person approved it, nor once anybody revoked it."""

    PROPOSED = "proposed", _("Waits for a second person")
    ACTIVE = "active", _("In force")
    REVOKED = "revoked", _("Revoked")
    STOPPED = "stopped", _("Stopped by itself")


class ReviewState(TextChoices):
    """Of one agent's review on one business day."""

    PENDING = "pending", _("Pending")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    NEEDS_CHANGE = "needs_change", _("Needs change")
    ESCALATED = "escalated", _("Escalated")
    SKIPPED = "skipped", _("Skipped")


class FoundBy(TextChoices):
    """How it came out that a run which was over and done had gone wrong."""

    EXCEPTION = "exception", _("an exception raised about it")
    REJECTION = "rejection", _("a person who rejected it")
    PERSON = "person", _("a person who looked at it")


OPEN_REVIEWS = (ReviewState.PENDING, ReviewState.IN_REVIEW)


class BudgetScope(TextChoices):
    RUN = "run", _("Run")
    AGENT_DAY = "agent_day", _("Agent and day")
    TEAM_DAY = "team_day", _("Team and day")


class WhatIfState(TextChoices):
    """Of one walk with today's prompts, models and policy."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
