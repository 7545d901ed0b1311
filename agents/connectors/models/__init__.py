"""The rows of what connects us to other systems."""

from agents.connectors.models.connections import Connection
from agents.connectors.models.inbox import GroundTruth, InboxEvent, Source

__all__ = ["Connection", "GroundTruth", "InboxEvent", "Source"]
