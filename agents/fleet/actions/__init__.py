"""Everything that changes agents and who answers for them."""

from agents.fleet.actions.agents import PROFILE, create_agent, edit_agent
from agents.fleet.actions.imports import Imported, import_agents
from agents.fleet.actions.instructions import give_feedback
from agents.fleet.actions.knowledge import add_knowledge, grant_knowledge, remove_knowledge, withdraw_knowledge
from agents.fleet.actions.kpis import close_goal, keep_points, report_kpi, set_goal, set_kpi_target
from agents.fleet.actions.leaving import deactivate_user, reactivate_user, remove_member
from agents.fleet.actions.lifecycle import go_live, pause_agent, resume_agent, retire_agent
from agents.fleet.actions.models import add_model, end_model
from agents.fleet.actions.observe import observe
from agents.fleet.actions.owners import remove_owner, remove_owner_everywhere, seat_owner, set_owners
from agents.fleet.actions.policies import (
    require_policy_role,
    require_second_person,
    set_policy,
    writes_policies,
)
from agents.fleet.actions.schedules import add_schedule, remove_schedule
from agents.fleet.actions.talks import note_visit, open_one_on_one, open_vendor
from agents.fleet.actions.thresholds import end_threshold, set_threshold
from agents.fleet.actions.tools import (
    TEAM_FREEZERS,
    Terms,
    freeze_agent,
    freeze_team,
    grant_tool,
    revoke_tool,
    thaw_agent,
    thaw_team,
)

__all__ = [
    "PROFILE",
    "TEAM_FREEZERS",
    "Imported",
    "Terms",
    "add_knowledge",
    "add_model",
    "add_schedule",
    "close_goal",
    "create_agent",
    "deactivate_user",
    "edit_agent",
    "end_model",
    "end_threshold",
    "freeze_agent",
    "freeze_team",
    "give_feedback",
    "go_live",
    "grant_knowledge",
    "grant_tool",
    "import_agents",
    "keep_points",
    "note_visit",
    "observe",
    "open_one_on_one",
    "open_vendor",
    "pause_agent",
    "reactivate_user",
    "remove_knowledge",
    "remove_member",
    "remove_owner",
    "remove_owner_everywhere",
    "remove_schedule",
    "report_kpi",
    "require_policy_role",
    "require_second_person",
    "resume_agent",
    "retire_agent",
    "revoke_tool",
    "seat_owner",
    "set_goal",
    "set_kpi_target",
    "set_owners",
    "set_policy",
    "set_threshold",
    "thaw_agent",
    "thaw_team",
    "withdraw_knowledge",
    "writes_policies",
]
