"""Size is a feature (design.md §7): prints the worst ten, so that a reviewer may ask why."""

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("agents", "audit", "campaigns", "console")
FEWEST_FILES = 100


def sources() -> list[Path]:
    return [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]


def functions(path: Path) -> list[tuple[int, str]]:
    tree = ast.parse(path.read_text())
    return [
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_functions_and_files_stay_small(capsys: pytest.CaptureFixture[str]) -> None:
    found = sorted((item for path in sources() for item in functions(path)), reverse=True)
    files = sorted(((len(p.read_text().splitlines()), str(p.relative_to(ROOT))) for p in sources()), reverse=True)
    lengths = [length for length, _ in found]
    with capsys.disabled():
        print(f"\n{len(files)} files, {len(found)} functions, median {statistics.median(lengths):.0f} lines")
        for length, name in [*files[:10], *found[:10]]:
            print(f"{length:5d}  {name}")
    assert len(files) >= FEWEST_FILES
    assert statistics.median(lengths) <= 8
    assert statistics.quantiles(lengths, n=10)[8] <= 25
    assert statistics.quantiles([length for length, _ in files], n=10)[8] <= 160


def test_the_engine_stays_small_enough_to_be_read_in_one_sitting() -> None:
    engine = list((ROOT / "agents/engine").glob("*.py"))
    assert sum(len(path.read_text().splitlines()) for path in engine) < 2500
    assert max(length for path in engine for length, _name in functions(path)) <= 40
