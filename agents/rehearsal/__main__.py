"""`python -m agents.rehearsal --port N [--host H] [--script FILE]`"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from agents.rehearsal.script import BadScript, State
from agents.rehearsal.server import serve


def main() -> int:
    """Run until stopped; exit code 2 with one sentence when the script cannot be read or the port is busy."""
    parser = argparse.ArgumentParser(prog="agents.rehearsal", description="The stand-in model")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--script", type=Path, help="JSON list of behaviours to begin with")
    options, state = parser.parse_args(), State()
    try:
        if options.script:
            state.script.add(json.loads(options.script.read_text(encoding="utf-8")))
        asyncio.run(serve(state, options.host, options.port))
    except BadScript as error:
        return _failed(str(error))
    except ValueError:
        return _failed(f"{options.script} is not JSON.")
    except OSError as error:
        return _failed(f"Cannot start: {error.strerror or error}.")
    return 0


def _failed(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
