"""Channels: connect an account, see exactly what it would post, go live; and posts in trouble."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import tasks
from recommendations.actions import Refused, settle
from recommendations.actions.compose import Composed, preview
from recommendations.actions.connect import connect, go_live, pause
from recommendations.forms import ConnectForm, DecideForm
from recommendations.handles import Network
from recommendations.models import Channel, Edition, Membership, Post
from recommendations.models.state import IllegalMove, Overtaken
from recommendations.views.access import curators_only


@dataclass(frozen=True)
class Shown:
    """A channel with the posts it would make of the newest edition."""

    channel: Channel
    edition: Edition | None
    posts: list[Composed]


@require_http_methods(["GET", "POST"])
@curators_only
def channels(request: HttpRequest, curator: Membership) -> HttpResponse:
    """All channels with a preview of each; connect another."""
    community = curator.community
    form = ConnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            channel = connect(
                community=community,
                by=curator,
                network=Network.BLUESKY,
                handle=form.cleaned_data["handle"],
                password=form.cleaned_data["password"],
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{channel.handle} is connected. It rehearses until you let it go live.")
            return redirect("channels", slug=community.slug)
    newest = (
        community.editions.filter(state__in=(Edition.State.READY, Edition.State.PUBLISHED))
        .order_by("-closes_at", "-pk")
        .first()
    )
    if newest:
        newest.community = community
    shown = [
        Shown(channel, newest, preview(newest, channel) if newest else [])
        for channel in community.channels.order_by("pk")
    ]
    context = {"community": community, "curator": curator, "form": form, "shown": shown}
    return render(request, "desk/channels.html", context, status=422 if form.errors else 200)


@require_POST
@curators_only
def change(request: HttpRequest, curator: Membership, pk: int, deed: str) -> HttpResponse:
    """Go live, or pause."""
    channel = get_object_or_404(Channel, pk=pk, community=curator.community)
    if deed not in ("live", "pause"):
        raise Http404
    try:
        if deed == "live":
            go_live(channel=channel, by=curator)
            messages.success(request, f"{channel.handle} is live: it posts every new edition by itself.")
        else:
            pause(channel=channel, by=curator)
            messages.success(request, f"{channel.handle} pauses.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("channels", slug=curator.community.slug)


@require_POST
@curators_only
def decide(request: HttpRequest, curator: Membership, pk: int) -> HttpResponse:
    """What becomes of a post that needs a person."""
    post = get_object_or_404(
        Post.objects.select_related("delivery__channel", "delivery__edition"),
        pk=pk,
        delivery__channel__community=curator.community,
    )
    form = DecideForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("Choose what should become of it.")
        settle.decide(
            post=post,
            by=curator,
            choice=form.cleaned_data["choice"],
            address=form.cleaned_data["address"],
            late_at=timezone.now() + settings.FF_LATE_AFTER,
        )
        tasks.nudge(tasks.post_one, post.pk)
    except (Refused, IllegalMove, Overtaken) as refusal:
        messages.error(request, str(refusal) if isinstance(refusal, Refused) else "Somebody was quicker.")
    return redirect("desk_week", slug=curator.community.slug, week=post.delivery.edition.week)
