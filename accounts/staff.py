"""The staff's door: only staff who have shown a second factor in this session pass, here and on Django's admin."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.models import User
from accounts.second_factor import holds_second_factor, used_second_factor


def is_staff_here(request: HttpRequest) -> bool:
    """Return whether the request comes from staff who have shown a second factor in this session."""
    user = request.user
    return isinstance(user, User) and user.is_active and user.is_staff and used_second_factor(request, user)


def staff_door(request: HttpRequest, back: str) -> HttpResponseBase:
    """Return what stands in the way of opening a staff page: sign-in, a refusal, or the second factor."""
    user = request.user
    if not isinstance(user, User):
        return redirect(f"{reverse('account_login')}?{urlencode({'next': back})}")
    if not user.is_staff or not user.is_active:
        raise PermissionDenied(_("This belongs to the people who run this server."))
    context = {"holds_one": holds_second_factor(user), "back": urlencode({"next": back})}
    return render(request, "account/second_factor.html", context, status=403)


class StaffSite(AdminSite):
    """Django's admin without its own sign-in and without its pages about passwords."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Ask for more than Django does: the second factor."""
        return is_staff_here(request)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the site's sign-in; no password is taken here."""
        back = request.GET.get("next", "")
        if not (back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
            back = resolve_url("admin:index")
        if is_staff_here(request):
            return redirect(back)
        return staff_door(request, back)  # type: ignore[return-value]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Leave out the pages that change a password."""
        return [each for each in super().get_urls() if "password" not in str(each.pattern)]
