"""What people do with their own account, in the trail; and what they were refused."""

from collections.abc import Callable
from time import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from agents.people import verbs
from agents.people.actions import create_token, invite
from agents.people.models import Membership, User
from audit.models import AuditEvent, AuditPayload
from tests.cast import PASSWORD, Cast
from tests.fleet.trail import events

Commits = Callable[..., Any]


def _sign_in(user: User, password: str = PASSWORD) -> Client:
    client = Client(raise_request_exception=False)
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return client


def _event(verb: str) -> AuditEvent:
    return AuditEvent.objects.get(verb=verb)


def _who(event: AuditEvent) -> tuple[object, ...]:
    return event.actor_id, event.team_id, event.object_id, event.request_id[:4]


def test_signing_in_and_out_is_told_with_person_team_and_request(cast: Cast) -> None:
    client = _sign_in(cast.owner)
    client.post("/accounts/logout/")
    person = (cast.owner.pk, cast.team.pk, cast.owner.pk, "req_")
    assert [_who(_event(verb)) for verb in (verbs.SIGNED_IN, verbs.SIGNED_OUT)] == [person] * 2


def test_an_act_belongs_to_the_team_the_person_looks_at(cast: Cast) -> None:
    Membership.objects.create(team=cast.rival_team, user=cast.owner, role="auditor")
    client = _sign_in(cast.owner)
    session = client.session
    session["team"] = str(cast.rival_team.pk)
    session.save()
    client.post("/accounts/logout/")
    assert _event(verbs.SIGNED_OUT).team_id == cast.rival_team.pk


def test_a_wrong_password_names_the_member_it_was_tried_on_not_as_the_one_who_did(cast: Cast) -> None:
    _sign_in(cast.owner, "a guess")
    event = _event(verbs.SIGN_IN_FAILED)
    assert _who(event) == (None, cast.team.pk, cast.owner.pk, "req_")
    assert events(verbs.SIGN_IN_FAILED) == [{"address": cast.owner.email}]


def test_an_address_nobody_has_is_kept_as_a_keyed_hash_only(cast: Cast) -> None:
    for address in ("stranger@example.org", "Stranger@example.org", "other@example.org"):
        Client().post("/accounts/login/", {"login": address, "password": "a guess"})
    same, again, other = (said["address_hash"] for said in events(verbs.SIGN_IN_FAILED))
    assert same == again != other
    assert "stranger" not in str(list(AuditEvent.objects.values()) + list(AuditPayload.objects.values()))


def test_a_lock_out_is_told_once_however_often_the_guesser_goes_on(cast: Cast) -> None:
    for number in range(12):
        _sign_in(cast.owner, f"guess {number}")
    assert _who(_event(verbs.LOCKED_OUT)) == (None, cast.team.pk, cast.owner.pk, "req_")


def test_a_changed_password_is_told_and_not_what_it_is(cast: Cast) -> None:
    new = "another horse entirely"
    _sign_in(cast.owner).post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert _event(verbs.PASSWORD_CHANGED).actor_id == cast.owner.pk
    assert events(verbs.PASSWORD_CHANGED) == [{}]


def _code(client: Client) -> str:
    """What the authenticator shows, once the person has proved again who they are."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    return str(format_hotp_value(hotp_value(client.session["mfa.totp.secret"], int(time()) // 30)))


def test_a_second_factor_and_its_codes_are_told_when_added_made_and_removed(
    cast: Cast, django_capture_on_commit_callbacks: Commits
) -> None:
    client = _sign_in(cast.owner)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": _code(client)})
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/recovery-codes/generate/")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/deactivate/")
    assert events(verbs.FACTOR_ADDED) == [{"factor": "totp"}]
    assert events(verbs.CODES_MADE) == [{"factor": "recovery_codes"}] * 2
    assert {"factor": "totp"} in events(verbs.FACTOR_REMOVED)


def test_a_wrong_code_after_the_right_password_is_a_failed_sign_in(
    cast: Cast, django_capture_on_commit_callbacks: Commits
) -> None:
    client = _sign_in(cast.owner)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": _code(client)})
    _sign_in(cast.owner).post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert _event(verbs.SIGN_IN_FAILED).object_id == cast.owner.pk


def test_a_refusal_on_a_page_is_told_once_a_minute_per_path(cast: Cast) -> None:
    client = _sign_in(cast.auditor)
    for path in ("/agents/new/", "/agents/new/", "/agents/refund-agent/edit/"):
        assert client.get(path).status_code == 403
    assert [said["path"] for said in events(verbs.REFUSED)] == ["/agents/new/", "/agents/refund-agent/edit/"]
    first = AuditEvent.objects.filter(verb=verbs.REFUSED).order_by("seq")[0]
    assert (first.actor_id, first.team_id, first.object_label) == (cast.auditor.pk, cast.team.pk, "GET /agents/new/")


@pytest.mark.parametrize(("scope", "code"), [("read", "scope"), ("runs:write", "verb")])
def test_a_refusal_of_the_api_names_the_person_of_the_token(cast: Cast, scope: str, code: str) -> None:
    _token, secret = create_token(cast.team, cast.backup, name="x", scopes=[scope], days=1, actor=cast.backup)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    path = "/api/v1/agents/refund-agent/runs"
    assert client.post(path, {"text": "x"}, content_type="application/json").status_code == 403
    assert _who(_event(verbs.REFUSED))[:2] == (cast.backup.pk, cast.team.pk)
    assert [(said["method"], said["path"]) for said in events(verbs.REFUSED)] == [("POST", path)]


def test_the_secret_of_an_invitation_is_not_told_with_a_refusal(cast: Cast) -> None:
    _invitation, secret = invite(cast.team, email="new@example.org", role="auditor", actor=cast.administrator)
    answer = _sign_in(cast.owner).post(f"/join/{secret}/")
    assert answer.status_code == 403
    assert [said["path"] for said in events(verbs.REFUSED)] == ["/join/<str:token>/"]
