"""Ask a person's network whether we may: begun in one request, finished in another, by the same browser.

    address = begin(request, network=..., who=..., purpose="channel:custserv", scopes=..., next="/desk/custserv/...")
    ...                                  # show `onward.html`, which leads there; the answer comes to `views.answer`
    granted = take(request, "channel:custserv")        # in the view at `next`

What must be remembered stays in the session of this very browser, sealed, for ten minutes and for one use, bound to
OAuth's state and to who was signed in (RFC 9700, 4.7). It knows neither what the purposes mean nor who has them.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.models import OAuthApp
from accounts.options import options
from recommendations import networks, seals
from recommendations.handles import Handle, Network
from recommendations.networks import bluesky_app
from recommendations.networks.base import Rejected, Unavailable
from recommendations.networks.granting import Forgotten, Granted

LASTS = 600.0  # seconds
RATE = "ask_network"  # of ACCOUNT_RATE_LIMITS

_PENDING = "oauth_pending"  # in the session: state -> sealed
_GRANTED = "oauth_granted"  # purpose -> sealed
_AT_ONCE = 5  # tabs


class NotGranted(Exception):
    """Nothing came of it. The message is for the person; `purpose` and `next` are empty when nobody had asked."""

    def __init__(self, message: str, *, purpose: str = "", next: str = "") -> None:
        super().__init__(message)
        self.purpose, self.next = purpose, next


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of it, and where its owner waits."""

    purpose: str
    granted: Granted
    next: str


def begin(
    request: HttpRequest,
    *,
    network: Network,
    who: Handle | str,
    purpose: str,
    scopes: tuple[str, ...],
    next: str,
) -> str:
    """Where to send the browser. `next` is a path of ours: where to go on with the answer.

    Never redirect there in answer to a form: Chromium holds the page's form-action against that. Show
    `account/onward.html`. Raises Rejected and Unavailable, with words for the person.
    """
    if not ratelimit.consume(request, action=RATE):
        raise Unavailable("That was often in a short time. Please wait a minute, then try again.")
    asker = networks.authorizer(network, options())
    home = asker.home(who)
    redirect_uri = _redirect_uri(network, home)
    known = OAuthApp.objects.recall(network, redirect_uri, scopes)
    asked = asker.ask(home or who, redirect_uri=redirect_uri, scopes=scopes, registration=known)
    if asked.registration is not None:
        OAuthApp.objects.keep(network, redirect_uri, scopes, asked.registration)
    note = {
        "network": network.value,
        "home": home,
        "purpose": purpose,
        "next": next if _is_ours(next) else reverse("me"),
        "redirect_uri": redirect_uri,
        "scopes": scopes,
        "pending": asked.pending,
    }
    kept = _kept(request, _PENDING)
    while len(kept) >= _AT_ONCE:
        del kept[min(kept, key=lambda state: kept[state]["at"])]
    kept[asked.state] = _sealed(request, note, f"{_PENDING}:{asked.state}")
    request.session[_PENDING] = kept
    return asked.url


def finish(request: HttpRequest, *, network: Network, home: str, answer: Mapping[str, str]) -> Finished:
    """Trade the answer for what was granted. `network` and `home` are those of the address it came to.

    Raises NotGranted.
    """
    state = answer.get("state", "")
    kept = _kept(request, _PENDING)
    note = _opened(request, kept.pop(state, None), f"{_PENDING}:{state}")
    request.session[_PENDING] = kept
    if note is None:
        raise NotGranted(_("That took longer than ten minutes, or was begun in another browser. Please begin again."))
    purpose, back = str(note["purpose"]), str(note["next"])
    if (note["network"], note["home"]) != (network.value, home):
        raise NotGranted(_("The answer came to the wrong address. Please begin again."), purpose=purpose, next=back)
    try:
        granted = networks.authorizer(network, options()).grant(note["pending"], answer)
    except Forgotten as error:
        OAuthApp.objects.made_for(network, note["redirect_uri"], tuple(note["scopes"])).delete()
        raise NotGranted(error.said(_), purpose=purpose, next=back) from error
    except (Rejected, Unavailable) as error:
        raise NotGranted(error.said(_), purpose=purpose, next=back) from error
    return Finished(purpose, granted, back)


def hold(request: HttpRequest, finished: Finished) -> None:
    """Keep what was granted until its owner takes it."""
    kept = _kept(request, _GRANTED)
    granted = asdict(finished.granted)
    kept[finished.purpose] = _sealed(request, granted, f"{_GRANTED}:{finished.purpose}")
    request.session[_GRANTED] = kept


def take(request: HttpRequest, purpose: str) -> Granted | None:
    """What was granted for this purpose, once; None if nothing was, or more than ten minutes ago."""
    kept = _kept(request, _GRANTED)
    note = _opened(request, kept.pop(purpose, None), f"{_GRANTED}:{purpose}")
    request.session[_GRANTED] = kept
    if note is None:
        return None
    handle = Handle(Network(note["handle"]["network"]), note["handle"]["name"], note["handle"]["host"])
    return Granted(**{**note, "network": Network(note["network"]), "handle": handle, "scopes": tuple(note["scopes"])})


def let_go(granted: Granted) -> None:
    """Give the tokens back: whoever only wanted to know who somebody is needs none."""
    networks.authorizer(granted.network, options()).drop(granted.secret)


def _redirect_uri(network: Network, home: str) -> str:
    if network is Network.BLUESKY:
        return bluesky_app.redirect_uri(settings.FF_BASE_URL)
    return settings.FF_BASE_URL + reverse("oauth_answer", args=[network.value, *([home] if home else [])])


def _is_ours(path: str) -> bool:
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def _kept(request: HttpRequest, name: str) -> dict[str, Any]:
    kept = request.session.get(name)
    now = time.time()
    fresh = kept.items() if isinstance(kept, dict) else ()
    return {key: each for key, each in fresh if now - each["at"] < LASTS}


def _sealed(request: HttpRequest, note: dict[str, Any], context: str) -> dict[str, Any]:
    """Tokens and verifiers are not for whoever reads the sessions' table."""
    data = json.dumps({**note, "user": request.user.pk}).encode()
    return {"at": time.time(), "sealed": seals.seal(data, keys=settings.FF_SEAL_KEYS, context=context)}


def _opened(request: HttpRequest, entry: dict[str, Any] | None, context: str) -> dict[str, Any] | None:
    """What `_sealed` made, if the same person is there, or still nobody."""
    try:
        data = seals.unseal(entry["sealed"], keys=settings.FF_SEAL_KEYS, context=context) if entry else b"null"
    except seals.Unsealable:
        return None
    note: dict[str, Any] | None = json.loads(data)
    return note if note is not None and note.pop("user") == request.user.pk else None
