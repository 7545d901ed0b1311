"""Reading a body that may be larger than a form's, and not more of it than is taken."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from agents.base.errors import Refused
from console.api.body import WrongMedia

CHUNK = 65_536


class TooLarge(Refused):
    """Refused before more of it is read."""

    status = 413


class TooSlow(Refused):
    """What came is less than was told."""

    status = 408


def receive(request: HttpRequest, most: int) -> bytes:
    """The body, kept as `request.body` also. Raises TooLarge (`too_large`), TooSlow (`too_slow`)."""
    told = int(request.META.get("CONTENT_LENGTH") or 0)
    if told > most:
        raise TooLarge(_("The body is larger than %(most)s bytes.") % {"most": most}, "too_large")
    # Django reads nothing of a body without a length: one in chunks is read from below it.
    chunked = not told and "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    stream = request.META["wsgi.input"] if chunked else request
    read = bytearray()
    while chunk := stream.read(CHUNK if chunked else min(CHUNK, told - len(read))):
        read += chunk
        if len(read) > most:
            raise TooLarge(_("The body is larger than %(most)s bytes.") % {"most": most}, "too_large")
    if len(read) < told:
        # console.asgi cuts off whoever takes too long.
        raise TooSlow(_("The body did not come whole, or took too long to come."), "too_slow")
    request._body = bytes(read)  # what Django does, without its one limit for all forms
    return bytes(read)


def json_only(request: HttpRequest) -> None:
    """Raises WrongMedia (415) for anything that does not say it is JSON."""
    if request.content_type != "application/json":
        raise WrongMedia(_("Send Content-Type: application/json."), "content_type")
