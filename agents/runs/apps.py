from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "agents.runs"
    label = "runs"
