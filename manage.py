#!/usr/bin/env python
"""Django's command line. `serve` alone is handled apart: the process that watches the others loads no Django."""

import os
import sys


def main() -> None:
    """Run a management command."""
    if sys.argv[1:2] == ["serve"]:
        from ffapp.supervisor import main as serve

        sys.exit(serve(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ffapp.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
