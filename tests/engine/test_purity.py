"""The core is pure and light: nothing of ours above it, no framework, no client."""

import ast
import re
import subprocess
import sys

from console.supervisor.state import ROOT

CLIENT = {"openai", *(f"agents.engine.{name}" for name in ("exchange", "faults", "model", "reading"))}
"""The openai client, a third of what a process would load, and what imports it."""
MENTIONED = re.compile(r"^(?:from|import) (?:openai|agents\.engine)", re.MULTILINE)


def test_importing_the_core_brings_in_no_framework_and_no_client() -> None:
    heavy = "{'django', 'celery', 'openai', 'jsonschema', 'console', 'campaigns', 'audit'}"
    program = f"import sys, agents.engine; print(sorted({heavy} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_no_process_loads_the_client_before_it_calls_a_model() -> None:
    files = (file for app in ("agents", "campaigns", "console") for file in (ROOT / app).rglob("*.py"))
    texts = {file: file.read_text() for file in files if file.parent.name != "engine"}
    told = {file: text for file, text in texts.items() if MENTIONED.search(text)}
    assert told
    assert {str(file): names for file, text in told.items() if (names := CLIENT & _loaded(text))} == {}


def _loaded(text: str) -> set[str]:
    """The modules a module loads as it is itself loaded."""
    names: set[str] = set()
    for one in ast.parse(text).body:
        if isinstance(one, ast.Import):
            names |= {alias.name for alias in one.names}
        elif isinstance(one, ast.ImportFrom) and one.module:
            names |= {one.module, *(f"{one.module}.{alias.name}" for alias in one.names)}
    return names
