"""Say what one wants to hear of, in the app and by mail; stop a mail by the link that stands in it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.core import signing
from django.db import transaction

from accounts.models import User
from recommendations.models import Membership, Notification, RefusedAddress, Wish
from recommendations.models.wish import Wanted, allowed

_SALT = "recommendations.mail.stop"


@dataclass(frozen=True)
class Mails:
    """Some of the mail that somebody gets: the editions of one community, or what happened of these kinds.

    `user` and `community` are ids. What a link names may have gone since.
    """

    user: int
    community: int | None = None
    kinds: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        """What a link carries to stop them: signed, so that nobody stops another's. It holds for good."""
        named = {"user": self.user, "community": self.community, "kinds": self.kinds}
        return signing.Signer(salt=_SALT).sign_object(named)

    @classmethod
    def from_token(cls, token: str) -> "Mails | None":
        """What a link is about; None if it is none of ours."""
        try:
            named = signing.Signer(salt=_SALT).unsign_object(token)
        except (signing.BadSignature, ValueError):
            return None
        return cls(named["user"], named["community"], tuple(named["kinds"]))


def wish(*, user: User, wishes: Mapping[str, Wanted], digests: Collection[int]) -> None:
    """Keep what somebody wants to hear, by kind, and from which of their communities (ids) they want each edition."""
    with transaction.atomic():
        for kind, wanted in wishes.items():
            granted = allowed(kind, *wanted)
            Wish.objects.update_or_create(user=user, kind=kind, defaults=granted._asdict())
        mine = Membership.objects.active().filter(user=user)
        mine.filter(community__in=digests).update(digest=True)
        mine.exclude(community__in=digests).update(digest=False)
        _forget_unwanted(user.pk, [kind for kind, wanted in wishes.items() if not wanted.by_mail])


def stop(mails: Mails) -> None:
    """Send these no more, from now on. That they were stopped already is no fault."""
    with transaction.atomic():
        if not User.objects.select_for_update().filter(pk=mails.user).exists():
            return
        Membership.objects.filter(user=mails.user, community=mails.community).update(digest=False)
        now = Wish.objects.of(mails.user)
        for kind in mails.kinds:
            if kind in now:
                without = {"in_app": now[kind].in_app, "by_mail": False}
                Wish.objects.update_or_create(user_id=mails.user, kind=kind, defaults=without)
        _forget_unwanted(mails.user, mails.kinds)


def try_address_again(*, user: User) -> None:
    """They say that their address works after all."""
    RefusedAddress.objects.filter(address__user=user).delete()


def _forget_unwanted(user: int, kinds: Iterable[str]) -> None:
    """What waits for its mail waits no more."""
    Notification.objects.to_mail().filter(user=user, kind__in=kinds).update(mail_due_at=None)
