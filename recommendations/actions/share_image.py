"""The picture that goes with an edition's posts: draw it, and take it away as soon as it names somebody it must not."""

import secrets
from typing import Any

from django.core.files.base import ContentFile

from recommendations import pictures
from recommendations.models import Edition, Profile


def draw_share_image(edition: Edition) -> None:
    """Draw it of the list as it stands, with its alt text, and keep both."""
    community = edition.community
    share = share_image(edition)
    # Another picture has another name: who kept the one before must not be shown it for this one.
    name = f"{community.slug}-{edition.number}-{secrets.token_hex(8)}.png"
    edition.share_image.save(name, ContentFile(share.data), save=False)
    edition.share_alt = share.alt[:1000]
    edition.save(update_fields=["share_image", "share_alt", "updated_at"])


def share_image(edition: Edition) -> pictures.Share:
    """It, drawn of the list as it stands: of the people whom everybody may see, and nobody else."""
    return pictures.share_image(**_says(edition), accent=edition.community.accent)


def share_alt(edition: Edition) -> str:
    """What it says, in words, without drawing it."""
    return pictures.share_alt(**_says(edition))


def _says(edition: Edition) -> dict[str, Any]:
    community = edition.community
    shown = Profile.objects.listable(community.policy).filter(members_only=False)
    entries = edition.entries.present().filter(profile__in=shown).select_related("profile")
    return {
        "title": edition.headline,
        "community": community.name,
        "hashtag": community.hashtag,
        "line": f"No. {edition.number} · {edition.week}",
        "names": [entry.profile.title for entry in entries],
    }


def withdraw_share_images(profile: Profile) -> None:
    """Somebody changed their mind: pictures that may name them are gone at once, and drawn anew by the next sweep."""
    named = Edition.objects.published().filter(entries__profile=profile).exclude(share_image="")
    for edition in named:
        edition.share_image.delete(save=False)
        edition.share_alt = ""
        edition.save(update_fields=["share_image", "share_alt", "updated_at"])
