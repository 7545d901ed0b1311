"""JSON Lines: one run a line, in the words of the API (`agents.connectors.ingest.documents`)."""

from collections.abc import Iterator

from agents.connectors.formats.entries import Entry, lines


def entries(data: bytes) -> Iterator[Entry]:
    """A line that is no JSON object is named and passed over."""
    return lines(data)
