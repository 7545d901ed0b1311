"""`/hooks/<source>`: each kind of bad input gets exactly the answer of guarantees.md A; nothing accepted is lost."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.connectors.actions import (
    map_name,
    open_source,
    parse,
    parse_inbox,
    pause_source,
    replay,
    rotate_secret,
)
from agents.connectors.actions.receiving import KEPT
from agents.connectors.enums import InboxState, SourceMode
from agents.connectors.invariants import INVARIANTS
from agents.connectors.models import InboxEvent, Source
from agents.connectors.signing import signed
from agents.connectors.verifying import TOLERANCE_S
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.runs.models import Run
from audit.models import AuditEvent
from tests.cast import Cast, make_cast
from tests.ingest.documents import a_run
from tests.ingest.sender import Sender, sender

pytestmark = pytest.mark.django_db
RUN = {"agent": "refund-agent", **a_run()}


@pytest.fixture
def n8n(cast: Cast) -> Sender:
    return sender(cast)


def read_all() -> None:
    for pk in InboxEvent.objects.filter(state=InboxState.RECEIVED).values_list("pk", flat=True):
        parse(pk)


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1].get("code", "")


def test_a_signed_event_is_kept_then_read(n8n: Sender) -> None:
    status, told = n8n.send(RUN, id="msg_1")
    event = InboxEvent.objects.get()
    assert (status, told) == (202, {"id": str(event.pk), "state": "accepted"})
    assert (event.external_id, json.loads(bytes(event.body)), event.state) == ("msg_1", RUN, "received")
    assert set(event.headers) <= set(KEPT), "a signature is not kept"
    parse_inbox()
    event.refresh_from_db()
    assert event.state == "received", "whoever was woken for it has a moment to read it"
    read_all()
    event.refresh_from_db()
    assert (event.state, event.taken) == ("parsed", 1)
    assert Run.objects.get().source.startswith("hook:n8n")


def test_an_envelope_and_many_runs_are_read_alike(n8n: Sender) -> None:
    many = [{"agent": "refund-agent", **a_run(f"R-{number}")} for number in range(3)]
    n8n.send({"type": "run.done", "timestamp": "2026-11-21T00:00:00Z", "data": {"agent": "refund-agent", **a_run("E")}})
    n8n.send({"runs": many})
    read_all()
    assert {run.external_id for run in Run.objects.all()} == {"E", "R-0", "R-1", "R-2"}


def test_the_vectors_of_the_specification() -> None:
    """Standard Webhooks, Python library, test of `sign`."""
    body, secret = b'{"test": 2432232314}', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    told = signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", body, 1614265330)
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_no_signature(n8n: Sender) -> None:
    assert code(n8n.post(json.dumps(RUN).encode(), {})) == (401, "signature_missing")


def test_a_wrong_signature(n8n: Sender) -> None:
    body = json.dumps(RUN).encode()
    assert code(n8n.post(body, signed("whsec_AAAA", "m", body))) == (401, "bad_signature")


def test_a_signature_over_json_written_anew(n8n: Sender) -> None:
    raw = json.dumps(RUN, indent=1).encode()
    assert code(n8n.post(raw, signed(n8n.secret, "m", json.dumps(RUN).encode()))) == (401, "bad_signature")


@pytest.mark.parametrize("scheme", ["v2", "v1a", ""])
def test_a_scheme_nobody_knows(n8n: Sender, scheme: str) -> None:
    body = json.dumps(RUN).encode()
    headers = signed(n8n.secret, "m", body)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", f"{scheme},")
    assert code(n8n.post(body, headers)) == (401, "unsupported_signature")


@pytest.mark.parametrize("stamp", ["", "now", "1e9", "-5", "٣", "99999999999999999999999"])
def test_a_time_that_is_none(n8n: Sender, stamp: str) -> None:
    body = json.dumps(RUN).encode()
    assert n8n.post(body, signed(n8n.secret, "m", body) | {"webhook-timestamp": stamp})[0] == 401


def test_the_old_secret_during_and_after_rotation(n8n: Sender, cast: Cast) -> None:
    fresh = rotate_secret(n8n.source, actor=cast.chief)
    assert n8n.send(RUN)[0] == 202
    assert Sender(n8n.source, fresh).send(RUN)[0] == 202
    Source.objects.update(previous_until=timezone.now())
    assert code(n8n.send(RUN)) == (401, "bad_signature")
    assert Sender(n8n.source, fresh).send(RUN)[0] == 202


def test_several_signatures_during_the_sender_s_own_rotation(n8n: Sender) -> None:
    body = json.dumps(RUN).encode()
    headers = signed(n8n.secret, "m", body)
    headers["webhook-signature"] = f"v1a,x v1,AAAA {headers['webhook-signature']}"
    assert n8n.post(body, headers)[0] == 202


def test_svix_names_are_the_same(n8n: Sender) -> None:
    body = json.dumps(RUN).encode()
    headers = {name.replace("webhook", "svix"): value for name, value in signed(n8n.secret, "m", body).items()}
    assert n8n.post(body, headers)[0] == 202


def test_too_old(n8n: Sender) -> None:
    assert code(n8n.send(RUN, ago=TOLERANCE_S + 1)) == (401, "too_old")
    assert n8n.send(RUN, ago=TOLERANCE_S - 60)[0] == 202


def test_from_the_future(n8n: Sender) -> None:
    assert code(n8n.send(RUN, ago=-TOLERANCE_S - 60)) == (401, "clock_ahead")
    assert n8n.send(RUN, ago=-TOLERANCE_S + 60)[0] == 202


def test_the_same_again_is_the_same_answer(n8n: Sender) -> None:
    first = n8n.send(RUN, id="m")
    time.sleep(0.01)
    assert n8n.send(RUN, id="m", ago=7) == first
    read_all()
    assert n8n.send(RUN, id="m") == first
    assert (InboxEvent.objects.count(), Run.objects.count()) == (1, 1)


def test_the_same_id_with_another_body(n8n: Sender) -> None:
    n8n.send(RUN, id="m")
    assert code(n8n.send({**RUN, "title": "Other"}, id="m")) == (409, "id_reused")
    assert InboxEvent.objects.count() == 1
    assert AuditEvent.objects.filter(verb="inbox.id_reused").count() == 1


def test_the_signature_of_another_source(n8n: Sender, cast: Cast) -> None:
    other = sender(cast)
    assert code(Sender(n8n.source, other.secret).send(RUN)) == (401, "bad_signature")


@pytest.mark.parametrize("address", [str(uuid.uuid4()), "n8n", "0"], ids=["id", "name", "number"])
def test_an_unknown_source(cast: Cast, address: str) -> None:
    response = Client().post(f"/hooks/{address}", b"{}", content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_paused_source(n8n: Sender, cast: Cast) -> None:
    pause_source(n8n.source, actor=cast.chief)
    assert code(n8n.send(RUN)) == (403, "source_paused")
    assert code(n8n.post(b"{}", {})) == (401, "signature_missing")
    pause_source(n8n.source, actor=cast.chief, paused=False)
    assert n8n.send(RUN)[0] == 202


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "empty"),
        (json.dumps(RUN).encode("utf-16"), 400, "encoding"),
        (b'{"agent": "\xe9"}', 400, "encoding"),
        (b"\xef\xbb\xbf{}", 400, "malformed"),
        (b"[" * 1000, 400, "too_deep"),
        (b"[" * 100_000, 400, "too_deep"),
        (b'{"x":' * 65 + b"1" + b"}" * 65, 400, "too_deep"),
        (b'{"external_id": "1", "input": NaN}', 400, "malformed"),
        (b'{"external_id": "1", "input": -Infinity}', 400, "malformed"),
        (b'{"external_id": "1", "external_id": "2"}', 400, "malformed"),
        (b"[]", 400, "not_an_object"),
        (b'"text"', 400, "not_an_object"),
        (b"null", 400, "not_an_object"),
        (b'{"x": [' + b"0," * 999_999 + b"0]}", 413, "too_many_items"),
        (json.dumps({"runs": [{}] * 1001}).encode(), 413, "too_many_items"),
        (json.dumps(RUN | {"cost": -5}).encode(), 422, "bad_run"),
        (json.dumps(RUN | {"cost": 1e308}).encode(), 422, "bad_run"),
        (json.dumps(RUN | {"cost": "12,50"}).encode(), 422, "bad_run"),
        (json.dumps(RUN | {"cost": 0.1 + 0.2}).encode(), 422, "bad_run"),
        (json.dumps(RUN | {"agent": 7}).encode(), 422, "bad_run"),
        (json.dumps({"runs": 7}).encode(), 422, "bad_run"),
    ],
)
def test_a_body_that_cannot_be_taken(n8n: Sender, body: bytes, status: int, said: str) -> None:
    assert code(n8n.send(body)) == (status, said)
    assert not InboxEvent.objects.exists()


def test_an_unknown_status_is_told_the_known_ones(n8n: Sender) -> None:
    status, problem = n8n.send(RUN | {"status": "done!!"})
    assert (status, list(problem["fields"])) == (422, ["status"])
    assert all(word in problem["fields"]["status"][0] for word in ("running", "waiting", "done", "failed", "cancelled"))


def test_too_large_by_its_length_and_without_one(n8n: Sender) -> None:
    large = b" " * (5 * 2**20 + 1)
    assert code(n8n.post(large, {})) == (413, "too_large")
    assert code(n8n.post(b"{}", {"Content-Length": str(6 * 2**20)})) == (413, "too_large")


def test_another_media_type(n8n: Sender) -> None:
    body = json.dumps(RUN).encode()
    assert n8n.post(body, signed(n8n.secret, "m", body), media="text/plain")[0] == 415
    assert n8n.post(body, signed("whsec_eA==", "m", body), media="text/plain")[0] == 401, "a stranger is told no more"


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "\udfff tail"])
def test_text_that_cannot_be_stored_is_replaced_and_flagged(n8n: Sender, text: str) -> None:
    assert n8n.send(RUN | {"title": text, "input": {text: text}})[0] == 202
    read_all()
    assert InboxEvent.objects.get().flags == ["text_replaced"]
    run = Run.objects.get()
    assert ("\ufffd" in run.title, run.flags, list(run.input)) == (True, ["text_replaced"], [run.title])


def test_an_event_of_tomorrow_is_kept_and_flagged(n8n: Sender) -> None:
    assert n8n.send(RUN | {"finished_at": (timezone.now() + timedelta(days=1)).isoformat()})[0] == 202
    assert InboxEvent.objects.get().flags == ["clock_skew"]


def test_an_unknown_agent_waits_until_somebody_says_who_it_is(n8n: Sender, cast: Cast) -> None:
    assert n8n.send(RUN | {"agent": "Refund Bot 3000"})[0] == 202
    read_all()
    event = InboxEvent.objects.get()
    assert (event.state, event.reason, event.agent_name) == ("quarantined", "unmapped agent", "Refund Bot 3000")
    n8n.send({"agent": "Another", **a_run("R-3")})
    read_all()
    assert map_name(n8n.source, name="Refund Bot 3000", agent=cast.agent, actor=cast.chief) == 1
    read_all()
    assert map_name(n8n.source, name="Refund Bot 3000", agent=cast.agent, actor=cast.chief) == 0, "it is read"
    InboxEvent.objects.filter(agent_name="Another").delete()
    assert InboxEvent.objects.get().state == "parsed"
    assert Run.objects.get().agent == cast.agent
    n8n.send({"agent": "Refund Bot 3000", **a_run("R-2")})
    read_all()
    assert Run.objects.count() == 2


def test_an_agent_of_another_team(n8n: Sender, cast: Cast) -> None:
    assert code(n8n.send(RUN | {"agent": str(cast.rival_agent.pk)})) == (404, "not_found")
    assert code(n8n.send(RUN | {"agent": str(uuid.uuid4())})) == (404, "not_found")
    assert n8n.send(RUN | {"agent": str(cast.agent.pk)})[0] == 202
    # A short name is nobody's alone: whether the rival's agents are called so is not told.
    assert n8n.send({"agent": "rival-agent", **a_run("R-2")})[0] == 202
    read_all()
    assert InboxEvent.objects.filter(state="quarantined").count() == 1
    assert {run.agent for run in Run.objects.select_related("agent")} == {cast.agent}


def test_the_address_of_one_agent_is_about_no_other(cast: Cast) -> None:
    own = sender(cast, agent=cast.agent)
    own.send(a_run("no name"))
    own.send(RUN)
    own.send({"agent": "somebody", **a_run("R-2")})
    read_all()
    assert sorted(InboxEvent.objects.values_list("state", flat=True)) == ["parsed", "parsed", "quarantined"]
    with pytest.raises(Invalid):
        map_name(own.source, name="somebody", agent=cast.agent, actor=cast.owner)


def test_only_posts(n8n: Sender) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        response = n8n.client.generic(method, f"/hooks/{n8n.source.pk}")
        assert (response.status_code, response["Allow"]) == (405, "POST")


def test_a_database_that_is_away(n8n: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(away):
        body = json.dumps(RUN).encode()
        headers = signed(n8n.secret, "m", body)
        response = n8n.client.generic(
            "POST", f"/hooks/{n8n.source.pk}", body, content_type="application/json", headers=headers
        )
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response["Retry-After"]) >= 1


def test_a_broker_that_is_away(n8n: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    from celery import current_app

    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    assert n8n.send(RUN)[0] == 202
    InboxEvent.objects.update(received_at=timezone.now() - timedelta(seconds=30))
    parse_inbox()
    assert Run.objects.count() == 1


def test_a_token_instead_of_a_signature(cast: Cast) -> None:
    zapier = sender(cast, mode=SourceMode.TOKEN)
    body = json.dumps(RUN).encode()
    for headers in ({"X-Webhook-Token": zapier.secret}, {"Authorization": f"Bearer {zapier.secret}"}):
        assert zapier.post(body, headers)[0] == 202
    assert InboxEvent.objects.count() == 1, "without an id, the same bytes are the same event"
    assert code(zapier.post(body, {"X-Webhook-Token": "rct_wrong"})) == (401, "bad_signature")
    assert code(zapier.post(body, {})) == (401, "signature_missing")


@pytest.mark.parametrize("id", ["x" * 201, "x" * 5000, "a\x07b"])
def test_an_id_that_is_too_long_is_named(n8n: Sender, id: str) -> None:
    assert code(n8n.send(RUN, id=id)) == (400, "bad_id")


def test_an_event_is_read_again_whole(n8n: Sender, cast: Cast) -> None:
    n8n.send(RUN)
    read_all()
    event = InboxEvent.objects.select_related("source__team").get()
    InboxEvent.objects.update(state=InboxState.FAILED, reason="KeyError: 'x'", attempts=3)
    replay(event, actor=cast.chief)
    read_all()
    event.refresh_from_db()
    assert (event.state, event.reason, Run.objects.count()) == ("parsed", "", 1)


def test_what_is_about_a_retired_agent_is_refused_in_its_words(n8n: Sender, cast: Cast) -> None:
    n8n.send(RUN)
    Agent.objects.filter(pk=cast.agent.pk).update(lifecycle=Lifecycle.RETIRED)
    read_all()
    event = InboxEvent.objects.get()
    assert (event.state, event.reason) == ("failed", "refund agent is retired.")


def test_what_kills_its_readers_is_put_aside(n8n: Sender) -> None:
    n8n.send(RUN)
    InboxEvent.objects.update(attempts=3)
    read_all()
    assert InboxEvent.objects.get().state == InboxState.FAILED


def test_what_lies_unread_or_was_changed_is_found(n8n: Sender) -> None:
    n8n.send(RUN)
    assert [said for _name, check in INVARIANTS for said in check()] == []
    InboxEvent.objects.update(received_at=timezone.now() - timedelta(minutes=6), body=b"{}")
    assert len([said for _name, check in INVARIANTS for said in check()]) == 2


def test_who_opens_addresses(cast: Cast) -> None:
    open_source(cast.team, name="Own", actor=cast.owner, agent=cast.agent)
    for actor, agent in ((cast.owner, None), (cast.manager, cast.agent), (cast.rival, None), (cast.auditor, None)):
        with pytest.raises(NotAllowed):
            open_source(cast.team, name="Other", actor=actor, agent=agent)
    with pytest.raises(Conflict):
        open_source(cast.team, name="Own", actor=cast.chief)
    with pytest.raises(Invalid):
        open_source(cast.team, name="  ", actor=cast.chief)
    source = Source.objects.get()
    assert "whsec_" not in repr(source.secret)
    assert AuditEvent.objects.filter(verb="source.created").count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_identical_at_once_are_one_row() -> None:
    cast = make_cast()
    n8n = sender(cast)

    def one(turn: int) -> tuple[int, Any]:
        try:
            return Sender(n8n.source, n8n.secret).send(RUN, id="msg_50", ago=turn % 7)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(one, range(50)))
    assert {json.dumps(answer) for answer in answers} == {json.dumps(answers[0])}
    assert (answers[0][0], InboxEvent.objects.count()) == (202, 1)
    read_all()
    assert Run.objects.count() == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "external_id",
    "agent",
    "status",
    "title",
    "input",
    "result",
    "cost",
    "steps",
    "asks",
    "outputs",
    "data",
    "runs",
)
NEARLY = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON)).map(lambda given: a_run("R") | given)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(body=st.one_of(st.binary(max_size=200), JSON.map(json.dumps), NEARLY.map(json.dumps)))
def test_whatever_comes_is_refused_in_words_or_kept_and_read(n8n: Sender, body: bytes | str) -> None:
    status, told = n8n.send(body if isinstance(body, bytes) else body.encode())
    assert status in (202, 400, 404, 413, 422)
    if status == 202:
        read_all()
        assert InboxEvent.objects.get(pk=told["id"]).state in (InboxState.PARSED, InboxState.QUARANTINED)
    else:
        assert all(told[name] for name in ("code", "detail", "request_id"))
