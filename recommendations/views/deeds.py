"""What a curator does with an edition at the desk. What cannot be undone is asked once more."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recommendations import tasks
from recommendations.actions import Refused, edit_draft, review
from recommendations.actions.compile import compile_edition
from recommendations.actions.publish import publish
from recommendations.forms import DraftForm
from recommendations.models import Edition, Entry, Membership
from recommendations.models.state import IllegalMove, Overtaken
from recommendations.views.access import curators_only, number
from recommendations.views.week import edition_of, ordered, week_page

State = Edition.State
# Asked once more before they are done -> the states in which they can be done at all.
FOR_GOOD: dict[str, set[str]] = {
    "compile": {State.OPEN},
    "publish": {State.READY},
    "skip": {State.OPEN, State.READY},
}


@require_POST
@curators_only
def do(request: HttpRequest, curator: Membership, week: str, deed: str) -> HttpResponse:
    """One deed of the desk; back to the week, with what was typed if it was refused.

    htmx gets the list alone, for a new order.
    """
    edition = edition_of(curator, week)
    act = DEEDS.get(deed)
    if act is None:
        raise Http404
    piece = deed == "order" and getattr(request, "htmx", False)
    possible = edition.state in FOR_GOOD.get(deed, State.values)
    if possible and deed in FOR_GOOD and request.POST.get("sure") != "yes":
        return _sure(request, curator, edition, deed)
    try:
        said = act(edition, curator, request)
    except (Refused, IllegalMove, Overtaken) as refusal:
        quicker = _("Somebody was quicker. This is how it stands now.")
        message = str(refusal) if isinstance(refusal, Refused) else quicker
        now = edition_of(curator, edition.week)
        if piece:
            return ordered(request, curator, now, refused=message)
        if deed in FOR_GOOD and now.state in FOR_GOOD[deed]:
            return _sure(request, curator, now, deed, refused=message)
        return week_page(request, curator, now, refused=message)
    if piece:
        return ordered(request, curator, edition)
    messages.success(request, said)
    back = reverse("desk_week", args=[curator.community.slug, edition.week])
    entry = number(request.POST.get("entry", ""))
    # Back to the line one was working on.
    return redirect(f"{back}#entry-{entry}" if entry and deed in ("order", "restore") else back)


def _sure(request: HttpRequest, curator: Membership, edition: Edition, deed: str, *, refused: str = "") -> HttpResponse:
    """What it will do, and whether it is meant. Nothing has happened yet."""
    context = {
        "community": curator.community,
        "curator": curator,
        "edition": edition,
        "deed": deed,
        "listed": edition.entries.ranked().count(),
        "next_number": curator.community.last_number + 1,
        "channels": curator.community.channels.order_by("pk"),
        "why": request.POST.get("why", ""),
        "refused": refused,
    }
    return render(request, "desk/sure.html", context, status=409 if refused else 200)


def _words(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    form = DraftForm(request.POST, instance=Edition(community=edition.community))
    if not form.is_valid():
        raise Refused(" ".join(str(error) for errors in form.errors.values() for error in errors))
    edit_draft.rewrite(edition=edition, by=curator, **form.cleaned_data)
    return _("Kept.")


def _order(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    """`order`: entry ids, in order; or `entry` and `move` (up, down), for the buttons beside each."""
    order = [number(pk) for pk in request.POST.getlist("order")]
    if not order:
        order = list(edition.entries.ranked().values_list("pk", flat=True))
        entry = _entry(edition, request)
        there = order.index(entry.pk) if entry.pk in order else -1
        target = _target(request, there)
        if there < 0 or target == there or not 0 <= target < len(order):
            raise Refused(_("They cannot move there."))
        order.insert(target, order.pop(there))
    edit_draft.reorder(edition=edition, by=curator, order=order, reason=request.POST.get("reason", ""))
    return _("The order is changed.")


def _target(request: HttpRequest, there: int) -> int:
    """Where an entry shall stand, counted from 0: one place up or down, or at the `place` typed."""
    move = request.POST.get("move")
    if move == "to":
        return number(request.POST.get("place", "")) - 1
    return there - 1 if move == "up" else there + 1


def _drop(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    edit_draft.drop(entry=_entry(edition, request), by=curator, reason=request.POST.get("reason", ""))
    return _("Left out of this edition.")


def _restore(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    edit_draft.restore(entry=_entry(edition, request), by=curator)
    return _("Back on the list.")


def _compile(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    compile_edition(edition=edition, by=curator)
    return _("The board is closed and counted. This is the draft.")


def _approve(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    review.approve(edition=edition, by=curator)
    return _("Approved: it goes out at its time.")


def _unapprove(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    review.unapprove(edition=edition, by=curator)
    return _("No longer approved.")


def _hold(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    review.hold(edition=edition, by=curator, why=request.POST.get("why", ""))
    return _("Held: nothing moves until you let it go on.")


def _unhold(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    review.unhold(edition=edition, by=curator)
    return _("It goes on.")


def _skip(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    review.skip(edition=edition, by=curator, why=request.POST.get("why", ""))
    return _("Skipped. The next week is open.")


def _publish(edition: Edition, curator: Membership, request: HttpRequest) -> str:
    published = publish(edition=edition, by=curator)
    for pk in tasks.first_posts(published):
        tasks.nudge(tasks.post_one, pk)
    return _("Out: this is number %(number)d.") % {"number": published.number}


DEEDS: dict[str, Callable[[Edition, Membership, HttpRequest], str]] = {
    "words": _words,
    "order": _order,
    "drop": _drop,
    "restore": _restore,
    "compile": _compile,
    "approve": _approve,
    "unapprove": _unapprove,
    "hold": _hold,
    "unhold": _unhold,
    "skip": _skip,
    "publish": _publish,
}


def _entry(edition: Edition, request: HttpRequest) -> Entry:
    pk = number(request.POST.get("entry", ""))
    return get_object_or_404(edition.entries.select_related("edition__community"), pk=pk)
