"""The doors of what comes in."""

from agents.connectors.actions.importing import Imported, import_runs
from agents.connectors.actions.reporting import report_runs

__all__ = ["Imported", "import_runs", "report_runs"]
