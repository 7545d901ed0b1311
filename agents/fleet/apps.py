from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "agents.fleet"
    label = "fleet"
