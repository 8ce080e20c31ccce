"""Tell owners of API tokens when these expire: once for tokens older than expiry itself, and a week before the end."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken
from accounts.models.api_token import LASTS, WARNED
from recommendations.actions.alert import alert


def tell_of_expiry(token: ApiToken, *, at: datetime | None = None) -> None:
    """Tell its owner when the token expires, if they have not been told; a token without an end gets a year first."""
    at = at or timezone.now()
    with transaction.atomic():
        due = ApiToken.objects.to_tell(at).select_for_update(of=("self",)).select_related("user").filter(pk=token.pk)
        found = due.first()
        if found is None:  # another worker was faster
            return
        if found.expires_at is None:
            found.expires_at = at + timedelta(days=LASTS[-1])
        ends = found.expires_at <= at + WARNED
        ApiToken.objects.filter(pk=found.pk).update(expires_at=found.expires_at, told_at=at)
        alert(
            user=found.user,
            occasion="token_ends" if ends else "token_dated",
            about=f"{found.name}, {found.expires_at:%Y-%m-%d}",
            link=f"{reverse('me')}#tokens",
            at=at,
        )
