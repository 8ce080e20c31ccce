"""For granian: says what an application of ours is told of the client, instead of any page."""

import json
from typing import Any

from ffapp.wsgi import told_by_proxies


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer with the address and the scheme."""
    said = json.dumps([environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]]).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [said]


application = told_by_proxies(echo)
