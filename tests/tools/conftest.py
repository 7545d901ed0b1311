from tests.model import use_rehearsal
from tests.rehearsal.fixtures import rehearsal, rehearsal_server

__all__ = ["rehearsal", "rehearsal_server", "use_rehearsal"]
