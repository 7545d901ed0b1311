"""Encrypt every secret anew under the first of ENCRYPTION_KEYS; run until it says 0, then the old key may go."""

from typing import Any

from django.core.management.base import BaseCommand

from agents.base.actors import SYSTEM
from agents.base.fields import current_key
from agents.base.rotation import rotate_keys
from audit.actions import record
from audit.verbs import ROTATED


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        count = rotate_keys()
        record(ROTATED, actor=SYSTEM, team_id=None, key=current_key(), secrets=count)
        self.stdout.write(f"{count} secrets encrypted anew under {current_key()}")
