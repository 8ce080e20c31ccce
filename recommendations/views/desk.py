"""The curator's desk: what is going on in a community."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from recommendations.models import Channel, Edition, Membership, Moderation, Post
from recommendations.models.beginning import beginning
from recommendations.views.access import curators_only

RECENT = 8


@require_GET
@curators_only
def desk(request: HttpRequest, curator: Membership) -> HttpResponse:
    """The open board, drafts waiting, what went out lately, who wants to join, and the first steps that are left."""
    community = curator.community
    channels = list(community.channels.all())
    troubled = Post.objects.filter(state__in=Post.TROUBLE, delivery__channel__in=channels).exclude(
        state=Post.State.FAILED, operation=Post.Operation.EDIT, delivery__channel__limits__edits=False
    )
    editions = community.editions.exclude(state=Edition.State.SKIPPED).order_by("-closes_at", "-pk")[:RECENT]
    return render(
        request,
        "desk/desk.html",
        {
            "community": community,
            "curator": curator,
            "beginning": None if community.begun_at else beginning(community),
            "editions": editions,
            "waiting": community.memberships.filter(state=Membership.State.PENDING).count(),
            "channels": channels,
            "revoked": [channel for channel in channels if channel.state == Channel.State.REVOKED],
            "troubled": troubled.select_related("delivery__channel", "delivery__edition__community")[:RECENT],
            "log": Moderation.objects.filter(community=community).select_related("by")[:10],
        },
    )
