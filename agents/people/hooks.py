"""What people tell the apps above: subscribers register in `AppConfig.ready()`."""

import uuid
from collections.abc import Callable

memberships_changed: list[Callable[[uuid.UUID], None]] = []
"""Called with the team's id, in the transaction that added, changed or removed a membership, users already locked."""
