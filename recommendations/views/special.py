"""Put another edition out first: people a curator chooses, or the whole crew."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from recommendations.actions import Refused
from recommendations.actions.special import crew, look_all_up, make_special
from recommendations.double_submit import once_key
from recommendations.forms import SpecialForm
from recommendations.models import Membership
from recommendations.views.access import curators_only


@require_http_methods(["GET", "POST"])
@curators_only
def special(request: HttpRequest, curator: Membership) -> HttpResponse:
    """Put another edition together, to go out first."""
    form = SpecialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            people = look_all_up(listed=form.listed)
            if form.cleaned_data["whole_crew"]:
                named = {profile.pk for profile, _reason in people}
                people += [(profile, "") for profile in crew(curator.community) if profile.pk not in named]
            edition = make_special(
                by=curator,
                people=people,
                title=form.cleaned_data["title"],
                essay=form.cleaned_data["essay"],
                once=once_key(request),
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("desk_week", slug=curator.community.slug, week=edition.week)
    context = {"community": curator.community, "curator": curator, "form": form}
    return render(request, "desk/special.html", context, status=422 if form.errors else 200)
