"""Everything that changes agents and who answers for them."""

from agents.fleet.actions.agents import PROFILE, create_agent, edit_agent
from agents.fleet.actions.imports import Imported, import_agents
from agents.fleet.actions.instructions import give_feedback
from agents.fleet.actions.knowledge import add_knowledge, remove_knowledge
from agents.fleet.actions.kpis import keep_points, report_kpi, set_kpi_target
from agents.fleet.actions.leaving import deactivate_user, reactivate_user, remove_member
from agents.fleet.actions.lifecycle import go_live, pause_agent, resume_agent, retire_agent
from agents.fleet.actions.observe import observe
from agents.fleet.actions.owners import remove_owner, remove_owner_everywhere, seat_owner, set_owners
from agents.fleet.actions.policies import require_second_person
from agents.fleet.actions.schedules import add_schedule, remove_schedule
from agents.fleet.actions.talks import note_visit, open_one_on_one

__all__ = [
    "PROFILE",
    "Imported",
    "add_knowledge",
    "add_schedule",
    "create_agent",
    "deactivate_user",
    "edit_agent",
    "give_feedback",
    "go_live",
    "import_agents",
    "keep_points",
    "note_visit",
    "observe",
    "open_one_on_one",
    "pause_agent",
    "reactivate_user",
    "remove_knowledge",
    "remove_member",
    "remove_owner",
    "remove_owner_everywhere",
    "remove_schedule",
    "report_kpi",
    "require_second_person",
    "resume_agent",
    "retire_agent",
    "seat_owner",
    "set_kpi_target",
    "set_owners",
]
