#!/usr/bin/env python
"""Runs kbchat's commands, each with the servers it needs (kbchat.cli.attaching)."""

import os
import sys

from kbchat.cli.attaching import StartError, attached


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kbchat.settings.base")
    try:
        with attached(sys.argv[1:]):
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except StartError as error:
        sys.exit(f"kbchat: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
