"""The fleet's rows, one noun a file."""

from agents.fleet.models.agents import Agent, AgentOwner, AgentStatus
from agents.fleet.models.flows import (
    Assignment,
    Endpoint,
    Flow,
    FlowVersion,
    Model,
    PolicyVersion,
    Price,
    PromptVersion,
    Schedule,
)
from agents.fleet.models.grants import AgentUserGrant
from agents.fleet.models.knowledge import KnowledgeGrant, KnowledgePassage, PassageVector
from agents.fleet.models.kpis import Goal, KpiPoint, KpiTarget
from agents.fleet.models.talks import Instruction, OneOnOne, Question, ReviewTime
from agents.fleet.models.thresholds import Threshold
from agents.fleet.models.tools import ToolGrant, WriteFreeze

__all__ = [
    "Agent",
    "AgentOwner",
    "AgentStatus",
    "AgentUserGrant",
    "Assignment",
    "Endpoint",
    "Flow",
    "FlowVersion",
    "Goal",
    "Instruction",
    "KnowledgeGrant",
    "KnowledgePassage",
    "KpiPoint",
    "KpiTarget",
    "Model",
    "OneOnOne",
    "PassageVector",
    "PolicyVersion",
    "Price",
    "PromptVersion",
    "Question",
    "ReviewTime",
    "Schedule",
    "Threshold",
    "ToolGrant",
    "WriteFreeze",
]
