"""Follow them all: choose whom, with which account of one's own; and see how it goes."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.asking import begin, let_go, take
from accounts.forms import BlueskyDoorForm, DoorForm, MastodonDoorForm
from accounts.models import LinkedHandle, User
from accounts.options import options
from accounts.views import onward
from recommendations import networks, tasks
from recommendations.actions import Refused
from recommendations.actions.follow import people, prepare, start, stop, try_again
from recommendations.consent import Purpose, Viewer
from recommendations.double_submit import once_key
from recommendations.handles import Handle, Network
from recommendations.models import Community, Edition, Follow, Following, Profile
from recommendations.models.follow import NETWORKS
from recommendations.models.membership import viewer_of
from recommendations.networks.base import Rejected, Unavailable
from recommendations.views.access import MemberRequest, community_or_404, number, to_sign_in

FORMS: dict[Network, type[DoorForm]] = {Network.MASTODON: MastodonDoorForm, Network.BLUESKY: BlueskyDoorForm}
RESULTS = {
    "": _("waiting"),
    "followed": _("you follow them"),
    "requested": _("asked: they decide who follows them"),
    "already": _("you followed them before"),
    "listed": _("on your list"),
    "gone": _("gone"),
    "refused": _("not followed"),
    "failed": _("did not work out"),
}
SHOWN_BEFORE = 3  # earlier jobs


@dataclass(frozen=True)
class Group:
    """The people on one network, and the form in which the reader names their account there."""

    network: Network
    people: list[Profile]
    chosen: set[int]
    form: DoorForm | None  # None: nobody can follow for them there
    as_list: bool = False


@dataclass(frozen=True)
class Row:
    """One person of a job, and what came of them. `profile` None: they may not be shown any more."""

    follow: Follow
    profile: Profile | None
    result: str


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: MemberRequest, slug: str, number: int | None = None) -> HttpResponse:
    """Whom, and with which account; from an edition, or without one from the crew."""
    community = community_or_404(slug)
    edition = None
    if number is not None:
        edition = get_object_or_404(Edition.objects.published(), community=community, number=number)
        edition.community = community
    membership = community.membership_of(request.user)
    there = people(community=community, edition=edition, viewer=viewer_of(membership))
    known = _handles(request)
    groups = [_group(request, network, there, known.get(network, "")) for network in Network]
    status = 200
    if request.method == "POST":
        asked = next((group for group in groups if group.network == request.POST.get("network")), None)
        if asked is None or asked.form is None:
            raise Http404
        answer = _ask(request, community, edition, asked, asked.form)
        if answer is not None:
            return answer
        status = 422
    earlier = Following.objects.filter(user=request.user, community=community, edition=edition, uri__gt="")
    context = {
        "community": community,
        "edition": edition,
        "membership": membership,
        "groups": [group for group in groups if group.people],
        "earlier": earlier.order_by("-pk")[:SHOWN_BEFORE],
    }
    return render(request, "follow/choose.html", context, status=status)


@never_cache
@require_GET
def following(request: HttpRequest, pk: int) -> HttpResponseBase:
    """How it goes. Here one arrives, too, when one's network has said yes."""
    if not request.user.is_authenticated:
        return to_sign_in(request, request.path)
    job = _mine(request.user, pk)
    partly = getattr(request, "htmx", False)
    granted = None if partly or job.is_running else take(request, _purpose(job))
    if granted is not None:
        try:
            start(following=job, granted=granted)
        except Refused as refusal:
            let_go(granted)
            messages.error(request, str(refusal))
        else:
            tasks.nudge(tasks.follow_one, job.pk)
    counts = job.counts()
    membership = job.community.membership_of(request.user)
    context = {
        "community": job.community,
        "membership": membership,
        "job": job,
        "rows": _rows(job, viewer_of(membership)),
        "counts": counts,
        "settled": counts["all"] - counts.get("waiting", 0),
        "failed": sum(counts.get(each, 0) for each in Follow.FAILURES),
        "network": Network(job.network).label,
    }
    return render(request, "follow/progress.html" if partly else "follow/following.html", context)


@login_required
@require_POST
def change(request: MemberRequest, pk: int, deed: str) -> HttpResponse:
    """Stop it, or try again where it did not work out."""
    job = _mine(request.user, pk)
    if deed not in ("stop", "again"):
        raise Http404
    try:
        if deed == "stop":
            stop(following=job)
        elif job.is_running:
            try_again(following=job)
        elif job.handle is not None:
            return _onward(request, job, job.handle)
        else:
            return redirect(_chooser(job.community, job.edition))
    except (Refused, Rejected, Unavailable) as refusal:
        messages.error(request, str(refusal))
    else:
        tasks.nudge(tasks.follow_one, job.pk)
    return redirect(job)


def _handles(request: MemberRequest) -> dict[str, str]:
    """The reader's handle on each network: one that is proven, where there is one."""
    linked = LinkedHandle.objects.filter(user=request.user).order_by(F("proven_at").asc(nulls_first=True), "pk")
    return {each.network: str(each) for each in linked}


def _group(request: MemberRequest, network: Network, there: list[Profile], handle: str) -> Group:
    on_it = [profile for profile in there if profile.network == network]
    if network not in NETWORKS:
        return Group(network, on_it, set(), None)
    if request.method == "POST" and request.POST.get("network") == network:
        chosen = {number(each) for each in request.POST.getlist("person")}
        return Group(network, on_it, chosen, FORMS[network](request.POST), request.POST.get("as") == "list")
    form = FORMS[network](initial={network.value: handle})
    return Group(network, on_it, {profile.pk for profile in on_it}, form)


def _ask(
    request: MemberRequest, community: Community, edition: Edition | None, group: Group, form: DoorForm
) -> HttpResponse | None:
    """On to their network; None when the form has something to say."""
    if not form.is_valid():
        return None
    try:
        job = prepare(
            by=request.user,
            community=community,
            edition=edition,
            network=group.network,
            chosen=group.chosen,
            as_list=group.as_list,
            once=once_key(request),
        )
        return _onward(request, job, form.who)
    except (Refused, Rejected, Unavailable) as refusal:
        form.add_error(group.network.value if not isinstance(refusal, Refused) else None, str(refusal))
    return None


def _onward(request: HttpRequest, job: Following, who: Handle | str) -> HttpResponse:
    network = Network(job.network)
    scopes = networks.follower(network, options()).scopes(as_list=job.as_list)
    url = begin(request, network=network, who=who, purpose=_purpose(job), scopes=scopes, next=job.get_absolute_url())
    return onward(request, network, url)


def _mine(user: User, pk: int) -> Following:
    jobs = Following.objects.select_related("community", "edition", "user")
    return get_object_or_404(jobs, pk=pk, user=user)


def _purpose(job: Following) -> str:
    return f"follow:{job.pk}"


def _chooser(community: Community, edition: Edition | None) -> str:
    if edition is None:
        return reverse("follow_crew", args=[community.slug])
    return reverse("follow_edition", args=[community.slug, edition.number])


def _rows(job: Following, viewer: Viewer) -> list[Row]:
    """Everybody in the page's order; who does not wish to be shown any more is not."""
    rows = []
    for follow in job.follows.select_related("profile").defer("profile__bio"):
        shown = follow.profile.decision(job.community.policy, viewer, Purpose.PAGE).allowed_for(viewer)
        result = str(RESULTS[follow.outcome])
        if follow.state == Follow.State.DOING:
            result = gettext("being followed") if job.is_running else gettext("not known: look there")
        rows.append(Row(follow, follow.profile if shown else None, result))
    return rows
