"""Connecting an agent on its page: credentials go in and never come out, and the table claims nothing untried."""

import pytest
from django.utils import timezone

from agents.base.models import Secret
from agents.connectors.models import Connection
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from audit.models import AuditEvent
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.rehearsal.fixtures import Rehearsal

URL = "/agents/refund-agent/"
SECRET = "mks_live_very_secret"
UNTRIED = "documented, not yet tried on a live account"


@pytest.fixture
def monaco(cast: Cast) -> Agent:
    cast.agent.vendor = Vendor.MONACO
    cast.agent.save()
    return cast.agent


def kept(rehearsal: Rehearsal) -> dict[str, str]:
    address = f"{rehearsal.url}/vendors/monaco"
    return {"base_url": address, "every": "30", "set_template_id": "seqt_1", "secret_api_key": SECRET}


@pytest.mark.usefixtures("use_rehearsal")
def test_credentials_go_in_and_are_never_shown(
    cast: Cast, monaco: Agent, sign_in: SignIn, rehearsal: Rehearsal
) -> None:
    client = sign_in(cast.owner)
    assert client.post(URL + "connection/", kept(rehearsal)).status_code == 302
    client.post(URL + "connection/", {**kept(rehearsal), "secret_api_key": "", "every": "20"})
    connection = Connection.objects.get()
    assert (connection.secret("api_key"), connection.every_s) == (SECRET, 1200)
    assert connection.settings == {"template_id": "seqt_1"}
    page = client.get(URL).content.decode()
    assert "api_key" in page
    assert SECRET not in page
    assert SECRET not in str(list(AuditEvent.objects.values()))
    assert SECRET not in str(list(Secret.objects.values()))


@pytest.mark.usefixtures("use_rehearsal")
def test_a_kept_credential_goes_to_no_other_address(
    cast: Cast, monaco: Agent, sign_in: SignIn, rehearsal: Rehearsal
) -> None:
    client = sign_in(cast.owner)
    client.post(URL + "connection/", kept(rehearsal))
    elsewhere = {**kept(rehearsal), "base_url": f"{rehearsal.url}/elsewhere"}
    answer = client.post(URL + "connection/", {**elsewhere, "secret_api_key": ""})
    assert answer.status_code == 422
    assert "Another address needs its credentials again." in answer.content.decode()
    assert Connection.objects.get().base_url == kept(rehearsal)["base_url"]
    assert client.post(URL + "connection/", elsewhere).status_code == 302


@pytest.mark.usefixtures("use_rehearsal")
def test_a_test_answered_by_a_stand_in_is_not_called_live(
    cast: Cast, monaco: Agent, sign_in: SignIn, rehearsal: Rehearsal
) -> None:
    client = sign_in(cast.owner)
    client.post(URL + "connection/", kept(rehearsal))
    said = client.post(URL + "connection/test/", follow=True).content.decode()
    assert "A stand-in answered" in said
    assert UNTRIED in said
    Connection.objects.update(tested_rehearsal=False, tested_at=timezone.now())
    assert UNTRIED not in client.get(URL).content.decode()


@pytest.mark.usefixtures("use_rehearsal")
def test_a_test_that_fails_says_why(cast: Cast, monaco: Agent, sign_in: SignIn, rehearsal: Rehearsal) -> None:
    client = sign_in(cast.owner)
    client.post(URL + "connection/", {**kept(rehearsal), "secret_api_key": "wrong"})
    assert "does not accept our credentials" in client.post(URL + "connection/test/", follow=True).content.decode()
    assert Connection.objects.get().problem == "auth"


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/", "file:///etc/passwd", "https://u:p@x.example/", "nonsense"]
)
def test_an_address_that_may_not_be_called_is_refused(cast: Cast, monaco: Agent, sign_in: SignIn, address: str) -> None:
    answer = sign_in(cast.owner).post(URL + "connection/", {"base_url": address, "every": "30"})
    assert answer.status_code == 422
    assert not Connection.objects.exists()


@pytest.mark.usefixtures("use_rehearsal")
def test_removing_a_connection_removes_its_credentials(
    cast: Cast, monaco: Agent, sign_in: SignIn, rehearsal: Rehearsal
) -> None:
    client = sign_in(cast.owner)
    client.post(URL + "connection/", kept(rehearsal))
    assert client.post(URL + "connection/remove/").status_code == 302
    assert not Secret.objects.exists()
    assert "Not connected" in client.get(URL).content.decode()


def test_an_agent_without_interface_is_said_to_be_looked_at_by_hand(cast: Cast, monaco: Agent, sign_in: SignIn) -> None:
    Agent.objects.filter(pk=monaco.pk).update(vendor=Vendor.MANUAL)
    page = sign_in(cast.owner).get(URL).content.decode()
    assert "It has no interface" in page
    assert "Connect…" not in page
