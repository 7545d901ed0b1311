"""The core is pure and light: nothing of ours above it, no framework, no client."""

import subprocess
import sys


def test_importing_the_core_brings_in_no_framework_and_no_client() -> None:
    heavy = "{'django', 'celery', 'openai', 'jsonschema', 'console', 'campaigns', 'audit'}"
    program = f"import sys, agents.engine; print(sorted({heavy} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
