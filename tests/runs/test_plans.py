"""What a worker asks for at every step costs the same among a million steps: one row by its index."""

import pytest
from django.db import connection

from agents.runs.execution.statements import INSERT
from agents.runs.transitions import LEAVE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("statement", [INSERT, LEAVE], ids=["a step", "the end"])
def test_the_step_before_is_looked_up_by_its_index_and_not_in_a_hash_of_all_steps(statement: str) -> None:
    named = statement % Numbers() if "%(" in statement else statement % tuple(f"${n}" for n in range(1, 13))

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table of a few rows, as here, is better read whole
        cursor.execute("EXPLAIN (GENERIC_PLAN) " + named)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "hashed" not in plan
    assert "Seq Scan on runs_step" not in plan


class Numbers(dict[str, str]):
    """Each name its own $n."""

    def __missing__(self, name: str) -> str:
        return self.setdefault(name, f"${len(self) + 1}")
