"""What people set for themselves, and what the installation says about itself."""

import re

import pytest
from pytest_django import Settings

from agents.people.actions import add_member, authenticate_token
from agents.people.enums import TeamRole
from agents.people.models import ApiToken
from console.pages.settings.system import system
from tests.cast import Cast
from tests.pages.conftest import SignIn


def test_people_set_their_name_clock_and_language(cast: Cast, sign_in: SignIn) -> None:
    given = {"name": "Amélia", "zone": "America/Sao_Paulo", "language": "pt-br"}
    assert sign_in(cast.owner).post("/settings/profile/", given).status_code == 302
    cast.owner.refresh_from_db()
    assert (cast.owner.name, cast.owner.zone, cast.owner.language) == ("Amélia", "America/Sao_Paulo", "pt-br")


@pytest.mark.parametrize("wrong", [{"zone": "Mars/Base"}, {"language": "xx"}, {"name": ""}, {"name": "x" * 121}])
def test_what_cannot_be_is_422_and_stays_in_the_form(cast: Cast, sign_in: SignIn, wrong: dict[str, str]) -> None:
    given = {"name": "Typed", "zone": "UTC", "language": "en"} | wrong
    page = sign_in(cast.owner).post("/settings/profile/", given)
    assert page.status_code == 422
    assert "errorlist" in page.content.decode()


def test_a_token_s_secret_is_shown_once(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    page = client.post("/settings/tokens/", {"name": "nightly", "scopes": ["read", "review"], "days": "30"})
    secret = re.findall(r"rc_[\w-]{43}", page.content.decode())[0]
    token = authenticate_token(secret)
    assert token is not None
    assert token.scopes == ["read", "review"]
    assert secret not in client.get("/settings/").content.decode()


@pytest.mark.parametrize("wrong", [{"days": "366"}, {"days": "0"}, {"scopes": ["everything"]}, {"scopes": []}])
def test_a_token_that_cannot_be_is_422(cast: Cast, sign_in: SignIn, wrong: dict[str, object]) -> None:
    given = {"name": "nightly", "scopes": ["read"], "days": "30"} | wrong
    assert sign_in(cast.owner).post("/settings/tokens/", given).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_person_and_by_nobody_else_s_page(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    client.post("/settings/tokens/", {"name": "nightly", "scopes": ["read"], "days": "30"})
    path = f"/settings/tokens/{ApiToken.objects.get().pk}/revoke/"
    assert sign_in(cast.second).post(path).status_code == 404
    assert client.post(path).status_code == 302
    assert ApiToken.objects.get().revoked_at is not None


def test_who_is_in_two_teams_chooses_which_to_look_at(cast: Cast, sign_in: SignIn) -> None:
    add_member(cast.rival_team, cast.chief, TeamRole.AUDITOR)
    client = sign_in(cast.chief)
    client.post("/settings/team/", {"team": cast.rival_team.pk})
    assert "Contoso" in client.get("/").content.decode()
    client.post("/settings/team/", {"team": "no such team"})
    assert "Contoso" in client.get("/").content.decode()


def test_a_team_one_is_not_in_cannot_be_chosen(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    client.post("/settings/team/", {"team": cast.rival_team.pk})
    assert "Contoso" not in client.get("/").content.decode()


def facts() -> dict[str, str]:
    return {str(fact.label): fact.value for fact in system()}


def test_the_installation_says_what_it_runs_on(cast: Cast) -> None:
    found = facts()
    assert re.fullmatch(r"\d+\.\d+", found["PostgreSQL"])
    assert found["Redis"] == "answers"
    assert found["Queue urgent"] == "no worker seen"
    assert found["Trail append-only"] == "enforced by role and trigger"


def test_a_rehearsal_is_named_as_one(cast: Cast, settings: Settings) -> None:
    settings.REHEARSAL_URL = "http://127.0.0.1:9"
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    settings.MODEL_IS_REHEARSAL = True
    assert facts()["Language model"] == "rehearsal"


def test_where_it_may_connect_besides_public_addresses_is_shown(cast: Cast, settings: Settings) -> None:
    settings.EGRESS_ALLOW = ["10.1.2.3:8080"]
    assert facts()["May also connect to"] == "10.1.2.3:8080"


def test_the_page_names_the_host_to_which_traces_leave_and_no_more(cast: Cast, settings: Settings) -> None:
    assert facts()["Traces of runs leave to"] == "nobody"
    settings.OTLP_TRACES_ENDPOINT = "https://key:secret@collector.example:4318/v1/traces?token=x"
    assert facts()["Traces of runs leave to"] == "collector.example:4318"


def test_a_redis_that_is_away_is_said_and_breaks_no_page(cast: Cast, sign_in: SignIn, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "does not answer" in sign_in(cast.owner).get("/settings/").content.decode()


def test_without_a_role_of_its_own_the_page_says_that_append_only_is_not_enforced_by_role(
    cast: Cast, settings: Settings
) -> None:
    settings.DATABASE_APP_ROLE = None
    assert facts()["Trail append-only"] == "by trigger only"
