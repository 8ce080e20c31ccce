"""Lead a reader to their own server, to follow somebody from there. Nobody is followed here, and nothing is kept."""

import hashlib
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import gettext as _

from accounts.options import options
from recommendations import networks
from recommendations.actions import Refused
from recommendations.handles import Handle
from recommendations.models import Profile
from recommendations.networks.base import Rejected, Unavailable
from recommendations.networks.guard import Forbidden
from recommendations.networks.subscribing import filled, usual_template

KEPT = 24 * 3600  # seconds that what a server named is remembered
KEPT_NOTHING = 300  # and that it named nothing


@dataclass(frozen=True)
class Way:
    """Where to go. `server` is the reader's; `trouble` says why the address is but a guess, or nothing."""

    server: str
    url: str
    trouble: str = ""


def lead_home(*, profile: Profile, reader: Handle | str) -> Way:
    """The page of the reader's server on which they follow `profile`. `reader`: their handle, or their server's host.

    Asks that server, in three seconds at most. Raises Refused where it is none of the open internet.
    """
    server, name = (reader.host, reader.name) if isinstance(reader, Handle) else (reader, "")
    whom = profile.uri if (profile.uri or "").startswith("https://") else profile.handle.address
    key = f"subscribe:{hashlib.sha256(f'{name}@{server}'.encode()).hexdigest()}"
    template, trouble = cache.get(key), ""
    if template is None:
        try:
            template = networks.subscribe_template(server, name, options())
        except Forbidden as error:
            raise Refused(error.said(_), field="mastodon") from error
        except (Rejected, Unavailable) as error:
            template, trouble = "", error.said(_)
        cache.set(key, template, KEPT if template else KEPT_NOTHING)
    if not template and not trouble:
        trouble = _("%(server)s did not tell us where one follows others from there.") % {"server": server}
    return Way(server, filled(template or usual_template(server), str(whom)), trouble)
