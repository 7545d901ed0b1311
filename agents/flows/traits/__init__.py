"""Which steps of a run show the pattern that its flow is named after: read off what is stored, never off the name."""

from agents.flows.traits.patterns import TRAITS, Shown, shown, traits_of

__all__ = ["TRAITS", "Shown", "shown", "traits_of"]
