"""First use without demo: whoever started the console becomes the first administrator, once."""

import pytest
from django.test import Client
from pytest_django import Settings

from agents.fleet.actions import create_agent
from agents.fleet.enums import Function, Lifecycle, OwnerRole, Vendor
from agents.fleet.models import Agent
from agents.people.enums import TeamRole
from agents.people.models import Membership, Team, User
from tests.cast import PASSWORD, Cast
from tests.pages.conftest import SignIn

CODE = "only-who-started-it-knows"
FORM = {
    "code": CODE,
    "team": "Acme",
    "zone": "Europe/Madrid",
    "currency": "eur",
    "name": "Ada",
    "email": "ada@acme.example",
    "password": PASSWORD,
}


@pytest.fixture(autouse=True)
def _code(settings: Settings) -> None:
    settings.SETUP_CODE = CODE


@pytest.mark.django_db
def test_without_a_team_every_page_leads_to_the_set_up(client: Client) -> None:
    assert client.get("/agents/")["Location"] == "/setup/"
    assert "Set-up code" in client.get("/setup/").content.decode()


@pytest.mark.django_db
def test_the_first_person_is_administrator_of_the_first_team_and_signed_in(client: Client) -> None:
    page = client.post("/setup/", FORM, follow=True).content.decode()
    assert "Setting up Acme" in page
    team = Team.objects.get()
    assert (team.zone, team.currency, team.is_demo) == ("Europe/Madrid", "EUR", False)
    assert Membership.objects.get(user__email="ada@acme.example").role == TeamRole.ADMINISTRATOR


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "language"), [("pt-BR", "pt-br"), ("ja", "en")])
def test_whoever_sets_up_goes_on_in_the_language_of_the_form(client: Client, asked: str, language: str) -> None:
    page = client.post("/setup/", FORM, headers={"Accept-Language": asked}, follow=True).content.decode()
    assert f'<html lang="{language}">' in page
    assert User.objects.get().language == language


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "guessed"},
        {"code": ""},
        {"zone": "Mars/Base"},
        {"currency": "€"},
        {"password": "short"},
        {"email": "nobody"},
        {"team": "\x00"},
    ],
)
def test_what_is_wrong_is_422_and_makes_nothing(client: Client, wrong: dict[str, str]) -> None:
    assert client.post("/setup/", FORM | wrong).status_code == 422
    assert not Team.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_without_a_printed_code_nobody_sets_up(client: Client, settings: Settings) -> None:
    settings.SETUP_CODE = ""
    assert client.post("/setup/", FORM).status_code == 403
    assert not Team.objects.exists()


def test_it_happens_once(cast: Cast, client: Client) -> None:
    assert client.post("/setup/", FORM)["Location"] == "/accounts/login/?next=/setup/"
    assert not User.objects.filter(email="ada@acme.example").exists()


@pytest.mark.django_db
def test_the_checklist_counts_what_is_left(client: Client) -> None:
    client.post("/setup/", FORM)
    page = client.get("/setup/").content.decode()
    assert "1 person can sign in" in page
    assert "none yet" in page
    team, ada = Team.objects.get(), User.objects.get()
    profile = {"name": "Ava", "vendor": Vendor.ARTISAN, "function": Function.SALES}
    create_agent(team, actor=ada, owners=[(ada, OwnerRole.PRIMARY)], **profile)
    page = client.get("/setup/").content.decode()
    assert "1 agent awaits its second owner: reviewed, not live" in page
    assert "0 of 1" in page


def test_when_everything_is_done_every_step_says_so(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.administrator).get("/setup/").content.decode()
    assert page.count("st-done") == 4


def test_the_list_is_found_again_and_leads_nobody_where_they_are_refused(cast: Cast, sign_in: SignIn) -> None:
    for person, invites in ((cast.administrator, True), (cast.owner, False)):
        client = sign_in(person)
        assert 'href="/setup/"' in client.get("/settings/").content.decode()
        assert ('href="/people/">Invite' in client.get("/setup/").content.decode().split("<main")[1]) == invites
    Agent.objects.update(lifecycle=Lifecycle.RETIRED)
    assert 'href="/setup/"' in sign_in(cast.administrator).get("/").content.decode()
