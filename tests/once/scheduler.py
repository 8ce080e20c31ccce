"""A scheduler that is told the time: for every line `TIMES MOMENT` it calls `manage.py tick --hand-out --at MOMENT`.

It lives on between its ticks, like the real one, so its connections outlive what happens to the broker.
"""

import sys

import django
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        times, at = line.split()
        for _ in range(int(times)):
            call_command("tick", "--hand-out", "--at", at, skip_checks=False)
        print("ticked", flush=True)
