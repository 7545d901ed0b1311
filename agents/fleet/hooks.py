"""What the fleet tells the apps above: subscribers register in `AppConfig.ready()`."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from agents.base.actors import Actor
from agents.fleet.models import Agent, AgentOwner, Instruction
from agents.people.models import User

acting_seat: list[Callable[[Agent, AgentOwner | None, User], None]] = []
"""Called in the transaction that took an owner away: the live agent, the seat that acts from now on (None: nobody can,
the agent is paused) and the leaver. Subscribers open the blocking exception and the task to appoint."""

owners_named: list[Callable[[Agent, Actor], None]] = []
"""Called in the transaction after which a primary and one more, both active, are appointed to the agent, which is
locked, by whoever appointed them. Subscribers close what asked for it."""

schedule_input: list[Callable[[Agent, Mapping[str, Any]], None]] = []
"""Called before a schedule is kept, with what its runs will start with. Subscribers raise Invalid where none could."""

going_live: list[Callable[[Agent], list[str]]] = []
"""Asked before an agent goes live, which is locked: what it lacks, in sentences for the reader."""

lifecycle_changed: list[Callable[[Agent, str], None]] = []
"""Called in the transaction of every transition, with the agent as it is now and the lifecycle it comes from."""

instruction_given: list[Callable[[Instruction], None]] = []
"""Called in the transaction that gave it: subscribers take it to where the agent is."""

thawed: list[Callable[[uuid.UUID], None]] = []
"""Called in the transaction that lifted a freeze, with the team: subscribers let go on what waited for that."""
