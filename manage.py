#!/usr/bin/env python
"""Django's command line. `serve` alone is handled apart: the process that watches the others sets no Django up."""

import importlib.util
import os
import sys


def main() -> None:
    """Run a management command."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is what tells the owner of an older one
        sys.exit("Follow Friday needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031
    if importlib.util.find_spec("django") is None or importlib.util.find_spec("environ") is None:
        sys.exit("What Follow Friday needs is not installed for " + sys.executable + ". `make run` sees to it.")
    from django.core.exceptions import ImproperlyConfigured

    try:
        if sys.argv[1:2] == ["serve"]:
            from ffapp.supervisor import main as serve

            sys.exit(serve())
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ffapp.settings")
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))  # a setting that must be mended: one line says which, and a traceback would hide it


if __name__ == "__main__":
    main()
