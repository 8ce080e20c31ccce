"""What was said of me: a nominee reads it, says whether they may be recommended, and answers each reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import LinkedHandle, User
from recommendations.actions import Refused, answer, consent
from recommendations.consent import Word
from recommendations.models import Block, Entry, Profile
from recommendations.models.said import Reason, find, said_of, spoken_for
from recommendations.views.access import MemberRequest, number, to_sign_in


@login_required
@require_GET
def said(request: MemberRequest) -> HttpResponse:
    """Everything that was said of the profiles I have proven to be mine."""
    return _page(request, request.user)


@require_POST
def do(request: HttpRequest, deed: str) -> HttpResponseBase:
    """One deed; back to where it was done, or the page with the refusal."""
    if not isinstance(request.user, User):
        return to_sign_in(request, reverse("said"))
    act = DEEDS.get(deed)
    if act is None:
        raise Http404
    try:
        told, place = act(request, request.user)
    except Refused as refusal:
        return _page(request, request.user, refused=str(refusal))
    messages.success(request, told)
    return redirect(f"{reverse('said')}#{place}")


def _accept(request: HttpRequest, user: User) -> tuple[str, str]:
    linked, profile = _mine(request, user)
    may_mention = bool(request.POST.get("may_mention"))
    consent.accept(profile=profile, by=user, may_mention=may_mention)
    return _("%(handle)s may be recommended. Thank you.") % {"handle": linked}, f"handle-{linked.pk}"


def _decline(request: HttpRequest, user: User) -> tuple[str, str]:
    linked, profile = _mine(request, user)
    consent.decline(profile=profile, by=user)
    told = _("%(handle)s is left out from now on. Posts that name you are changed or taken down within a day.")
    return told % {"handle": linked}, f"handle-{linked.pk}"


def _mention(request: HttpRequest, user: User) -> tuple[str, str]:
    linked, profile = _mine(request, user)
    allowed = request.POST.get("allowed") == "yes"
    consent.allow_mentions(profile=profile, by=user, allowed=allowed)
    told = _("%(handle)s may be mentioned.") if allowed else _("%(handle)s is named without a mention from now on.")
    return told % {"handle": linked}, f"handle-{linked.pk}"


def _veto(request: HttpRequest, user: User) -> tuple[str, str]:
    reason = _reason(request, user)
    answer.veto(reason=reason, by=user)
    return _("Nobody but you can read that reason any more. The recommendation itself stays."), reason.ref


def _lift_veto(request: HttpRequest, user: User) -> tuple[str, str]:
    reason = _reason(request, user)
    answer.lift_veto(reason=reason, by=user)
    return _("That reason can be read again."), reason.ref


def _thank(request: HttpRequest, user: User) -> tuple[str, str]:
    reason = _reason(request, user)
    answer.thank(reason=reason, by=user)
    return _("%(name)s sees your thanks on their own page.") % {"name": reason.author}, reason.ref


def _block(request: HttpRequest, user: User) -> tuple[str, str]:
    reason = _reason(request, user)
    answer.block(reason=reason, by=user)
    return _("What %(name)s says of you is heard no more. They are not told.") % {"name": reason.author}, "blocked"


def _lift_block(request: HttpRequest, user: User) -> tuple[str, str]:
    found = get_object_or_404(
        Block.objects.select_related("profile", "blocked"), pk=_pk(request, "block"), profile__in=spoken_for(user)
    )
    answer.lift_block(block=found, by=user)
    return _("%(name)s is heard again, from now on.") % {"name": found.blocked}, "content"


def _leave(request: HttpRequest, user: User) -> tuple[str, str]:
    entry = get_object_or_404(
        Entry.objects.select_related("profile", "edition__community"),
        pk=_pk(request, "entry"),
        profile__in=spoken_for(user),
    )
    answer.leave(entry=entry, by=user)
    told = _("You have left No. %(number)d of %(community)s.")
    return told % {"number": entry.edition.number, "community": entry.edition.community}, "content"


DEEDS: dict[str, Callable[[HttpRequest, User], tuple[str, str]]] = {
    "accept": _accept,
    "decline": _decline,
    "mention": _mention,
    "veto": _veto,
    "lift-veto": _lift_veto,
    "thank": _thank,
    "block": _block,
    "lift-block": _lift_block,
    "leave": _leave,
}


def _pk(request: HttpRequest, name: str) -> int:
    return number(request.POST.get(name, ""))


def _mine(request: HttpRequest, user: User) -> tuple[LinkedHandle, Profile]:
    """The handle that a form is about, with the profile it speaks for."""
    linked = get_object_or_404(LinkedHandle, pk=_pk(request, "handle"), user=user, proven_at__isnull=False)
    return linked, consent.profile_of(linked=linked)


def _reason(request: HttpRequest, user: User) -> Reason:
    found = find(user, request.POST.get("reason", ""))
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, user: User, *, refused: str = "") -> HttpResponse:
    handles = LinkedHandle.objects.filter(user=user, proven_at__isnull=False).order_by("pk")
    profiles = {profile.uri: profile for profile in spoken_for(user)}
    context: dict[str, Any] = {
        "handles": [(linked, profiles.get(linked.uri)) for linked in handles],
        "sayings": said_of(profiles.values()),
        "blocks": _blocks(list(profiles.values())),
        "unsaid": any(profile.word == Word.NONE for profile in profiles.values()),
        "refused": refused,
    }
    return render(request, "me/said.html", context, status=409 if refused else 200)


def _blocks(profiles: list[Profile]) -> list[Block]:
    """Each blocked member once, though all of one's profiles have blocked them."""
    blocks = Block.objects.filter(profile__in=profiles).select_related("blocked").order_by("-pk")
    return list({block.blocked_id: block for block in blocks}.values())
