from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    label = "campaigns"

    def ready(self) -> None:
        from agents.connectors import hooks as connectors
        from agents.runs import hooks as runs
        from campaigns.actions import give_context, next_context

        runs.context_source = give_context
        connectors.next_context = next_context
