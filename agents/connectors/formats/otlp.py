"""OpenTelemetry traces as a collector's file exporter keeps them: one ExportTraceServiceRequest of JSON a line."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from agents.base.errors import Refused
from agents.connectors.formats.entries import Entry
from agents.connectors.otlp import Span, read_json
from agents.connectors.otlp.runs import document, traces


def entries(data: bytes) -> Iterator[Entry]:
    """One run a trace, wherever its spans stand; lines and spans that cannot be read are named and passed over."""
    spans: list[Span] = []
    for place, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            try:
                heard = read_json(line)
            except Refused as refusal:
                yield Entry(place, problem=refusal.message)
                continue
            spans += heard.spans
            if heard.rejected:
                yield Entry(place, problem=_("%(n)s spans: %(why)s") % {"n": heard.rejected, "why": heard.why})
    for place, each in enumerate(traces(spans).values(), start=1):
        yield Entry(place, document(each))
