"""Where somebody follows others on their own server: the page it names for that, in WebFinger. Knows no profiles.

A server names it as the template of a link (`http://ostatus.org/schema/1.0/subscribe`), with a place for whom. Mastodon
answers so for its people, and for itself (`resource=https://HOST`). Whatever cannot be an https page with one place for
whom, within its path or query, is none.
"""

from urllib.parse import quote, urlsplit

from recommendations.handles import Unreadable, ascii_host
from recommendations.networks.base import Rejected, Unavailable
from recommendations.networks.http import Client
from recommendations.networks.webfinger import PATH, is_web_address

REL = "http://ostatus.org/schema/1.0/subscribe"
PLACE = "{uri}"
LIMIT = 500  # characters of a template
SECONDS = 3.0


def template_of(server: str, name: str, *, http: Client, timeout: float = SECONDS) -> str:
    """The template that a server names for its account `name`, or (name "") for anybody; nothing if it names none.

    `server` is a host as `handles.ascii_host` gives it. Raises Unavailable; Forbidden where it is not public; and
    Rejected when its answer is of no use at all.
    """
    resource = f"acct:{name}@{server}" if name else f"https://{server}"
    response = http.get(
        f"https://{server}{PATH}",
        params={"resource": resource},
        headers={"Accept": "application/jrd+json, application/json"},
        timeout=timeout,
    )
    if response.status == 429 or response.status >= 500:
        raise Unavailable("%(host)s cannot answer at the moment.", host=response.host, retry_at=response.retry_at)
    # Sent on to another server, we believe that one only from the path that is kept for this.
    if response.status != 200 or (response.host != server and urlsplit(response.url).path != PATH):
        return ""
    try:
        links = response.json().get("links")
    except Rejected:  # some page; whoever wrote it speaks no WebFinger
        return ""
    named = [each for each in links if isinstance(each, dict)] if isinstance(links, list) else []
    return next((str(each["template"]) for each in named if each.get("rel") == REL and _is_template(each)), "")


def usual_template(server: str) -> str:
    """Where Mastodon has it, for a server that named none."""
    return f"https://{server}/authorize_interaction?uri={PLACE}"


def filled(template: str, uri: str) -> str:
    """The address of the page for following `uri`."""
    return template.replace(PLACE, quote(uri, safe=""))


def _is_template(link: dict[str, object]) -> bool:
    template = link.get("template")
    if not isinstance(template, str) or not is_web_address(template, LIMIT) or template.count(PLACE) != 1:
        return False
    try:
        parts = urlsplit(template)
        return parts.netloc == ascii_host(parts.netloc) and PLACE in parts.path + parts.query
    except (ValueError, Unreadable):
        return False
