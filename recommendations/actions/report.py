"""Report what should not stand, to whoever can do something about it; and take that back."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LinkedHandle, User
from recommendations.actions import Refused
from recommendations.actions.limit import refuse_too_often
from recommendations.actions.notify import curators_of, notify_all
from recommendations.limits import Deed
from recommendations.markup import clean_text
from recommendations.models import Notification, Report
from recommendations.models.report import WORDS_MAX, Kind, curates
from recommendations.models.reported import Thing
from recommendations.models.state import IllegalMove, Overtaken


def report(*, by: User, thing: Thing, type: str, words: str = "", at: datetime | None = None) -> Report:
    """Ask for somebody to look at it: the community's curators, or staff where it is about them. Raises Refused.

    `type`: of Report.Type. Whoever said it is not told.
    """
    at = at or timezone.now()
    words = clean_words(words)
    if type not in Report.Type.values:
        raise Refused(_("Choose what is wrong with it."), field="type")
    if type == Report.Type.OTHER and not words:
        raise Refused(_("Say in a few words what is wrong with it."), field="words")
    if thing.author == by:
        raise Refused(_("You said that yourself. You can change it, or take it back, where it stands."))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # so that limits hold
        refuse_too_often(by=by, deed=Deed.REPORT, community=thing.community, at=at)
        try:
            with transaction.atomic():
                made = Report.objects.create(
                    community=thing.community,
                    reporter=by,
                    kind=thing.kind.value,
                    target=thing.row.pk,
                    against=thing.author,
                    type=type,
                    words=words,
                    at=at,
                )
        except IntegrityError as error:
            before = Report.objects.open().on(thing.kind, thing.row.pk).get(reporter=by)
            if (before.type, before.words) == (type, words):  # pressed twice
                return before
            raise Refused(_("You have reported this already. It will be looked at.")) from error
        _tell(made, thing, at)
    return made


def withdraw(*, report: Report, by: User, at: datetime | None = None) -> None:
    """Take a report back, while nobody has decided it. Raises Refused."""
    if report.reporter_id != by.pk:
        raise Refused(_("Only the one who reported it can take that back."))
    try:
        report.move(Report.State.WITHDRAWN, decided_at=at or timezone.now())
    except (IllegalMove, Overtaken) as error:
        raise Refused(_("It has been decided already.")) from error


def clean_words(text: str, *, field: str = "words") -> str:
    """What a person says of it, as it will be kept. Raises Refused."""
    words = clean_text(text, limit=4 * WORDS_MAX)
    if len(words) > WORDS_MAX:
        raise Refused(
            _("A little shorter, please: %(number)d characters where %(most)d fit.")
            % {"number": len(words), "most": WORDS_MAX},
            field=field,
        )
    return words


def goes_to_staff(thing: Thing) -> bool:
    """Is it about a community, or one of its curators? Then its own curators do not see it."""
    about_a_curator = thing.author is not None and curates(thing.author, thing.community)
    return thing.kind == Kind.COMMUNITY or about_a_curator


def staff() -> list[int]:
    """The ids of the server's own people."""
    return list(User.objects.filter(is_staff=True, is_active=True).values_list("pk", flat=True))


def _tell(made: Report, thing: Thing, at: datetime) -> None:
    """Those who look at it; neither who reported it, nor whoever it is about."""
    community = thing.community
    if goes_to_staff(thing):
        users, link = staff(), reverse("moderation")
    else:
        users, link = curators_of(community), reverse("reports", args=[community.slug])
    about = set()
    if thing.profile is not None and thing.profile.uri:
        proven = LinkedHandle.objects.filter(uri=thing.profile.uri, proven_at__isnull=False)
        about = set(proven.values_list("user", flat=True))
    notify_all(
        users=[pk for pk in users if pk not in {made.reporter_id, made.against_id, *about}],
        kind=Notification.Kind.CURATOR,
        key=f"report:{made.pk}",
        community=community,
        link=link,
        at=at,
    )
