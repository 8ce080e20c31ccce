"""A person's page: what was said of them, in the communities that may show it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from recommendations import handles
from recommendations.charts import bars, width_of
from recommendations.consent import Viewer
from recommendations.handles import Network
from recommendations.models import Profile
from recommendations.models.portrait import weeks_of
from recommendations.models.reading import published_about
from recommendations.page_cache import cache_page_for


@require_GET
@cache_page_for(600)
def person(request: HttpRequest, network: str, address: str) -> HttpResponse:
    """Everything published about a profile. An old address redirects; nobody is shown against their will."""
    try:
        handle = handles.parse(address, Network(network))
    except ValueError as error:
        raise Http404 from error
    profile = Profile.objects.at(handle).first()
    if profile is None:
        profile = Profile.objects.formerly_at(handle).first()
        if profile is None:
            raise Http404
    viewer = Viewer.MEMBER if request.user.is_authenticated else Viewer.PUBLIC
    entries = published_about(profile, viewer=viewer)
    if not entries and profile.moved_to:
        profile = profile.moved_to
        entries = published_about(profile, viewer=viewer)
    if not entries:
        raise Http404
    if profile.get_absolute_url() != request.path:
        return redirect(profile, permanent=True)
    weeks = weeks_of(entries, now=timezone.now())
    context = {
        "profile": profile,
        "entries": entries,
        "bars": bars(weeks),
        "chart_width": width_of(weeks),
        "weeks": len(weeks),
        "recommended": sum(1 for number in weeks if number),
    }
    return render(request, "people/person.html", context)
