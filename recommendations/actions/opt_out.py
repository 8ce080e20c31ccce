"""A server's admin does not want their people recommended: it holds at once, for the domain and all beneath it.

Pages and feeds follow in one step. Drafts, pictures, posts and lists that name somebody from there are made afresh by
the sweep, some profiles at a time. Who says yes themselves is recommended all the same (`consent.decide`).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations import handles
from recommendations.actions import Refused
from recommendations.actions.show_anew import show_anew
from recommendations.markup import clean_line
from recommendations.models import Community, DomainOptOut, Profile
from recommendations.models.domain_opt_out import REASON_MAX, domains_of
from recommendations.models.page_version import SITE, pages_changed

AT_ONCE = 100  # profiles seen to in one turn
_CHUNK = 500  # numbers in one query


def opt_out(*, domain: str, reason: str = "", by: User | None = None, at: datetime | None = None) -> DomainOptOut:
    """Nobody from there is shown, listed, posted or nominated from now on. Twice does no harm. Raises Refused."""
    at = at or timezone.now()
    name = _name(domain)
    with transaction.atomic():
        made, _new = DomainOptOut.objects.select_for_update().get_or_create(domain=name)
        made.reason, made.by, made.at = clean_line(reason, REASON_MAX), by, at
        made.ended_at, made.seen_to = None, 0
        made.save()
        _mark(_people(name), opted_out=True)
    return made


def opt_in(*, domain: str, at: datetime | None = None) -> None:
    """The server's admin has changed their mind. Raises Refused."""
    name = _name(domain)
    with transaction.atomic():
        if not DomainOptOut.objects.standing().filter(domain=name).update(ended_at=at or timezone.now(), seen_to=0):
            raise Refused(_("%(domain)s has not opted out.") % {"domain": name}, field="domain")
        there = _people(name)
        others = set(DomainOptOut.objects.standing().values_list("domain", flat=True))
        _mark({pk for pk, domains in there.items() if others.isdisjoint(domains)}, opted_out=False)


def see_to_domain(*, domain: DomainOptOut, at: datetime | None = None) -> None:
    """Make what names the next people from there afresh. Killed on the way, it goes on where it was."""
    at = at or timezone.now()
    after = domain.seen_to
    if after is None:
        return
    pks = sorted(pk for pk in _people(domain.domain) if pk > after)[:AT_ONCE]
    for profile in Profile.objects.filter(pk__in=pks).order_by("pk"):
        with transaction.atomic():
            show_anew(profile, at=at)
    here = DomainOptOut.objects.filter(pk=domain.pk, seen_to=after, ended_at=domain.ended_at)
    if len(pks) == AT_ONCE:
        here.update(seen_to=pks[-1])
    elif domain.ended_at is not None:
        here.delete()
    else:
        here.update(seen_to=None)


def _name(domain: str) -> str:
    """As it is kept: in ASCII. Raises Refused."""
    try:
        return handles.ascii_host(domain.strip().lower().removeprefix("https://").strip("/").removeprefix("*."))
    except handles.Unreadable as error:
        raise Refused(error.said(_), field="domain") from error


def _people(domain: str) -> dict[int, list[str]]:
    """Everybody from there, by number, with the domains that may speak for them."""
    beneath = f".{domain}"
    near = (
        Q(host=domain)
        | Q(host__endswith=beneath)
        | Q(network=handles.Network.BLUESKY.value, name=domain)
        | Q(network=handles.Network.BLUESKY.value, name__endswith=beneath)
        | Q(uri__contains=domain)
    )
    found = {
        profile.pk: domains_of(profile.handle, profile.uri or "")
        for profile in Profile.objects.filter(near).only("network", "name", "host", "uri").iterator()
    }
    return {pk: domains for pk, domains in found.items() if domain in domains}


def _mark(people: "dict[int, list[str]] | set[int]", *, opted_out: bool) -> None:
    """Within a transaction: write it on their profiles, and let every page that may name one of them be made afresh."""
    pks = sorted(people)
    slugs: set[str] = {SITE}
    for start in range(0, len(pks), _CHUNK):
        some = pks[start : start + _CHUNK]
        Profile.objects.filter(pk__in=some).update(opted_out=opted_out)
        named = Q(editions__entries__profile__in=some) | Q(editions__nominations__profile__in=some)
        slugs |= set(Community.objects.filter(named).values_list("slug", flat=True))
    for slug in slugs:
        pages_changed(slug)
