from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "agents.flows"
    label = "flows"
