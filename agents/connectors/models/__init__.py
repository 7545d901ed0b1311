"""The rows of what connects us to other systems."""

from agents.connectors.models.connections import Connection
from agents.connectors.models.inbox import GroundTruth, InboxEvent, Source
from agents.connectors.models.told import InstructionReceipt

__all__ = ["Connection", "GroundTruth", "InboxEvent", "InstructionReceipt", "Source"]
