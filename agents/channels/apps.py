from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "agents.channels"
    label = "channels"
