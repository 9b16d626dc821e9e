#!/usr/bin/env python
"""The command line of the platform."""

import os
import sys

from django.core.management import execute_from_command_line

from config.processes import obey_parent_variable


def main() -> None:
    """Run the management command that the command line names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    obey_parent_variable()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
