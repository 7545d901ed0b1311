from tests.rehearsal.fixtures import rehearsal, rehearsal_server

__all__ = ["rehearsal", "rehearsal_server"]
