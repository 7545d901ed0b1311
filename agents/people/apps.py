from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "agents.people"
    label = "people"
