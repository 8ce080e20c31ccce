"""The Celery app. Run it as `celery -A ffapp worker -P threads` and, once, `celery -A ffapp beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ffapp.settings")

app = Celery("ffapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["recommendations"])
