"""How often what a community shows has changed: part of the key under which its pages are cached.

Verbs call `pages_changed` when they change what the public sees; it takes effect when their transaction commits.
"""

import secrets

from django.core.cache import cache
from django.db import transaction

SITE = ""  # pages that belong to no community: home, people
KEPT = 24 * 3600  # seconds: longer than any page is; so what nobody asks for any more takes no room


def page_version(slug: str) -> str:
    """The present version of a community's pages, or of the site's own (slug '')."""
    kept = cache.get(f"version:{slug}")
    if kept is None:  # never set, or the cache was emptied: whatever was kept before must not come back
        kept = secrets.token_hex(6)
        cache.add(f"version:{slug}", kept, KEPT)
        kept = cache.get(f"version:{slug}", kept)
    return str(kept)


def pages_changed(slug: str) -> None:
    """From the end of this transaction on, make this community's pages afresh, and the site's own."""
    fresh = {f"version:{slug}": secrets.token_hex(6), f"version:{SITE}": secrets.token_hex(6)}
    transaction.on_commit(lambda: cache.set_many(fresh, KEPT))
