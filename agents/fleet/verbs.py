"""What the trail may say about agents and their owners."""

from django.utils.translation import gettext_lazy as _

from audit.verbs import register

AGENT_CREATED = register("agent.created", _("Added the agent"))
AGENT_EDITED = register("agent.edited", _("Edited the agent"))
AGENT_LIVE = register("agent.went_live", _("Took the agent live"))
AGENT_PAUSED = register("agent.paused", _("Paused the agent"))
AGENT_RESUMED = register("agent.resumed", _("Resumed the agent"))
AGENT_RETIRED = register("agent.retired", _("Retired the agent"))
OWNER_SEATED = register("owner.seated", _("Seated an owner"))
OWNER_REMOVED = register("owner.removed", _("Removed an owner"))
KPI_TARGET_SET = register("kpi_target.set", _("Set a KPI target"))
KPI_REPORTED = register("kpi.reported", _("read a KPI off a vendor's page"))
GOAL_SET = register("goal.set", _("Set a goal"))
GOAL_CLOSED = register("goal.closed", _("Closed a goal"))
THRESHOLD_SET = register("threshold.set", _("Set a threshold"))
THRESHOLD_ENDED = register("threshold.ended", _("Ended a threshold"))
KPIS_EXPORTED = register("kpis.exported", _("Exported KPIs"))
POLICY_CHANGED = register("policy.changed", _("Changed the policy"))
SCHEDULE_ADDED = register("schedule.added", _("Added a schedule"))
SCHEDULE_REMOVED = register("schedule.removed", _("Removed a schedule"))
KNOWLEDGE_ADDED = register("knowledge.added", _("Added knowledge"))
KNOWLEDGE_REMOVED = register("knowledge.removed", _("Removed knowledge"))
KNOWLEDGE_GRANTED = register("knowledge.granted", _("Let the agent look up what another knows"))
KNOWLEDGE_WITHDRAWN = register("knowledge.withdrawn", _("No longer lets the agent look up what another knows"))
KNOWLEDGE_EMBEDDED = register("knowledge.embedded", _("Made vectors of what the agent knows"))
INSTRUCTION_GIVEN = register("instruction.given", _("Told the agent"))
TOOL_GRANTED = register("tool.granted", _("Gave the agent a tool"))
TOOL_REVOKED = register("tool.revoked", _("Took a tool from the agent"))
WRITES_FROZEN = register("writes.frozen", _("Froze all changes"))
WRITES_THAWED = register("writes.thawed", _("Allowed changes again"))
