"""What somebody wishes, or what may be said of them, has changed: it holds at once, wherever they are named.

Every verb that changes it calls this: pages and feeds, drafts, share images, posts and lists on the networks follow.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from recommendations.actions.correct import watch_deliveries
from recommendations.actions.edit_draft import close_ranks
from recommendations.actions.share_image import withdraw_share_images
from recommendations.consent import Word
from recommendations.models import Community, Edition, Findable, Profile
from recommendations.models.page_version import pages_changed

UNLISTED = gettext_noop("They may not be listed.")


def show_anew(profile: Profile, *, at: datetime | None = None) -> None:
    """Within a transaction: let everything that names them be made afresh. Calls no network: sweeps do what is due."""
    at = at or timezone.now()
    withdraw_share_images(profile)
    if profile.word == Word.DECLINED or (profile.opted_out and profile.word == Word.NONE):
        leave_drafts(Edition.objects.filter(entries__profile=profile), profile, at)
    watch_deliveries(profile, at=at)
    Findable.objects.mark("profile", [profile.pk], at)
    renew_pages(profile)


def renew_pages(profile: Profile) -> None:
    """Make the pages that name them afresh, from the end of this transaction on."""
    named = Q(editions__entries__profile=profile) | Q(editions__nominations__profile=profile)
    for slug in set(Community.objects.filter(named).values_list("slug", flat=True)):
        pages_changed(slug)


@transaction.atomic
def leave_drafts(editions: QuerySet[Edition], profile: Profile, at: datetime) -> None:
    """Take somebody out of those of these editions that are not out yet; the reserve moves up."""
    pks = set(editions.filter(state=Edition.State.READY).values_list("pk", flat=True))
    for draft in Edition.objects.select_for_update().filter(pk__in=pks, state=Edition.State.READY).order_by("pk"):
        leaving = draft.entries.on_the_draft().filter(profile=profile)
        if leaving.update(dropped_at=at, dropped_why=UNLISTED):
            close_ranks(draft)
