"""Answers kept for an Idempotency-Key are for a client that lost its connection, not for ever."""

from datetime import timedelta

from django.utils import timezone

from agents.base.models import IdempotentReply

KEPT = timedelta(hours=48)


def forget_replies() -> int:
    """Deletes answers older than 48 hours; how many."""
    return IdempotentReply.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
