from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "agents.flows"
    label = "flows"

    def ready(self) -> None:
        from agents.flows import triage
        from agents.flows.catalog import BUSINESS, RECIPES
        from agents.flows.triage.graph import build
        from agents.runs.registry import register_flow

        register_flow(triage.SLUG, triage.NAME, build, triage.INPUT)
        for recipe in (*BUSINESS, *RECIPES):
            register_flow(recipe.slug, recipe.name, recipe.build, recipe.input)
