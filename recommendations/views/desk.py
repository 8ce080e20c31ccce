"""The curator's desk: this week, the draft, its words and order, and what is to happen to it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from recommendations import tasks
from recommendations.actions import Refused, edit_draft, review
from recommendations.actions.compile import compile_edition
from recommendations.actions.keep_lists import look_at_all_lists
from recommendations.actions.look_up import look_up
from recommendations.actions.publish import publish
from recommendations.actions.special import crew, make_special
from recommendations.consent import Purpose, Viewer
from recommendations.forms import CommunitySettingsForm, DraftForm, GatheringForm, SpecialForm
from recommendations.models import Edition, Entry, Findable, Gathering, Membership, Moderation
from recommendations.models.board import current_edition
from recommendations.models.page_version import pages_changed
from recommendations.models.reading import lines
from recommendations.models.state import Overtaken
from recommendations.views.access import curators_only, number

RECENT = 8


@require_GET
@curators_only
def desk(request: HttpRequest, curator: Membership) -> HttpResponse:
    """What is going on: the open board, drafts waiting, what went out lately, who wants to join."""
    community = curator.community
    editions = community.editions.exclude(state=Edition.State.SKIPPED).order_by("-closes_at", "-pk")[:RECENT]
    return render(
        request,
        "desk/desk.html",
        {
            "community": community,
            "curator": curator,
            "editions": editions,
            "waiting": community.memberships.filter(state=Membership.State.PENDING).count(),
            "channels": community.channels.all(),
            "log": Moderation.objects.filter(community=community).select_related("by")[:10],
        },
    )


@require_GET
@curators_only
def week(request: HttpRequest, curator: Membership, week: str) -> HttpResponse:
    """One edition at work."""
    edition = _edition(curator, week)
    return _week_page(request, curator, edition)


@require_POST
@curators_only
def do(request: HttpRequest, curator: Membership, week: str, deed: str) -> HttpResponse:
    """One deed of the desk; back to the week, with what was typed if it was refused."""
    edition = _edition(curator, week)
    act = DEEDS.get(deed)
    if act is None:
        raise Http404
    try:
        said = act(edition, curator, request)
    except (Refused, Overtaken) as refusal:
        quicker = _("Somebody was quicker. This is how it stands now.")
        message = str(refusal) if isinstance(refusal, Refused) else quicker
        return _week_page(request, curator, _edition(curator, week), refused=message)
    messages.success(request, said)
    back = reverse("desk_week", args=[curator.community.slug, week])
    entry = number(request.POST.get("entry", ""))
    # Back to the line one was working on.
    return redirect(f"{back}#entry-{entry}" if entry and deed in ("order", "restore") else back)


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
    compile_edition(edition=edition)
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


@require_http_methods(["GET", "POST"])
@curators_only
def special(request: HttpRequest, curator: Membership) -> HttpResponse:
    """Put another edition together, to go out first."""
    form = SpecialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            people = [(look_up(handle=handle), reason) for handle, reason in form.listed]
            if form.cleaned_data["whole_crew"]:
                named = {profile.pk for profile, _reason in people}
                people += [(profile, "") for profile in crew(curator.community) if profile.pk not in named]
            edition = make_special(
                by=curator, people=people, title=form.cleaned_data["title"], essay=form.cleaned_data["essay"]
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("desk_week", slug=curator.community.slug, week=edition.week)
    context = {"community": curator.community, "curator": curator, "form": form}
    return render(request, "desk/special.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@curators_only
def settings(request: HttpRequest, curator: Membership) -> HttpResponse:
    """The community's settings and its gathering."""
    community = curator.community
    gathering = getattr(community, "gathering", None)
    which = request.POST.get("form") if request.method == "POST" else None
    form = CommunitySettingsForm(request.POST if which == "community" else None, instance=community)
    meeting = GatheringForm(request.POST if which == "gathering" else None, instance=gathering)
    if which == "community" and form.is_valid():
        look_at_all_lists(form.save())
        Findable.objects.mark("community", [community.pk], timezone.now())
    elif which == "gathering" and meeting.is_valid():
        Gathering.objects.update_or_create(community=community, defaults=meeting.cleaned_data)
    elif which is not None:
        context = {"community": community, "curator": curator, "form": form, "meeting": meeting}
        return render(request, "desk/settings.html", context, status=422)
    if which is not None:
        pages_changed(community.slug)
        messages.success(request, _("Kept. A new week's times hold from the next edition on."))
        return redirect("settings", slug=community.slug)
    context = {"community": community, "curator": curator, "form": form, "meeting": meeting}
    return render(request, "desk/settings.html", context)


def _edition(curator: Membership, week: str) -> Edition:
    """The edition of a week; `current` is the open one."""
    if week == "current":
        edition = current_edition(curator.community)
        if edition is None:
            raise Http404
    else:
        edition = get_object_or_404(Edition, community=curator.community, week=week)
    edition.community = curator.community
    return edition


def _entry(edition: Edition, request: HttpRequest) -> Entry:
    pk = number(request.POST.get("entry", ""))
    return get_object_or_404(edition.entries.select_related("edition__community"), pk=pk)


def _week_page(request: HttpRequest, curator: Membership, edition: Edition, *, refused: str = "") -> HttpResponse:
    """The page of one week at the desk: everything that can be seen and done in its present state."""
    typed: dict[str, Any] | None = request.POST.dict() if refused else None
    words = typed is not None and "essay" in typed
    context = {
        "community": curator.community,
        "curator": curator,
        "edition": edition,
        "lines": lines(edition, viewer=Viewer.MEMBER, purpose=Purpose.PAGE),
        "reserve": edition.entries.on_the_draft().filter(reserve=True).select_related("profile"),
        "dropped": edition.entries.filter(dropped_at__isnull=False).select_related("profile"),
        "form": DraftForm(request.POST if words else None, instance=edition),
        "deliveries": edition.deliveries.select_related("channel").prefetch_related("posts"),
        "lists": edition.native_lists.select_related("channel"),
        "channels": curator.community.channels.all(),
        "refused": refused,
        "typed": typed or {},
    }
    return render(request, "desk/week.html", context, status=409 if refused else 200)
