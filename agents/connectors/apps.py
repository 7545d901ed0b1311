from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "agents.connectors"
    label = "connectors"

    def ready(self) -> None:
        from agents.base.outbox import handler
        from agents.connectors import verbs  # noqa: F401  # registered with the trail in every process
        from agents.connectors.actions import check_ins, outgoing, telling
        from agents.fleet import hooks as fleet
        from agents.runs import hooks as runs

        handler(outgoing.ANSWER)(outgoing.send_answer)
        handler(outgoing.SWITCH)(outgoing.send_switch)
        handler(telling.INSTRUCTION)(telling.send_instruction)
        fleet.instruction_given.append(telling.carry_instruction)
        fleet.lifecycle_changed.append(outgoing.switch_at_vendor)
        runs.answered = outgoing.carry_answer
        runs.settled.append(check_ins.note_check_in)
