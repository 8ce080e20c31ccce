"""The WSGI application. Forwarded headers count only from the proxies that FF_TRUSTED_PROXIES names."""

import os

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ffapp.settings")

application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - settings are there only once Django is set up

if settings.FF_TRUSTED_PROXIES:
    application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.FF_TRUSTED_PROXIES)
