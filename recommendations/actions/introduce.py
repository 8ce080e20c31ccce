"""Say whether there is a page of what one recommended, for others; and what it tells of oneself."""

from django.db import transaction

from accounts.models import User
from recommendations.models import Community
from recommendations.models.page_version import SITE, pages_changed


@transaction.atomic
def introduce(*, user: User, page: str, shows_handles: bool) -> None:
    """It holds at once: where they are quoted, their name leads to the page, or no longer does. `page`: a User.Page."""
    User.objects.filter(pk=user.pk).update(page=page, shows_handles=shows_handles)
    user.page, user.shows_handles = page, shows_handles
    quoted = Community.objects.filter(editions__entries__quotes__author=user).values_list("slug", flat=True)
    for slug in {SITE, *quoted}:
        pages_changed(slug)
