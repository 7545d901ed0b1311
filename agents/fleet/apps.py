from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "agents.fleet"
    label = "fleet"

    def ready(self) -> None:
        from agents.fleet import permissions, verbs  # noqa: F401  # registered with the trail in every process
        from agents.people import hooks

        hooks.memberships_changed.append(permissions.sync_team)
