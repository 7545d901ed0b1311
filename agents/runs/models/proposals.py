"""What resolved cases would teach an agent, until a person has read it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.enums import ProposalState
from agents.runs.models.runs import Run


class KnowledgeProposal(Row):
    """A question that only a person could answer, with their answer: knowledge once somebody takes it.

    Personal data are masked before it is kept. `fingerprint` is of the question's words: the same question again is
    another of its `cases`, `run` the newest of them.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="proposals")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="proposals")
    fingerprint = models.CharField(max_length=64)
    title = models.CharField(_("question"), max_length=200)
    text = models.TextField(_("answer"), max_length=5000)
    cases = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, choices=ProposalState.choices, default=ProposalState.OPEN)
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "fingerprint"], name="one_proposal_per_question"),
            models.CheckConstraint(
                condition=Q(state=ProposalState.OPEN) | Q(decided_at__isnull=False), name="a_decided_proposal_says_when"
            ),
        ]
        indexes = [models.Index(fields=["agent"], condition=Q(state=ProposalState.OPEN), name="proposal_open")]

    def __str__(self) -> str:
        return f"proposal {short(self.pk)}"

    @property
    def audit_label(self) -> str:
        return str(self)
