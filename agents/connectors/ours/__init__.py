"""Our own agents: what they are told is in our rows, and what they are asked is a run like any other."""

from django.utils.translation import gettext as _

from agents.connectors import hooks
from agents.connectors.contract import Adapter, Capability, Health, Pushed, Reply, VendorError, sha256
from agents.connectors.enums import Method, Problem, Rung, Way
from agents.connectors.ours.asking import ask
from agents.engine import Json
from agents.fleet.enums import Vendor
from agents.fleet.models import Assignment

HERE = Capability(Way.LIVE)


class Ours(Adapter):
    """The agents that Rollcall itself runs."""

    vendor = Vendor.OURS
    declared = {
        Method.HEALTH: HERE,
        Method.ASK: HERE,
        Method.PUSH_CONTEXT: HERE,
        Method.CONFIRM: HERE,
        Method.ANSWER: HERE,
        Method.PAUSE: HERE,
        Method.RESUME: HERE,
    }

    def health(self) -> Health:
        found = Assignment.objects.filter(agent=self.agent).select_related("flow_version__flow").first()
        if found is None:
            raise VendorError(Problem.SETUP, _("%(agent)s has nothing to run here yet.") % {"agent": self.agent})
        return Health(f"{found.flow_version.flow.name} v{found.flow_version.number}", 0)

    def ask(self, question: str, *, key: str) -> Reply | None:
        return ask(self.agent, question, key)

    def push_context(self, text: str, *, version_id: str, key: str) -> Pushed:
        """Nothing travels: its next run reads our rows, and so does this."""
        return self.confirm(version_id, text) or Pushed(Rung.SENT, {"for": "next_run"}, sha256(text))

    def confirm(self, version_id: str, text: str) -> Pushed | None:
        """`stored` when what its next run will be told contains the text as it stands."""
        if not text or text not in hooks.next_context(self.agent):
            return None
        return Pushed(Rung.STORED, {"read_back": "next_run"}, sha256(text))

    def answer(self, external_id: str, answer: Json, *, key: str) -> None:
        """The decision itself resumes its run."""

    def pause(self, *, key: str) -> None:
        """Pausing the agent in Rollcall is all there is to do."""

    def resume(self, *, key: str) -> None:
        """As for `pause`."""
