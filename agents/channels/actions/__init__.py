"""The ways to change what is known of contacts."""

from agents.channels.actions.hearing import hear
from agents.channels.actions.rating import rate
from agents.channels.actions.segmenting import set_segments

__all__ = ["hear", "rate", "set_segments"]
