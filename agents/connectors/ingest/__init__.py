"""Runs that other systems carry out come in here, whoever brings them."""

from agents.connectors.ingest.documents import RunDocument
from agents.connectors.ingest.reading import Reading, clean, read
from agents.connectors.ingest.taking import Taken, take_runs

__all__ = ["Reading", "RunDocument", "Taken", "clean", "read", "take_runs"]
