"""Every adapter declares what it does, does what it declares, and refuses the rest in plain words."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from agents.connectors.contract import NONE, Adapter, NotSupported
from agents.connectors.enums import Method, Rung, Way
from agents.connectors.hints import HINTS
from agents.connectors.registry import ADAPTERS, adapter
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from tests.cast import Cast

NOW = dt.datetime(2026, 11, 21, 7, tzinfo=dt.UTC)
CALLS: dict[Method, Callable[[Adapter], Any]] = {
    Method.HEALTH: lambda a: a.health(),
    Method.PULL: lambda a: list(a.pull(NOW)),
    Method.PULL_KPIS: lambda a: a.pull_kpis(NOW.date()),
    Method.ASK: lambda a: a.ask("How are you?", key="k"),
    Method.PUSH_CONTEXT: lambda a: a.push_context("x", version_id="v", key="k"),
    Method.CONFIRM: lambda a: a.confirm("v", "x"),
    Method.ANSWER: lambda a: a.answer("e", {"decision": "approve"}, key="k"),
    Method.PAUSE: lambda a: a.pause(key="k"),
    Method.RESUME: lambda a: a.resume(key="k"),
}
HANDS = (Way.MANUAL, Way.NONE, Way.FILE)


def test_every_vendor_of_the_fleet_has_its_adapter() -> None:
    assert set(ADAPTERS) == set(Vendor)


@pytest.mark.parametrize("vendor", Vendor)
def test_what_is_declared_live_is_built_and_nothing_else_is(vendor: Vendor) -> None:
    kind = ADAPTERS[vendor]
    built = {method for method in CALLS if getattr(kind, method.value) is not getattr(Adapter, method.value)}
    live = {method for method, capability in kind.declared.items() if capability.way in (Way.LIVE, Way.WEBHOOK)}
    assert built == live & CALLS.keys()


@pytest.mark.parametrize("vendor", Vendor)
def test_what_is_not_declared_is_refused_with_a_sentence(vendor: Vendor) -> None:
    kind = ADAPTERS[vendor]
    found = kind(Agent(name="Ava", vendor=vendor))
    told = {method: kind.declared.get(method, NONE).way for method in CALLS}
    undeclared = [method for method, way in told.items() if way in HANDS]
    for method in undeclared:
        if (method, told[method]) != (Method.PUSH_CONTEXT, Way.MANUAL):
            with pytest.raises(NotSupported, match="offers no way to do this for Ava"):
                CALLS[method](found)


@pytest.mark.parametrize("vendor", Vendor)
def test_without_a_connection_no_vendor_claims_to_be_live(vendor: Vendor) -> None:
    found = ADAPTERS[vendor](Agent(name="Ava", vendor=vendor)).capabilities
    assert set(found) == set(Method)
    live = [method for method, capability in found.items() if capability.way == Way.LIVE]
    assert not live or vendor == Vendor.OURS


def test_what_a_person_must_copy_comes_with_text_and_page(cast: Cast) -> None:
    cast.agent.vendor, cast.agent.vendor_url = Vendor.MANUAL, "https://vendor.example/ava"
    pushed = adapter(cast.agent).push_context("Spring sale", version_id="1", key="k")
    assert pushed.rung == Rung.MANUAL_PENDING
    assert pushed.evidence == {"text": "Spring sale", "deep_link": "https://vendor.example/ava"}


def test_every_setting_of_a_vendor_is_explained_and_every_explanation_used() -> None:
    asked = {name for kind in ADAPTERS.values() for name in kind.options}
    assert asked - {"api_version", "anthropic_version", "anthropic_beta"} == set(HINTS)
