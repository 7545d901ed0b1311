from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    label = "campaigns"

    def ready(self) -> None:
        from agents.connectors import hooks as connectors
        from agents.runs import hooks as runs
        from campaigns.actions import CONTEXT_DUE, give_context, next_context
        from campaigns.queries import broadcasts_due

        runs.context_source, runs.context_due = give_context, CONTEXT_DUE
        runs.broadcasts_due = broadcasts_due
        connectors.next_context = next_context
