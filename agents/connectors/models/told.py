"""How far what people tell an agent came in its own system."""

from django.db import models
from django.utils import timezone

from agents.base.models import Row
from agents.connectors.enums import Rung
from agents.fleet.models import Instruction
from agents.people.models import User


class InstructionReceipt(Row):
    """One rung that an instruction reached at its agent's vendor, with its evidence; the newest one holds.

    `sha256` is of the text that is there, else of what was sent; `user` and `minutes` are of the person who pasted it.
    """

    instruction = models.ForeignKey(Instruction, on_delete=models.CASCADE, related_name="receipts")
    rung = models.CharField(max_length=20, choices=Rung.choices)
    at = models.DateTimeField(default=timezone.now)
    evidence = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, blank=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    minutes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instruction", "rung"], name="one_instruction_receipt_per_rung")]

    def __str__(self) -> str:
        return self.get_rung_display()
