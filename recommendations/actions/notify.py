"""Let people know what happened. Writes rows within the caller's transaction; mail is sent by others, later."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from recommendations.markup import clean_line
from recommendations.models import Community, Membership, Notification, Wish
from recommendations.models.notification import ABOUT_MAX, BUNDLE, BY_MAX, LINK_MAX

BATCH = 1000


def notify(
    *,
    user: User | int,
    kind: str,
    key: str,
    community: Community | None = None,
    about: str = "",
    by: User | str = "",
    link: str = "",
    at: datetime | None = None,
) -> None:
    """Let one person know, unless they do not want to hear of such things. Doing it twice does no harm.

    `kind`: of Notification.Kind. `key`: "occasion:id", see Notification. `about`: what it is about, a few plain words.
    `by`: who did it; a User's name goes with them when they leave. `link`: a path on our own site. In two queries.
    """
    pk = user if isinstance(user, int) else user.pk
    notify_all(users=[pk], kind=kind, key=key, community=community, about=about, by=by, link=link, at=at)


def notify_all(
    *,
    users: Iterable[int],
    kind: str,
    key: str,
    community: Community | None = None,
    about: str = "",
    by: User | str = "",
    link: str = "",
    at: datetime | None = None,
) -> None:
    """Let these people (ids of users) know, as `notify` does; two queries for any thousand of them, none for none."""
    at = at or timezone.now()
    assert link == "" or (link.startswith("/") and len(link) <= LINK_MAX), link
    people = list(users)
    for start in range(0, len(people), BATCH):
        some = people[start : start + BATCH]
        Notification.objects.bulk_create(
            [
                Notification(
                    user_id=user,
                    kind=kind,
                    key=key,
                    community=community,
                    about=clean_line(about, ABOUT_MAX),
                    by="" if isinstance(by, User) else clean_line(by, BY_MAX),
                    by_user=by if isinstance(by, User) else None,
                    link=link,
                    at=at,
                    in_app=wanted.in_app,
                    mail_due_at=at + BUNDLE if wanted.by_mail else None,
                )
                for user, wanted in Wish.objects.about(kind, some).items()
                if wanted.in_app or wanted.by_mail
            ],
            ignore_conflicts=True,
        )


def curators_of(community: Community, *, but: User | None = None) -> list[int]:
    """The ids of those who work at a community's desk, without somebody who knows already."""
    curators = Membership.objects.curators().filter(community=community)
    return [pk for pk in curators.values_list("user_id", flat=True) if but is None or pk != but.pk]
