"""The WSGI application. Who a client is counts only as a proxy that FF_TRUSTED_PROXIES names says it."""

import os
import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from ffapp.proxies import Application, behind_proxies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ffapp.settings")

_CHARSET = re.compile(r";\s*charset[^;]*", re.IGNORECASE)


def reading_utf8(application: Application) -> Application:
    """Every form is read as UTF-8, which is what browsers send; what is not becomes replacement characters.

    Django would decode by whatever codec the Content-Type names: some of those make text that no page can be written
    in (lone surrogates), and some are none.
    """

    def read(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = _CHARSET.sub("", environ.get("CONTENT_TYPE") or "")
        return application(environ, start_response)

    return read


def told_by_proxies(application: Application) -> Application:
    """Wrap an application as the settings say, if they name any proxy."""
    if not settings.FF_TRUSTED_PROXIES:
        return application
    return behind_proxies(
        application,
        trusted=settings.FF_TRUSTED_PROXIES,
        address_header=settings.FF_CLIENT_ADDRESS_HEADER,
        scheme_header=settings.FF_CLIENT_SCHEME_HEADER,
    )


application = told_by_proxies(reading_utf8(get_wsgi_application()))
