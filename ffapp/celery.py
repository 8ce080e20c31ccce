"""The Celery app. Run it as `celery -A ffapp worker -P threads` and, once, `celery -A ffapp beat`."""

import os
import warnings

from celery import Celery

from ffapp.watchdog import Watchdog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ffapp.settings")

# What it warns of is pickle as root; only JSON is accepted (CELERY_ACCEPT_CONTENT).
warnings.filterwarnings("ignore", "You're running the worker with superuser privileges")

app = Celery("ffapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["recommendations"])
app.steps["worker"].add(Watchdog)
