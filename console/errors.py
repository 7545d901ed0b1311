"""Errors in plain words with a request id; nothing internal."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from agents.base.context import request_id


def problem_page(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "detail": detail, "request_id": request_id()}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    detail = _("The page was open for too long, or cookies are blocked. Go back, reload the page and send it again.")
    return problem_page(request, 403, _("This form could not be checked"), detail)
