from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"
    label = "console"

    def ready(self) -> None:
        from agents.base import hooks
        from console import acts
        from console.live import nudge

        hooks.changed.append(nudge)
        acts.connect()
