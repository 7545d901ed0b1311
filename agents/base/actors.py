"""Who acts. People and agents are both first-class; the trail keeps a plain copy, never a key."""

import uuid
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Actor:
    """`kind` and `id` say who; `label` is what a reader of the trail sees even after the row is gone."""

    kind: Literal["person", "agent", "system"]
    id: uuid.UUID | None
    label: str


SYSTEM = Actor("system", None, "Rollcall")
