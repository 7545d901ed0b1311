#!/usr/bin/env python
"""Django's command line for Rollcall."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    if sys.argv[1:2] == ["up"]:  # before the settings, for they need what it starts
        from console.supervisor.up import main as up

        sys.exit(up())
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
