from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "agents.people"
    label = "people"

    def ready(self) -> None:
        from agents.people import verbs  # noqa: F401  # registered with the trail in every process
