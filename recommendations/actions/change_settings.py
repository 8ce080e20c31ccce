"""Change a community's settings; what changes a ranking is written into the public log."""

from typing import Any

from django.db import transaction
from django.forms import ModelForm
from django.utils import timezone

from recommendations.actions.keep_lists import look_at_all_lists
from recommendations.actions.review import log
from recommendations.models import Community, Findable, Membership, Moderation
from recommendations.models.community import RANKING_SETTINGS
from recommendations.models.page_version import pages_changed


def change_settings(*, form: "ModelForm[Community]", by: Membership) -> Community:
    """Save a valid form of the settings, and log which settings that change a ranking were changed, and how."""
    with transaction.atomic():
        before = Community.objects.select_for_update().get(pk=by.community_id)
        community: Community = form.save()
        changes = [
            f"{name}: {_said(before, name)} > {_said(community, name)}"
            for name in RANKING_SETTINGS
            if getattr(before, name) != getattr(community, name)
        ]
        if changes:
            log(by, Moderation.Kind.SETTINGS, "; ".join(changes))
        look_at_all_lists(community)
        Findable.objects.mark("community", [community.pk], timezone.now())
        pages_changed(community.slug)
    return community


def _said(community: Community, name: str) -> str:
    """A value as it is logged; a dash for none."""
    value: Any = getattr(community, name)
    return "-" if value in (None, "") else str(value)
