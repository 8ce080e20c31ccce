"""What happened to me; where I want to hear of what; and the link in a mail that stops it."""

from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from recommendations.actions import wish as wishing
from recommendations.actions.wish import Mails
from recommendations.models import Community, Notification, Wish
from recommendations.models.wish import ALWAYS_IN_APP, MAILED_AT_ONCE, NEVER_MAILED, Wanted
from recommendations.views.access import MemberRequest, number

PER_PAGE = 30


@login_required
@require_GET
def notifications(request: MemberRequest) -> HttpResponse:
    """What happened, newest first."""
    shown = Notification.objects.shown().filter(user=request.user).select_related("community", "by_user")
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "me/notifications.html", {"page": page, "unread": any(not each.read_at for each in page)})


@login_required
@require_POST
def read(request: MemberRequest) -> HttpResponse:
    """Mark one as read (`notification`), or all."""
    mine = Notification.objects.filter(user=request.user)
    which = request.POST.get("notification")
    (mine if which is None else mine.filter(pk=number(which))).read(timezone.now())
    page = number(request.POST.get("page", ""))
    response = redirect("notifications")
    if page > 1:
        response["Location"] += f"?page={page}"
    return response


class Switch(NamedTuple):
    """One kind of thing on the settings' page. `fixed`: in the app in any case; `mailed`: can be had by mail.

    `at_once`: by mail in any case.
    """

    kind: str
    label: str
    wanted: Wanted
    fixed: bool
    mailed: bool
    at_once: bool


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: MemberRequest) -> HttpResponse:
    """Of what I want to hear, here and by mail; and whose editions come by mail."""
    user = request.user
    if request.method == "POST" and request.POST.get("deed") == "try_again":
        wishing.try_address_again(user=user)
        messages.success(request, _("We try that address again."))
        return redirect("notification_settings")
    if request.method == "POST":
        here, mailed = set(request.POST.getlist("here")), set(request.POST.getlist("mail"))
        wishing.wish(
            user=user,
            wishes={kind: Wanted(kind in here, kind in mailed) for kind in Notification.Kind.values},
            digests={number(community) for community in request.POST.getlist("digest")},
        )
        messages.success(request, _("Kept."))
        return redirect("notification_settings")
    wishes = Wish.objects.of(user.pk)
    addresses = EmailAddress.objects.filter(user=user, verified=True, primary=True).select_related("refused")
    return render(
        request,
        "me/notification_settings.html",
        {
            "switches": [
                Switch(
                    kind,
                    str(kind.label),
                    wishes[kind],
                    kind in ALWAYS_IN_APP,
                    kind not in NEVER_MAILED | MAILED_AT_ONCE,
                    kind in MAILED_AT_ONCE,
                )
                for kind in Notification.Kind
            ],
            "memberships": user.memberships.active().select_related("community").order_by("community__name"),
            "address": addresses.first(),
        },
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Where a mail's own link leads: GET asks and changes nothing, POST stops it at once.

    Mail programs do the second by themselves when their button is pressed (RFC 8058): without cookies, and so without
    a sign-in or a form's token. The signed address is what proves that they may; to be led elsewhere is not for them.
    """
    mails = Mails.from_token(token)
    if mails is None:
        return render(request, "me/stop_mail.html", {"unreadable": True}, status=404)
    if request.method == "POST":
        wishing.stop(mails)
    return render(
        request,
        "me/stop_mail.html",
        {
            "community": Community.objects.filter(pk=mails.community).first() if mails.community else None,
            "kinds": [Notification.Kind(kind).label for kind in mails.kinds if kind in Notification.Kind.values],
            "stopped": request.method == "POST",
        },
    )
