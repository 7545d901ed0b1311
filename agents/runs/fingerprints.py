"""Which exceptions are the same thing again: of one source and kind, in the same words but for names and numbers."""

import re

from agents.engine import digest
from agents.runs.enums import ExceptionKind
from agents.runs.models import RunException

LONGEST = 500
"""Characters of a failure's error that are compared."""
# Ids before plain numbers, which they contain; what agents put in quotes or write in digits differs each time.
VARIABLE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b(?=\w*\d)[\w.:/@-]*\w|\d+", re.IGNORECASE)


def fingerprint(exception: RunException) -> str:
    """SHA-256 in hex over source, kind, cause, message, answer schema and proposal.

    Two that ask for different effects are never the same: the hash of the proposal is part of it; nor are two
    runs' samples.
    """
    run = exception.run
    source = (run.source if run else "") or exception.agent.vendor
    said = [source, exception.kind, exception.cause, message(exception)]
    if exception.kind == ExceptionKind.SAMPLE:
        said.append(str(exception.run_id))
    return digest([*said, exception.schema, exception.proposal_sha256])


def message(exception: RunException) -> str:
    """Title, and the error of a failure, without what names this one run, ids and numbers.

    A title that is the run's own says what is asked, and stays.
    """
    said = exception.title
    if exception.run and exception.run.title:
        rest = said.replace(exception.run.title, "")
        said = rest if any(map(str.isalnum, rest)) else said
    if exception.kind == ExceptionKind.FAILURE:
        said = f"{said} {exception.detail[:LONGEST]}"
    return " ".join(VARIABLE.sub("#", said).lower().split())
