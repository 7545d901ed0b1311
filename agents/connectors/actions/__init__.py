"""The doors of what comes in, and of how agents elsewhere are reached."""

from agents.connectors.actions.asking import ask_agent
from agents.connectors.actions.check_ins import complete_check_in, open_check_ins
from agents.connectors.actions.connecting import connect, disconnect, try_connection
from agents.connectors.actions.importing import Imported, import_runs
from agents.connectors.actions.parsing import parse, parse_inbox
from agents.connectors.actions.receiving import receive_event
from agents.connectors.actions.reporting import report_runs
from agents.connectors.actions.silence import watch_silence
from agents.connectors.actions.sources import map_name, open_source, pause_source, replay, rotate_secret
from agents.connectors.actions.syncing import Synced, sync, sync_now
from agents.connectors.actions.telling import confirm_instruction
from agents.connectors.actions.traces import report_traces

__all__ = [
    "Imported",
    "Synced",
    "ask_agent",
    "complete_check_in",
    "confirm_instruction",
    "connect",
    "disconnect",
    "import_runs",
    "map_name",
    "open_check_ins",
    "open_source",
    "parse",
    "parse_inbox",
    "pause_source",
    "receive_event",
    "replay",
    "report_runs",
    "report_traces",
    "rotate_secret",
    "sync",
    "sync_now",
    "try_connection",
    "watch_silence",
]
