"""The tables of docs/ name what there is: each pattern with its flow, and tests and files that can be opened."""

import re
from pathlib import Path

import pytest

from agents.flows.catalog import RECIPES
from agents.flows.patterns import PATTERNS

ROOT = Path(__file__).parents[2]
TESTS = {"T": "tests/flows/test_patterns.py", "P": "tests/flows/test_patterns_parallel.py"}
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| `([\w-]+)`[^|]* \| ([TP]) ([^|]+) \| [^|]+ \|$", re.MULTILINE)
NAMED = re.compile(r"`((?:tests|agents|console|campaigns|benchmarks|audit)/[\w/.-]+\.\w+|test_\w+\.py)(?:::(\w+))?`")


COVERED = re.compile(r"^\| (R-\d{3}) \| .* \| (covered|partly|not yet) \| (.*) \| ([^|]*) \|$", re.MULTILINE)


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def named_in(path: str) -> list[str]:
    return re.findall(r"^def test_(\w+)", read(path), re.MULTILINE)


def test_the_table_of_patterns_names_each_with_its_flow_and_its_tests() -> None:
    rows, flows = ROW.findall(read("docs/patterns.md")), {one.graph.pattern: one.slug for one in RECIPES}
    assert [(int(n), pattern, flow) for n, pattern, flow, *_ in rows] == [
        (n, pattern, flows[pattern]) for n, pattern in enumerate(PATTERNS, start=1)
    ]
    for *_, where, told in rows:
        for name in re.findall(r"`([\w…]+)`", told):
            fits = re.compile(name.replace("…", ".*"))
            assert any(fits.fullmatch(one) for one in named_in(TESTS[where])), name


@pytest.mark.parametrize("page", ["architecture", "chaos", "patterns"])
def test_what_a_page_points_to_is_there(page: str) -> None:
    for path, test in NAMED.findall(read(f"docs/{page}.md")):
        where = path if "/" in path else f"tests/chaos/{path}"
        assert (ROOT / where).exists(), where
        assert not test or test.removeprefix("test_") in named_in(where), f"{where}::{test}"


def test_each_requirement_that_is_met_names_tests_and_files_that_are_there() -> None:
    rows = COVERED.findall(read("docs/coverage.md"))
    assert len(rows) == 297
    for id, state, where, tests in rows:
        folder = ""
        for name in filter(None, re.split(r",\s*", tests.strip())):
            folder, path = (str(Path(name).parent), name) if "/" in name else (folder, f"{folder}/{name}")
            assert (ROOT / path).exists(), f"{id}: {path}"
        named = re.findall(r"(?<![\w/])(?:agents|console|campaigns|audit|templates|static)/[\w/]+\.\w+", where)
        assert [path for path in named if not (ROOT / path).exists()] == [], id
        assert state != "covered" or tests.strip(), id
