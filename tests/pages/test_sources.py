"""The page of the addresses for webhooks."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.connectors.actions import open_source, parse
from agents.connectors.models import InboxEvent, Source
from agents.runs.models import Run
from tests.cast import Cast
from tests.ingest.documents import a_run
from tests.ingest.sender import Sender
from tests.pages.conftest import SignIn

PAGE = "/settings/sources/"


@pytest.mark.parametrize(("mode", "shape"), [("signed", r"whsec_[\w+/]{43}="), ("token", r"rct_[\w-]{43}")])
def test_a_secret_is_shown_once(cast: Cast, sign_in: SignIn, mode: str, shape: str) -> None:
    client = sign_in(cast.chief)
    page = client.post(f"{PAGE}new/", {"name": "n8n", "mode": mode}).content.decode()
    [secret] = set(re.findall(shape, page))
    source = Source.objects.get()
    assert (str(source.pk) in page, source.secret.reveal()) == (True, secret)
    assert secret not in client.get(PAGE).content.decode()


def test_a_new_secret_works_beside_the_old_one(cast: Cast, sign_in: SignIn) -> None:
    source, old = open_source(cast.team, name="n8n", actor=cast.chief)
    page = sign_in(cast.chief).post(f"{PAGE}{source.pk}/rotate/").content.decode()
    [new] = set(re.findall(r"whsec_[\w+/]{43}=", page))
    assert new != old
    for secret in (old, new):
        assert Sender(source, secret).send({"agent": "refund-agent", **a_run()})[0] == 202


def test_a_paused_address_says_so(cast: Cast, sign_in: SignIn) -> None:
    source, _secret = open_source(cast.team, name="n8n", actor=cast.chief)
    client = sign_in(cast.chief)
    client.post(f"{PAGE}{source.pk}/pause/", {"paused": "1"})
    assert "st-paused" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{source.pk}/pause/", {"paused": "0"})
    assert "st-paused" not in client.get(PAGE).content.decode()


def test_an_unknown_agent_is_shown_and_mapped(cast: Cast, sign_in: SignIn) -> None:
    source, secret = open_source(cast.team, name="n8n", actor=cast.chief)
    Sender(source, secret).send({"agent": "<b>Bot</b>", **a_run()})
    parse(InboxEvent.objects.get().pk)
    client = sign_in(cast.chief)
    page = client.get(PAGE).content.decode()
    assert ("unmapped agent" in page, "<b>Bot</b>" in page, "&lt;b&gt;Bot&lt;/b&gt;" in page) == (True, False, True)
    assert client.post(f"{PAGE}{source.pk}/map/", {"name": "<b>Bot</b>", "agent": cast.agent.pk}).status_code == 302
    parse(InboxEvent.objects.get().pk)
    assert Run.objects.get().agent == cast.agent
    assert "unmapped agent" not in client.get(PAGE).content.decode()


def test_an_owner_sees_the_addresses_of_their_own_agents_only(cast: Cast, sign_in: SignIn) -> None:
    open_source(cast.team, name="everybody's", actor=cast.chief)
    open_source(cast.team, name="their own", actor=cast.owner, agent=cast.agent)
    page = sign_in(cast.owner).get(PAGE).content.decode()
    assert ("their own" in page, "everybody&#x27;s" in page) == (True, False)
    assert "their own" not in sign_in(cast.manager).get(PAGE).content.decode()


@pytest.mark.parametrize("wrong", [{"name": ""}, {"mode": "trust"}, {"agent": "0"}, {"name": "n8n"}])
def test_what_cannot_be_is_422_and_stays_in_the_form(cast: Cast, sign_in: SignIn, wrong: dict[str, str]) -> None:
    open_source(cast.team, name="n8n", actor=cast.chief)
    answer = sign_in(cast.chief).post(f"{PAGE}new/", {"name": "Typed", "mode": "signed"} | wrong)
    assert (answer.status_code, '<details class="more" open>' in answer.content.decode()) == (422, True)


def test_the_page_asks_as_much_for_many_as_for_one(cast: Cast, sign_in: SignIn) -> None:
    client, asked = sign_in(cast.chief), []
    for number in range(3):
        source, _secret = open_source(cast.team, name=f"s{number}", actor=cast.chief)
        InboxEvent.objects.create(source=source, external_id="m", body=b"{}", state="failed")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        asked.append(len(queries))
    assert asked[1] == asked[2] <= 14
