"""Sign in with Mastodon or Bluesky, prove a handle by signing in there, and where all networks' answers arrive."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import EmailView, LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts.asked import REAUTHENTICATE, came_back
from accounts.asking import Finished, NotGranted, begin, finish, hold, let_go
from accounts.entering import SIGN_IN, enter
from accounts.forms import BlueskyDoorForm, DoorForm, MastodonDoorForm
from accounts.language import is_ours, remember
from accounts.linking import NotProven, link
from accounts.models import LinkedHandle, User
from accounts.notices import proven_addresses, tell
from accounts.onward import SCOPES, onward
from accounts.reauthentication import reauthentication_required
from recommendations.handles import Network
from recommendations.networks import bluesky_app
from recommendations.networks.base import Rejected, Unavailable

LINK = "link"  # the purpose
LONGEST_ADDRESS = 2000
FORMS: dict[Network, type[DoorForm]] = {Network.MASTODON: MastodonDoorForm, Network.BLUESKY: BlueskyDoorForm}


class Entrance(LoginView):
    """allauth's page with all ways in, and the forms of the two that lead through a network."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The forms, unless one of them is given."""
        doors = {f"{network.value}_form": form() for network, form in FORMS.items()}
        return super().get_context_data(**{**doors, **context})


@login_required
@reauthentication_required
def email(request: HttpRequest) -> HttpResponseBase:
    """Serve allauth's page of addresses, remembering which were proven before one is changed."""
    assert isinstance(request.user, User)
    request.addresses_before = proven_addresses(request.user)  # type: ignore[attr-defined]
    return EmailView.as_view()(request)


@require_POST
@never_cache
def sign_in(request: HttpRequest, network: str) -> HttpResponseBase:
    """Begin to sign in with a network. What does not work out is said in the form."""
    there = _door(network)
    next = get_next_redirect_url(request) or resolve_url(settings.LOGIN_REDIRECT_URL)
    if request.user.is_authenticated:
        return redirect(next)
    form = FORMS[there](request.POST)
    if form.is_valid():
        try:
            url = begin(request, network=there, who=form.who, purpose=SIGN_IN, scopes=SCOPES[there], next=next)
        except (Rejected, Unavailable) as error:
            form.add_error(network, error.said(_))
        else:
            return onward(request, there, url)
    page = Entrance()
    page.setup(request)
    context = page.get_context_data(form=None, **{f"{network}_form": form})
    return render(request, page.template_name, context, status=422)


@login_required
@require_POST
@reauthentication_required
def prove_by_signing_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Prove a claimed handle: by signing in there. From then on it is a way in here, too.

    So they show who they are first (OWASP ASVS 7.5.1): a session left open must not become a key.
    """
    assert isinstance(request.user, User)
    linked = get_object_or_404(LinkedHandle, pk=pk, user=request.user)
    there = _door(linked.network)
    try:
        url = begin(request, network=there, who=linked.handle, purpose=LINK, scopes=SCOPES[there], next=reverse("me"))
    except (Rejected, Unavailable) as error:
        messages.error(request, error.said(_))
        return redirect("me")
    return onward(request, there, url)


@require_GET
@never_cache
def answer(request: HttpRequest, network: str, home: str = "") -> HttpResponseBase:
    """Where networks send people back to. Whatever is not ours is held for the view that asked."""
    here, base = urlsplit(f"//{request.get_host()}").hostname, urlsplit(settings.FF_BASE_URL).hostname
    if settings.FF_LOOPBACK and here != base:  # sent to 127.0.0.1, as Bluesky wants it; the session lives elsewhere
        return redirect(f"{settings.FF_BASE_URL}{request.get_full_path()}")
    if network not in {each.value for each in Network}:
        raise Http404
    try:
        finished = finish(request, network=Network(network), home=home, answer=request.GET.dict())
    except NotGranted as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(refusal.purpose, refusal.next))
    if finished.purpose == SIGN_IN:
        return _signed_in(request, finished)
    if finished.purpose == LINK:
        return _linked(request, finished)
    if finished.purpose == REAUTHENTICATE:
        let_go(finished.granted)
        return came_back(request, finished)
    hold(request, finished)
    return redirect(finished.next)


@require_GET
@cache_control(public=True, max_age=300)
def bluesky_client(request: HttpRequest) -> HttpResponse:
    """Who we are to Bluesky's servers; our client_id is this document's address."""
    return JsonResponse(bluesky_app.client_metadata(settings.FF_BASE_URL))


@csrf_exempt
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the site's language, and go on reading where one was.

    Without a token, so that pages with this form can be kept for everybody. Another site could at most change the words
    of somebody who is not signed in: the session's cookie is not sent along from there (SameSite=Lax).
    """
    code, back = request.POST.get("language", ""), request.POST.get("next", "")
    if not is_ours(code):
        raise BadRequest
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(language=code)
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if ours and len(back) <= LONGEST_ADDRESS else "home")
    remember(response, code)
    return response


def _door(network: str) -> Network:
    if network not in {each.value for each in FORMS}:
        raise Http404
    return Network(network)


def _signed_in(request: HttpRequest, finished: Finished) -> HttpResponseBase:
    let_go(finished.granted)
    try:
        return enter(request, finished.granted, finished.next)
    except NotProven as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(SIGN_IN, finished.next))


def _linked(request: HttpRequest, finished: Finished) -> HttpResponse:
    let_go(finished.granted)
    try:
        assert isinstance(request.user, User)
        linked = link(request.user, finished.granted)
        tell(request.user, "way_added", about=str(linked))
    except NotProven as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(handle)s is yours: proven. You can sign in by it, too.") % {"handle": linked})
    return redirect(finished.next)


def _back(purpose: str, next: str) -> str:
    """Where somebody goes on for whom nothing came of it."""
    if purpose in ("", SIGN_IN):
        return reverse("account_login") + (f"?{urlencode({'next': next})}" if next else "")
    return next
