"""The shell every page stands in, and who gets into it."""

import re
import zoneinfo
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from agents.people.models import Membership
from agents.runs.enums import RunState
from agents.runs.models import Canary
from tests.cast import PASSWORD, Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import a_run

PAGES = [
    "/",
    "/agents/",
    "/agents/new/",
    "/agents/import/",
    "/agents/refund-agent/",
    "/agents/refund-agent/edit/",
    "/owners/",
    "/settings/",
    "/setup/",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_for_an_owner_in_the_shell(cast: Cast, sign_in: SignIn, path: str) -> None:
    page = sign_in(cast.owner).get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert '<nav class="side"' in text
    assert '<main id="main"' in text
    assert 'role="status"' in text


def test_the_frame_is_each_reader_s_own_although_it_is_kept(cast: Cast, sign_in: SignIn) -> None:
    for person, other in ((cast.owner, cast.chief), (cast.chief, cast.owner)):
        frame = sign_in(person).get("/settings/").content.decode().split("<main")[0]
        assert str(person) in frame
        assert str(other) not in frame
        assert ('href="/people/"' in frame) == (person == cast.chief)


@pytest.mark.parametrize(("age", "said"), [(49, False), (51, True)])
def test_a_page_says_when_nobody_takes_up_work(cast: Cast, sign_in: SignIn, age: int, said: bool) -> None:
    seen = timezone.now() - timedelta(seconds=age)
    Canary.objects.bulk_create([Canary(queue="urgent", seen_at=seen), Canary(queue="bulk", seen_at=timezone.now())])
    page = sign_in(cast.owner).get("/agents/").content.decode()
    at = timezone.localtime(seen, zoneinfo.ZoneInfo(cast.owner.zone))
    assert (f"No worker has taken up work since {at:%H:%M} (queue urgent)" in page) == said


def test_a_worker_in_a_long_run_takes_up_work(cast: Cast, sign_in: SignIn) -> None:
    Canary.objects.create(queue="urgent", seen_at=timezone.now() - timedelta(hours=1))
    a_run(cast.agent, RunState.RUNNING, queue="urgent", lease_until=timezone.now() + timedelta(seconds=60))
    assert "No worker has taken up work" not in sign_in(cast.owner).get("/agents/").content.decode()


def test_whoever_leaves_sends_a_token_of_the_page_s_own(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    leave = re.compile(r'<form id="leave" method="post" action="([^"]+)" hidden>.*?value="(\w+)"')
    (action, token), (_again, other) = (leave.findall(client.get("/").content.decode())[0] for _ in range(2))
    assert token != other
    client.handler.enforce_csrf_checks = True
    assert client.post(action, {"csrfmiddlewaretoken": token}).status_code == 302
    assert client.get("/").status_code == 302


def test_a_stranger_is_sent_to_sign_in_and_back(cast: Cast, client: Client) -> None:
    page = client.get("/agents/?state=failed")
    assert page.status_code == 302
    assert page["Location"] == "/accounts/login/?next=/agents/%3Fstate%3Dfailed"


def test_a_stranger_who_sends_a_form_comes_back_to_the_page_it_was_on(cast: Cast, client: Client) -> None:
    page = client.post("/agents/refund-agent/pause/", {"reason": "x"}, HTTP_REFERER="http://testserver/agents/x/")
    assert page["Location"] == "/accounts/login/?next=/agents/x/"


def test_a_foreign_referer_is_nowhere_to_come_back_to(cast: Cast, client: Client) -> None:
    page = client.post("/agents/refund-agent/pause/", {"reason": "x"}, HTTP_REFERER="https://evil.example/a/")
    assert page["Location"] == "/accounts/login/?next=/"


def test_a_fragment_without_a_session_is_told_to_leave(cast: Cast, client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/agents/?text=x"}
    answer = client.get("/agents/", headers=headers)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/accounts/login/?next=/agents/%3Ftext%3Dx"
    assert answer.content == b""


def test_somebody_without_a_team_is_told_so(cast: Cast, sign_in: SignIn) -> None:
    Membership.objects.filter(user=cast.manager).delete()
    page = sign_in(cast.manager).get("/agents/")
    assert page.status_code == 403
    assert "You belong to no team any more" in page.content.decode()


def test_the_people_page_is_in_the_sidebar_of_those_who_may_open_it(cast: Cast, sign_in: SignIn) -> None:
    shown = {user: "/people/" in sign_in(user).get("/").content.decode() for user in (cast.owner, cast.chief)}
    assert shown == {cast.owner: False, cast.chief: True}


def test_pages_speak_the_person_s_language(cast: Cast, sign_in: SignIn) -> None:
    cast.owner.language = "es"
    cast.owner.save()
    page = sign_in(cast.owner).get("/agents/").content.decode()
    assert re.search(r'<html lang="es">', page)


def test_pages_are_not_kept_by_caches(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.owner).get("/")["Cache-Control"] == "no-store"


def test_people_sign_in_while_redis_is_away(cast: Cast, client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.post("/accounts/login/", {"login": cast.owner.email, "password": PASSWORD})
    assert answer["Location"] == "/"
    assert "redis" not in str(settings.CACHES)


def test_the_sign_in_page_offers_no_sign_up(cast: Cast, client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert "/accounts/signup/" not in page
    assert "invite you" in page


def test_nobody_signs_up_alone(cast: Cast, client: Client) -> None:
    answer = client.post("/accounts/signup/", {"email": "new@northwind.example", "password1": "x" * 14})
    assert "By invitation" in answer.content.decode()


def test_nobody_changes_the_address_they_sign_in_with(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.owner).post("/accounts/email/", {"email": cast.chief.email, "action_add": ""})
    assert answer["Location"] == "/settings/"
