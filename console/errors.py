"""Errors in plain words with a request id; nothing internal. A page for a page, a toast for a fragment (htmx)."""

from urllib.parse import urlsplit

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.base.context import request_id
from agents.base.errors import Refused

TITLES = {
    400: gettext_lazy("This request could not be read"),
    403: gettext_lazy("You may not do this"),
    404: gettext_lazy("There is nothing here"),
    405: gettext_lazy("This address only takes forms"),
    409: gettext_lazy("Something has changed meanwhile"),
    413: gettext_lazy("This is too large"),
    422: gettext_lazy("This cannot be taken as it is"),
}


def problem(
    request: HttpRequest, status: int, detail: str, *, title: str = "", fields: dict[str, list[str]] | None = None
) -> HttpResponse:
    """The answer with this status: an error page, or for htmx a toast that leaves the page as it is."""
    context = {
        "title": title or TITLES.get(status, TITLES[400]),
        "detail": detail,
        "fields": {name: said for name, said in (fields or {}).items() if said != [detail]},
        "back": came_from(request),
    }
    if request.headers.get("HX-Request") != "true":
        return render(request, "error.html", context, status=status)
    response = render(request, "parts/toast.html", {**context, "level": "error", "text": detail}, status=status)
    response["HX-Retarget"] = "#toasts"
    response["HX-Reswap"] = "beforeend"
    return response


def came_from(request: HttpRequest) -> str:
    """The page of ours whose form or link led here; empty when there was none."""
    referer = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(referer, {request.headers.get("Host", "")})
    return referer if own and urlsplit(referer).path != request.path else ""


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """The sentence an action refused with."""
    return problem(request, error.status, error.message, fields=error.fields)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    detail = _("The page was open for too long, or cookies are blocked. Go back, reload the page and send it again.")
    return problem(request, 403, detail, title=_("This form could not be checked"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Suspicious requests: too large, too many fields, a forged host."""
    if isinstance(exception, RequestDataTooBig):
        return problem(request, 413, _("What was sent is larger than Rollcall takes. Send less at a time."))
    return problem(request, 400, _("The request was malformed: a forged address, too many fields, or a broken file."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 403, str(exception) or _("Your role does not allow this. An administrator can change it."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 404, _("The address is wrong, or it leads to something that is not yours to see."))


def not_allowed(request: HttpRequest) -> HttpResponse:
    return problem(request, 405, _("Open the page it belongs to and use the button there. Nothing was changed."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the request's context: the database may be what failed."""
    detail = _("The error was noted. Go back and try again; if it stays, pass on the number below.")
    context = {"title": _("Something broke on our side"), "detail": detail, "request_id": request_id()}
    return HttpResponse(render_to_string("error.html", context), status=500)
