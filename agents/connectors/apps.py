from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "agents.connectors"
    label = "connectors"
