from django.apps import AppConfig
from django.core.checks import register


class AuditConfig(AppConfig):
    name = "audit"
    label = "audit"

    def ready(self) -> None:
        from audit.checks import append_only

        register(append_only)
