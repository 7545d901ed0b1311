"""What machines may ask."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents.people.actions import create_token
from agents.runs.enums import Queue
from agents.runs.models import Canary
from tests.cast import Cast


@pytest.mark.django_db
def test_alive_needs_no_sign_in(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_queues_that_nobody_consumes_are_named(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["queue urgent: no worker seen yet", "queue bulk: no worker seen yet"]


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "status"), [(5, 200), (49, 200), (51, 503)])
def test_a_queue_is_ready_while_a_worker_takes_its_canary(client: Client, age: int, status: int) -> None:
    seen = timezone.now() - timedelta(seconds=age)
    Canary.objects.bulk_create([Canary(queue=queue, seen_at=seen) for queue in Queue])
    assert client.get("/readyz").status_code == status


def test_figures_need_a_token_that_may_read(cast: Cast, client: Client) -> None:
    assert client.get("/metrics").status_code == 401
    scopes = {"read": 200, "review": 401}
    for scope, status in scopes.items():
        _, secret = create_token(cast.team, cast.owner, name="p", scopes=[scope], days=1, actor=cast.owner)
        assert client.get("/metrics", headers={"Authorization": f"Bearer {secret}"}).status_code == status


def test_figures_are_those_of_the_token_s_team(cast: Cast, client: Client) -> None:
    _, secret = create_token(cast.team, cast.owner, name="p", scopes=["read"], days=1, actor=cast.owner)
    text = client.get("/metrics", headers={"Authorization": f"Bearer {secret}"}).content.decode()
    assert 'rollcall_agents{lifecycle="live"} 1.0' in text
