from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "agents.flows"
    label = "flows"

    def ready(self) -> None:
        from agents.fleet import hooks
        from agents.fleet.toolbox import register_tool
        from agents.flows import composed, triage
        from agents.flows.alone import ALONE
        from agents.flows.catalog import LIBRARY, TRIAGE
        from agents.flows.going_live import lacking
        from agents.flows.otherwise import rerouting
        from agents.flows.parts import TEXT_INPUT
        from agents.flows.retail.tools import TOOLS
        from agents.flows.triage.graph import build
        from agents.runs.registry import OWN, register_flow

        register_flow(triage.SLUG, triage.NAME, rerouting(build), triage.INPUT)
        for recipe in (*LIBRARY, *ALONE.values()):
            if recipe is not TRIAGE:  # whose thresholds are each team's own
                register_flow(recipe.slug, recipe.name, rerouting(recipe.build), recipe.input)
        register_flow(OWN, OWN, rerouting(composed.build), TEXT_INPUT)
        for tool in TOOLS:
            register_tool(tool)
        hooks.going_live.append(lacking)
