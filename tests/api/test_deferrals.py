"""What was put off for want of the caller's minutes, over the wire."""

from agents.runs.models import ReviewItem
from console.kpis.deferring import defer_overflow
from tests.api.conftest import MakeMachine
from tests.cast import Cast
from tests.morning.test_deferring import NOON, asked, short_of_minutes


def test_what_was_put_off_says_why_and_is_taken_back(machine: MakeMachine, cast: Cast) -> None:
    short_of_minutes(cast)
    item = asked(cast.agent)
    assert defer_overflow(cast.team, NOON) == 1
    owner = machine("owner")
    [told] = owner.get("/deferrals")[1]
    assert (told["item_id"], told["agent"], told["severity"]) == (str(item.pk), "refund-agent", "low")
    assert told["needed"] > told["left"]
    assert machine("second").get("/deferrals")[1] == [], "it is not their minutes"
    assert machine("second").post("/deferrals/take-back", {})[1] == {"items": 0}
    assert owner.post("/deferrals/take-back", {}) == (200, {"items": 1})
    assert ReviewItem.objects.get(pk=item.pk).state == "open"
