"""An edition that is out, and a reader's own Mastodon server on a small internet."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from recommendations.handles import Handle, Network
from recommendations.models import Community, Edition, Entry, Profile

PEOPLE = ("grace@navy.example", "joan@quiet.example", "alan@bletchley.example")


def somebody(address: str, network: Network = Network.MASTODON, **more: object) -> Profile:
    """Found, and with nothing against being listed."""
    name, _, host = address.partition("@")
    uri = {Network.MASTODON: f"https://{host}/users/{name}", Network.BLUESKY: f"did:plc:{name:a<24.24}"}
    fields = {"uri": uri.get(network, f"x:{name}"), "signal": "automatic", "display_name": name.capitalize()}
    fields["look_again_at"] = timezone.now() + timedelta(days=99)
    fields["page_url"] = f"https://{host or 'web.example'}/@{name}"
    handle = Handle(network, name, host)
    return Profile.objects.create(network=network.value, name=handle.name, host=host, **fields | more)


def published(community: Community, people: Iterable[Profile], number: int = 1) -> Edition:
    """An edition of these."""
    now = timezone.now()
    Community.objects.filter(pk=community.pk).update(last_number=number)
    edition = Edition.objects.create(
        community=community, week=f"2026-W{number:02}-9", special=True, state="published", number=number,
        published_at=now, opens_at=now, closes_at=now, publishes_at=now, share_image="none.png",
    )  # fmt: skip
    for rank, profile in enumerate(people, 1):
        Entry.objects.create(edition=edition, profile=profile, rank=rank)
    return edition
