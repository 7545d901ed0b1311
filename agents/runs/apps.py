from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "agents.runs"
    label = "runs"

    def ready(self) -> None:
        from agents.base.outbox import handler
        from agents.fleet import hooks
        from agents.runs import metering, tracing, wording  # noqa: F401  its phrases become known
        from agents.runs.actions import answer_by_bypass, owner_missing, owners_found
        from agents.runs.actions.firing import answer_by_rule
        from agents.runs.actions.flaws import note_rejection
        from agents.runs.actions.thawing import wake_thawed
        from agents.runs.hooks import raised, settled
        from agents.runs.inputs import check_schedule
        from agents.runs.suspicion.signs import register_all

        register_all()
        for leaving in (tracing, metering):
            handler(leaving.TOPIC)(leaving.export)
        hooks.acting_seat.append(owner_missing)
        hooks.owners_named.append(owners_found)
        hooks.thawed.append(wake_thawed)
        settled.append(note_rejection)
        raised += (answer_by_rule, answer_by_bypass)
        hooks.schedule_input.append(check_schedule)
