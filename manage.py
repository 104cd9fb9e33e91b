#!/usr/bin/env python
"""Runs kbchat's commands, each with the servers it needs (kbchat.cli.attaching)."""

import os
import sys

from kbchat.cli.attaching import StartError, attached, is_of_missing_tables


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
    except Exception as error:
        if not is_of_missing_tables(error):
            raise
        sys.exit(
            "kbchat: The database has no tables, or older ones. Run `manage.py migrate`, or `make run` once."
        )


if __name__ == "__main__":
    main()
