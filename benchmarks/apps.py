from django.apps import AppConfig


class BenchmarksConfig(AppConfig):
    name = "benchmarks"
    label = "benchmarks"

    def ready(self) -> None:
        from agents.runs.registry import register_flow
        from benchmarks import lookups
        from benchmarks.flows import SLUG, build

        register_flow(SLUG, SLUG, build)
        register_flow(lookups.SLUG, lookups.SLUG, lookups.build)
