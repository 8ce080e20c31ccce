"""Channels: connect an account, see exactly what it would post and what that costs, go live."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import asking
from accounts.onward import onward
from accounts.reauthentication import reauthentication_required
from recommendations.actions import Refused
from recommendations.actions.alert import alert
from recommendations.actions.compose import Composed, preview
from recommendations.actions.connect import connect, go_live, pause
from recommendations.forms import BlueskyForm, MastodonForm
from recommendations.handles import Handle, Network
from recommendations.models import Channel, Edition, Membership, NativeList
from recommendations.networks import mastodon_account, x_oauth
from recommendations.networks.base import Rejected, Unavailable
from recommendations.views.access import curators_only


@dataclass(frozen=True)
class Shown:
    """A channel with the posts it would make of the newest edition."""

    channel: Channel
    edition: Edition | None
    posts: list[Composed]
    crew: NativeList | None  # its list of everybody there


@require_http_methods(["GET", "POST"])
@curators_only
@reauthentication_required
def channels(request: HttpRequest, curator: Membership) -> HttpResponse:
    """All channels with a preview of each; connect another."""
    community = curator.community
    which = request.POST.get("network") if request.method == "POST" else None
    bluesky = BlueskyForm(request.POST if which == Network.BLUESKY else None)
    mastodon = MastodonForm(request.POST if which == Network.MASTODON else None)
    trouble_with_x = ""
    try:
        if which == Network.BLUESKY and bluesky.is_valid():
            channel = connect(community=community, by=curator, network=Network.BLUESKY, **bluesky.cleaned_data)
            return _connected(request, curator, channel)
        if which == Network.MASTODON and mastodon.is_valid():
            return _ask(request, curator, Network.MASTODON, mastodon.who, mastodon_account.SCOPES)
        if which == Network.X:
            return _ask(request, curator, Network.X, "", x_oauth.CHANNEL)
    except Refused as refusal:
        bluesky.refuse(refusal)
    except (Rejected, Unavailable) as trouble:  # nobody was sent anywhere
        if which == Network.MASTODON:
            mastodon.add_error("mastodon", trouble.said(_))
        else:
            trouble_with_x = trouble.said(_)
    refused = bool(bluesky.errors or mastodon.errors or trouble_with_x)
    newest = (
        community.editions.filter(state__in=(Edition.State.READY, Edition.State.PUBLISHED))
        .order_by("-closes_at", "-pk")
        .first()
    )
    if newest:
        newest.community = community
    shown = [
        Shown(
            channel,
            newest,
            preview(newest, channel) if newest else [],
            channel.native_lists.filter(edition=None).first(),
        )
        for channel in community.channels.order_by("pk")
    ]
    context = {
        "community": community,
        "curator": curator,
        "bluesky": bluesky,
        "mastodon": mastodon,
        "x": bool(settings.FF_X_CLIENT_ID),
        "trouble_with_x": trouble_with_x,
        "shown": shown,
    }
    return render(request, "desk/channels.html", context, status=422 if refused else 200)


@require_GET
@curators_only
def connected(request: HttpRequest, curator: Membership, network: str) -> HttpResponse:
    """Back from the network: take what was granted, and connect the channel with it."""
    granted = asking.take(request, _purpose(curator))
    if granted is None or granted.network != network:
        messages.error(request, _("Nothing was granted, or it took too long. Please begin again."))
        return redirect("channels", slug=curator.community.slug)
    try:
        channel = connect(community=curator.community, by=curator, network=granted.network, **granted.secret)
    except Refused as refusal:
        asking.let_go(granted)
        messages.error(request, str(refusal))
        return redirect("channels", slug=curator.community.slug)
    return _connected(request, curator, channel)


def _purpose(curator: Membership) -> str:
    return f"channel:{curator.community.slug}"


def _ask(
    request: HttpRequest, curator: Membership, network: Network, who: Handle | str, scopes: tuple[str, ...]
) -> HttpResponse:
    back = reverse("channel_connected", args=[curator.community.slug, network.value])
    url = asking.begin(request, network=network, who=who, purpose=_purpose(curator), scopes=scopes, next=back)
    return onward(request, network, url)


def _connected(request: HttpRequest, curator: Membership, channel: Channel) -> HttpResponse:
    community = curator.community
    for each in Membership.objects.curators().filter(community=community).select_related("user"):
        alert(
            user=each.user,
            occasion="channel",
            about=str(channel.handle),
            community=community,
            by=curator.user,
            link=reverse("channels", args=[community.slug]),
        )
    if channel.state == Channel.State.REHEARSAL:
        messages.success(
            request, _("%(handle)s is connected. It rehearses until you let it go live.") % {"handle": channel.handle}
        )
    else:
        messages.success(
            request, _("%(handle)s is connected again, and goes on with what waits.") % {"handle": channel.handle}
        )
    return redirect("channels", slug=channel.community.slug)


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
            messages.success(
                request, _("%(handle)s is live: it posts every new edition by itself.") % {"handle": channel.handle}
            )
        else:
            pause(channel=channel, by=curator)
            messages.success(request, _("%(handle)s pauses.") % {"handle": channel.handle})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("channels", slug=curator.community.slug)
