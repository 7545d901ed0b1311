"""What an agent of ours is doing, as its rows say; observed through `fleet.actions.observe`."""

from agents.base.sql import first
from agents.fleet.actions import observe
from agents.fleet.enums import Observed
from agents.fleet.models import Agent
from agents.fleet.queries import derive_status

FRESH_S = 60
"""With nothing new, a state is observed again only after this: many runs of one agent need not queue for its row."""
FACTS = """
SELECT (SELECT count(*) FROM runs_run WHERE agent_id = a.id AND state = 'running'),
       (SELECT count(*) FROM runs_runexception WHERE agent_id = a.id AND state = 'open'
        AND kind NOT IN ('silence', 'sync_failed', 'sample')),
       EXISTS (SELECT FROM runs_runexception WHERE agent_id = a.id AND state = 'open' AND kind = 'silence'),
       (SELECT state FROM runs_run WHERE agent_id = a.id AND state IN ('done', 'failed', 'quarantined')
        ORDER BY created_at DESC LIMIT 1),
       s.state, s.observed_at > now() - make_interval(secs => %s), (s.evidence->>'waiting')::int,
       coalesce((s.evidence->>'silent')::bool, false)
FROM fleet_agent a LEFT JOIN fleet_agentstatus s ON s.agent_id = a.id WHERE a.id = %s
"""


def look(agent: Agent, *, reached: bool = False, heard: bool | None = None) -> None:
    """Observe the agent from its runs and open exceptions, in the caller's transaction.

    That it cannot be reached, is silent, or is looked at by lot, is nothing it waits for. Whether it can be reached our
    rows do not say: a disconnected agent stays so until its connector has `reached` it again. Nor, once somebody has
    answered that, whether it is silent: it stays so until it is `heard` again. How its last run came out is how it is
    no longer, then.
    """
    running, waiting, told, last, known, fresh, waited, was_silent = first(FACTS, [FRESH_S, agent.pk]) or ()
    if known == Observed.DISCONNECTED and not reached:
        return
    silent = told or (was_silent if heard is None else not heard)
    failed = last in ("failed", "quarantined") and not silent
    state = derive_status(failed=failed, waiting=waiting, silent=silent, running=running)
    if known != state or not fresh or waited != waiting or was_silent != silent:
        observe(agent, state, {"running": running, "waiting": waiting, "silent": silent, "last_run": last or ""})
