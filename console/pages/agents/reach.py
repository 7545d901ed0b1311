"""What the agent's page shows of how its system is reached, and the form for it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from agents.base.models import Secret
from agents.connectors.contract import Adapter, Capability
from agents.connectors.enums import Method
from agents.connectors.hints import HINTS
from agents.connectors.models import Connection
from agents.connectors.models.connections import OWNER_TYPE
from agents.connectors.registry import ADAPTERS, of
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent

SETTING, SECRET = "set_", "secret_"


class ConnectionForm(forms.Form):
    """The address, and whatever this vendor's adapter needs beside it."""

    base_url = forms.CharField(label=gettext_lazy("Address of its API"), max_length=300, required=False)
    every = forms.IntegerField(label=gettext_lazy("Fetch every … minutes"), min_value=1, max_value=1440, initial=15)
    quiet = forms.IntegerField(
        label=gettext_lazy("Silent after … hours"),
        min_value=1,
        max_value=8760,
        required=False,
        help_text=gettext_lazy("Empty: three times its usual pause."),
    )

    def __init__(self, *args: Any, agent: Agent, connection: Connection | None = None, **options: Any) -> None:
        super().__init__(*args, **{**options, "initial": _initial(connection)})
        kind = ADAPTERS[Vendor(agent.vendor)]
        self.fields["base_url"].widget.attrs["placeholder"] = kind.base_url
        kept = connection.settings if connection else {}
        for name, usual in kind.options.items():
            self.fields[SETTING + name] = forms.CharField(
                label=_words(name),
                max_length=2000,
                required=False,
                initial=kept.get(name, ""),
                widget=forms.TextInput(attrs={"placeholder": usual}),
                help_text=str(HINTS.get(name, "")),
            )
        for name in kind.secrets:
            widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            self.fields[SECRET + name] = forms.CharField(
                label=_words(name),
                max_length=2000,
                required=False,
                widget=widget,
                help_text=gettext_lazy("Never shown again. Empty: stays as it is."),
            )

    def wanted(self) -> dict[str, Any]:
        """For `connect`."""
        given, quiet = self.cleaned_data, self.cleaned_data["quiet"]
        return {
            "base_url": given["base_url"],
            "settings": _named(given, SETTING),
            "secrets": _named(given, SECRET),
            "every_s": given["every"] * 60,
            "quiet_after_s": quiet * 3600 if quiet else None,
        }


@dataclass(frozen=True)
class Row:
    """One line of the table of what can be done."""

    method: Method
    capability: Capability


def connection_part(agent: Agent) -> dict[str, Any]:
    """What the agent's page shows of its connection: nothing for an agent of ours."""
    if agent.vendor == Vendor.OURS:
        return {"connection": None, "capabilities": [], "deep_link": ""}
    connection = Connection.objects.filter(agent=agent).first()
    found: Adapter = of(agent, connection)
    held = Secret.objects.filter(owner_type=OWNER_TYPE, owner_id=connection.pk) if connection else Secret.objects.none()
    return {
        "connection": connection,
        "connectable": agent.vendor != Vendor.MANUAL,
        "capabilities": [Row(method, capability) for method, capability in found.capabilities.items()],
        "credentials": sorted(held.values_list("name", flat=True)),
        "deep_link": found.deep_link(),
        "switches": found.can(Method.PAUSE),
        "pulls": found.can(Method.PULL),
        "connection_form": ConnectionForm(agent=agent, connection=connection),
    }


def _initial(connection: Connection | None) -> dict[str, Any]:
    if connection is None:
        return {}
    quiet = connection.quiet_after_s
    hours = {"quiet": quiet // 3600} if quiet else {}
    return {"base_url": connection.base_url, "every": connection.every_s // 60, **hours}


def _named(given: dict[str, Any], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix)}


def _words(name: str) -> str:
    """The vendor's own word for it, legible."""
    return name.replace("_", " ").capitalize()
