"""What Today and the queue are measured against: 50 rows with session and sign-in, nothing of ours around them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

from agents.runs.models import Run

PAGE = Engine().from_string(
    "<!doctype html><title>Bare</title><p>{{ name }}</p><table>{% for row in rows %}<tr><td>{{ row.title }}</td>"
    "<td>{{ row.state }}</td><td>{{ row.created_at }}</td></tr>{% endfor %}</table>"
)


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    rows = Run.objects.order_by("-pk").values("title", "state", "created_at")[:50]
    return HttpResponse(PAGE.render(Context({"name": str(request.user), "rows": rows})))


urlpatterns = [path("bare/", bare)]
