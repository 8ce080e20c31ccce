"""Run as a program: ask the WSGI application of this environment, and print the answers as JSON.

Standard input: a list of {"path", "method", "form" or "body", and what else stands in the WSGI environ}. Standard
output: a list of {"status", "headers": [[name, value]], "body", "remote_addr"}. Cookies are carried from one question
to the next.
"""

import io
import json
import os
import sys
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.management import call_command


def ask(application: Any, cookies: SimpleCookie, question: dict[str, Any]) -> dict[str, Any]:
    """One question to the application, as a web server puts it."""
    form = dict(question.pop("form", {}))
    if form:
        form["csrfmiddlewaretoken"] = next(morsel.value for name, morsel in cookies.items() if name.endswith("csrf"))
    body = question.pop("body", urlencode(form)).encode("latin-1")
    environ = {
        "REQUEST_METHOD": question.pop("method", "POST" if form else "GET"),
        "PATH_INFO": question.pop("path"),
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "203.0.113.5",
        "HTTP_COOKIE": "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items()),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    } | question
    given: dict[str, Any] = {}
    chunks = application(environ, lambda status, headers: given.update(status=int(status[:3]), headers=headers))
    text = b"".join(chunks).decode()
    chunks.close()
    for name, value in given["headers"]:
        if name == "Set-Cookie":
            cookies.load(value)
    return given | {"body": text, "remote_addr": environ["REMOTE_ADDR"]}


def main() -> None:
    """Tables in a new database, then the questions."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "ffapp.settings"
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    from ffapp.wsgi import application

    call_command("migrate", verbosity=0)
    cookies: SimpleCookie = SimpleCookie()
    print(json.dumps([ask(application, cookies, question) for question in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
