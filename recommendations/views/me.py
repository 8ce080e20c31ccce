"""One's own page: name, time zone, proven handles, tokens, and what one nominated and voted."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import HandleForm, PageForm, PersonForm, TokenForm
from accounts.language import remember
from accounts.linking import NotProven, OnlyWayIn, claim, prove, release
from accounts.models import ApiToken, LinkedHandle, User
from accounts.options import options
from accounts.reauthentication import ask, reauthentication_required, recently
from accounts.ways_in import way_by, ways_in
from recommendations.actions.alert import alert
from recommendations.consent import Word
from recommendations.double_submit import once_key
from recommendations.models import Nomination, OnceKey, Thanks, Vote
from recommendations.models.board import may_be_named
from recommendations.models.said import said_of, spoken_for
from recommendations.views.access import MemberRequest

MOST = 50


@login_required
@require_http_methods(["GET", "POST"])
def me(request: MemberRequest) -> HttpResponse:
    """My page."""
    form = PersonForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Kept."))
        response = redirect("me")
        remember(response, form.cleaned_data["language"])
        return response
    return _page(request, form=form)


@login_required
@require_POST
def add_handle(request: MemberRequest) -> HttpResponse:
    """Claim a handle: the page then tells how to prove it."""
    form = HandleForm(request.POST)
    if form.is_valid():
        claim(request.user, form.parsed)
        return redirect("me")
    return _page(request, handle_form=form)


@login_required
@require_POST
def change_handle(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Look whether the proof is there (`prove`), or let go of the handle (`remove`): one that is gone is no fault."""
    linked = LinkedHandle.objects.filter(pk=pk, user=request.user).first()
    if linked is None:
        return redirect("me")
    if request.POST.get("deed") == "remove":
        was_way_in = way_by(linked) is not None
        if was_way_in and not recently(request):
            return ask(request)
        try:
            release(linked)
        except OnlyWayIn as reason:
            messages.error(request, str(reason))
        else:
            if was_way_in:
                alert(user=request.user, occasion="way_removed", about=str(linked))
            messages.success(request, _("%(handle)s is no longer linked to you.") % {"handle": linked})
        return redirect("me")
    try:
        prove(linked, options())
        messages.success(request, _("%(handle)s is yours: proven.") % {"handle": linked})
    except NotProven as reason:
        messages.error(request, str(reason))
    return redirect("me")


@login_required
@never_cache
@require_POST
@reauthentication_required
def tokens(request: MemberRequest) -> HttpResponse:
    """Make a personal API token. It is shown once."""
    form = TokenForm(request.POST)
    if form.is_valid():
        return _page(request, new_token=_new_token(request, form.cleaned_data))
    return _page(request, token_form=form)


def _new_token(request: MemberRequest, data: dict[str, Any]) -> str:
    """The text of a new token. Of two presses only the second one's answer is read: it gives the token another text."""
    user, once = request.user, once_key(request)
    text = ""

    def make() -> ApiToken:
        nonlocal text
        token, text = ApiToken.objects.issue(user, data["name"], scopes=data["scopes"], days=data["days"])
        return token

    with transaction.atomic():
        token, _new = OnceKey.objects.only_once(once, by=user.pk, make=make, of=ApiToken)
        alert(user=user, occasion="token_made", about=token.name, link=f"{reverse('me')}#tokens", once=once)
        return text or ApiToken.objects.renew(token)


@login_required
@require_POST
def remove_token(request: MemberRequest, pk: int) -> HttpResponse:
    """Withdraw a token. That there is none (any more) is no fault."""
    ApiToken.objects.filter(pk=pk, user=request.user).delete()
    messages.success(request, _("That token opens nothing any more."))
    return redirect("me")


def _page(
    request: MemberRequest,
    *,
    form: PersonForm | None = None,
    handle_form: HandleForm | None = None,
    token_form: TokenForm | None = None,
    new_token: str = "",
) -> HttpResponse:
    user = request.user
    nominations = Nomination.objects.filter(nominator=user).select_related("profile", "edition__community")
    votes = Vote.objects.filter(voter=user).select_related("nomination__profile", "nomination__edition__community")
    context = {
        "form": form or PersonForm(instance=user),
        "page_form": PageForm(instance=user),
        "handle_form": handle_form or HandleForm(),
        "token_form": token_form or TokenForm(),
        "new_token": new_token,
        "handles": (handles := LinkedHandle.objects.filter(user=user).order_by("pk")),
        "doors": {linked.pk for linked in handles if way_by(linked)},
        "only_way_in": ways_in(user) == 1,
        "tokens": ApiToken.objects.filter(user=user).order_by("-pk"),
        "unanswered": _unanswered(user),
        "thanks": Thanks.objects.filter(author=user).select_related("profile", "edition__community")[:MOST],
        "memberships": user.memberships.active().select_related("community").order_by("community__name"),
        "nominations": [each for each in nominations.order_by("-created_at")[:MOST] if may_be_named(each)],
        "votes": [each for each in votes.order_by("-created_at")[:MOST] if may_be_named(each.nomination)],
    }
    wrong = any(f is not None and f.errors for f in (form, handle_form, token_form))
    return render(request, "me/me.html", context, status=422 if wrong else 200)


def _unanswered(user: User) -> int:
    """How many people recommended a profile of theirs of which they have not said yet whether they want that."""
    sayings = said_of(spoken_for(user).filter(word=Word.NONE))
    return len({reason.author.pk for saying in sayings for reason in saying.reasons if reason.author})
