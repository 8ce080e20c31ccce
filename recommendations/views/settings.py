"""A community's settings and its gathering; handing it over, ending it, bringing it back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.reauthentication import reauthentication_required
from recommendations.actions import Refused
from recommendations.actions.alert import alert
from recommendations.actions.archive import archive, revive
from recommendations.actions.change_settings import change_settings
from recommendations.actions.hand_over import hand_over
from recommendations.community_forms import CommunitySettingsForm, EndForm, GatheringForm, HandOverForm
from recommendations.models import Gathering, Membership
from recommendations.models.page_version import pages_changed
from recommendations.views.access import curators_only, number


@require_http_methods(["GET", "POST"])
@curators_only
def settings(request: HttpRequest, curator: Membership) -> HttpResponse:
    """The community's settings and its gathering. What has ended is not changed any more."""
    community = curator.community
    gathering = getattr(community, "gathering", None)
    which = request.POST.get("form", "") if request.method == "POST" else None
    form = CommunitySettingsForm(request.POST if which == "community" else None, instance=community)
    meeting = GatheringForm(request.POST if which == "gathering" else None, instance=gathering)
    context: dict[str, Any] = {"community": community, "curator": curator, "form": form, "meeting": meeting}
    if which is not None and community.archived_at:
        return render(request, "desk/settings.html", context, status=409)
    if which == "community" and form.is_valid():
        change_settings(form=form, by=curator)
    elif which == "gathering" and meeting.is_valid():
        Gathering.objects.update_or_create(community=community, defaults=meeting.cleaned_data)
    elif which is not None:
        return render(request, "desk/settings.html", context, status=422)
    if which is not None:
        pages_changed(community.slug)
        messages.success(request, _("Kept. A new week's times hold from the next edition on."))
        return redirect("settings", slug=community.slug)
    return render(request, "desk/settings.html", context)


@require_http_methods(["GET", "POST"])
@curators_only
@reauthentication_required
def give_away(request: HttpRequest, curator: Membership) -> HttpResponse:
    """Hand the community over to another member; asked once more before it is done."""
    others = curator.community.memberships.active().exclude(pk=curator.pk).select_related("user")
    typed, asked = request.POST if request.method == "POST" else None, number(request.GET.get("to", ""))
    form = HandOverForm(typed, initial={"to": asked}, others=others)
    if request.method == "POST" and form.is_valid():
        try:
            hand_over(to=form.cleaned_data["to"], by=curator)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            alert(
                user=curator.user,
                occasion="handed_over",
                about=str(form.cleaned_data["to"].user),
                community=curator.community,
            )
            messages.success(request, _("%(name)s owns it now.") % {"name": form.cleaned_data["to"].user})
            return redirect("members", slug=curator.community.slug)
    context = {"community": curator.community, "curator": curator, "form": form}
    return render(request, "desk/hand_over.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@curators_only
def end(request: HttpRequest, curator: Membership) -> HttpResponse:
    """End the community; asked once more before it is done."""
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            archive(by=curator, with_members=True)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(community)s has ended. Its pages stay.") % {"community": curator.community})
            return redirect("settings", slug=curator.community.slug)
    members = curator.community.memberships.active().exclude(pk=curator.pk).count()
    context = {"community": curator.community, "curator": curator, "form": form, "others": members}
    return render(request, "desk/end.html", context, status=422 if form.errors else 200)


@require_POST
@curators_only
def bring_back(request: HttpRequest, curator: Membership) -> HttpResponse:
    """It goes on where it ended."""
    try:
        revive(by=curator)
        messages.success(request, _("%(community)s goes on: its next week is open.") % {"community": curator.community})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("settings", slug=curator.community.slug)
