"""For a while an agent goes without its approvals: on somebody's word, in the trail, ending by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.runs.actions import end_bypass, open_bypass, raise_exception
from agents.runs.enums import ExceptionKind
from agents.runs.models import Bypass, Decision, RunException
from agents.runs.queries.bypasses import bypasses
from agents.runs.queries.rules import ruled
from audit.models import AuditEvent
from tests.cast import Cast
from tests.pages.conftest import SignIn, sign_in

__all__ = ["sign_in"]
HOUR = timedelta(hours=1)


def opened(cast: Cast, **more: object) -> Bypass:
    told = {"until": HOUR, "reason": "Ticket sale", "actor": cast.owner, **more}
    told["until"] = timezone.now() + told["until"]  # type: ignore[operator]
    return open_bypass(cast.agent, **told)  # type: ignore[arg-type]


def asked(cast: Cast, kind: ExceptionKind = ExceptionKind.APPROVAL) -> RunException:
    found = raise_exception(cast.agent, kind=kind, title="May I?", proposal={"reply": "Yes"})
    found.refresh_from_db()
    return found


@pytest.mark.django_db(transaction=True)
def test_while_it_lasts_an_approval_is_given_on_the_word_of_who_opened_it(cast: Cast) -> None:
    bypass = opened(cast)
    exception = asked(cast)
    decision = Decision.objects.get()
    assert (exception.state, decision.actor, decision.kind) == ("resolved", cast.owner, "approve")
    assert decision.note == "Let through without review: Ticket sale"
    assert [vars(each)["given"] for each in bypasses(cast.owner, cast.team)] == [1]
    assert list(ruled(cast.agent, bypass.opened_at)) == [decision], "the day's page says what nobody was asked"
    end_bypass(bypass, actor=cast.second)
    assert asked(cast).state == "open"
    told = AuditEvent.objects.filter(verb__startswith="bypass.").order_by("seq").values_list("verb", flat=True)
    assert list(told) == ["bypass.opened", "bypass.ended"]


@pytest.mark.django_db(transaction=True)
def test_it_ends_by_itself_and_answers_no_questions(cast: Cast) -> None:
    bypass = opened(cast)
    assert asked(cast, ExceptionKind.QUESTION).state == "open"
    past = {"opened_at": timezone.now() - 2 * HOUR, "until": timezone.now() - HOUR}
    Bypass.objects.filter(pk=bypass.pk).update(**past)
    assert asked(cast).state == "open"


@pytest.mark.django_db(transaction=True)
def test_who_lost_the_right_answers_for_nothing_any_more(cast: Cast) -> None:
    opened(cast)
    cast.owner.is_active = False
    cast.owner.save(update_fields=["is_active"])
    assert asked(cast).state == "open"


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["second", "backup", "administrator", "auditor", "rival"])
def test_only_who_configures_and_reviews_the_agent_opens_one(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        opened(cast, actor=getattr(cast, who))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "more", [{"until": 9 * HOUR}, {"until": -HOUR}, {"reason": " "}], ids=["long", "past", "no-reason"]
)
def test_it_is_short_and_has_a_reason(cast: Cast, more: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        opened(cast, **more)


@pytest.mark.django_db
def test_there_is_one_at_a_time(cast: Cast) -> None:
    opened(cast)
    with pytest.raises(Conflict):
        opened(cast)


@pytest.mark.django_db
def test_the_register_opens_and_ends(cast: Cast, sign_in: SignIn) -> None:
    client, path = sign_in(cast.owner), "/exceptions/bypasses/"
    assert "No agent goes without its approvals" in client.get(path).content.decode()
    assert client.post(path, {"agent": cast.agent.pk, "minutes": "481", "reason": "Sale"}).status_code == 422
    assert client.post(path, {"agent": cast.agent.pk, "minutes": "480", "reason": "Sale"}).status_code == 302
    bypass = Bypass.objects.get()
    assert "End it now" in client.get(path).content.decode()
    assert client.post(f"{path}{bypass.pk}/end/").status_code == 302
    assert "ended by Amelia" in client.get(path).content.decode()
