"""The WSGI application. Forwarded headers count only from the proxies that FF_TRUSTED_PROXIES names."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ffapp.settings")

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
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


application = reading_utf8(get_wsgi_application())

from django.conf import settings  # noqa: E402 - settings are there only once Django is set up

if settings.FF_TRUSTED_PROXIES:
    application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.FF_TRUSTED_PROXIES)
