from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "agents.base"
    label = "base"
