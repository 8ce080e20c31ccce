"""Everything we hold about somebody, as one archive: JSON to be read by programs, and a README for people.

What belongs to others is not in it: who reported or blocked them, and what others were told. `COVERS` and `WITHHELD`
say of every relation of a row to a person which it is; a test holds them against the models, so that none is forgotten.
"""

import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import IO, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiToken, LinkedHandle, User
from recommendations.models import (
    Appeal,
    Block,
    Comment,
    DomainOptOut,
    Edition,
    Entry,
    Erasure,
    Follow,
    Following,
    FormerHandle,
    Invitation,
    Letter,
    Membership,
    Moderation,
    Nomination,
    Notification,
    Quote,
    Report,
    Thanks,
    Vote,
    Wish,
)
from recommendations.models.said import said_of, spoken_for

Data = list[dict[str, Any]]
MOST = 10_000  # editions somebody may have been spoken of in: two centuries of one community


def export(*, user: User, into: IO[bytes], at: datetime | None = None) -> None:
    """Write the archive. It holds no secret that opens anything: of tokens and passkeys but their names and dates."""
    at = at or timezone.now()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _readme(user, at))
        for name, (_about, rows) in SECTIONS.items():
            archive.writestr(f"{name}.json", json.dumps(rows(user), ensure_ascii=False, indent=1, default=_plain))
        for profile in spoken_for(user).exclude(avatar=""):
            if profile.avatar.storage.exists(str(profile.avatar.name)):
                with profile.avatar.open("rb") as picture:
                    archive.writestr(f"pictures/{profile.pk}.webp", picture.read())


def _readme(user: User, at: datetime) -> str:
    said = _("This is everything Follow Friday holds about %(name)s, as of %(at)s.")
    pictures = _("pictures/: our copies of the pictures of your accounts, by the numbers in profiles.json.")
    times = _("Times are in UTC unless they say otherwise. Nobody else's private matters are in it.")
    lines = [f"{name}.json: {about()}" for name, (about, _rows) in SECTIONS.items()]
    return "\n".join([said % {"name": user, "at": at.isoformat()}, times, "", *lines, pictures, ""])


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _rows(rows: QuerySet[Any], *names: str, **renamed: str) -> Data:
    """These fields of the rows, the oldest first; `renamed`: how the archive calls it, and where it is found."""
    found = rows.order_by("pk").values(*names, **{f"_{name}": F(path) for name, path in renamed.items()})
    return [{name.lstrip("_"): value for name, value in row.items()} for row in found]


_WHERE = {"community": "edition__community__name", "week": "edition__week"}
_WHOM = {"network": "profile__network", "name": "profile__name", "host": "profile__host"}


def _account(user: User) -> Data:
    names = (
        "username", "display_name", "email", "time_zone", "page", "shows_handles", "date_joined", "last_login",
        "is_staff", "is_superuser",
    )  # fmt: skip
    return _rows(User.objects.filter(pk=user.pk), *names)


def _addresses(user: User) -> Data:
    return _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary", refused="refused__why")


def _ways_in(user: User) -> Data:
    networks = _rows(
        SocialAccount.objects.filter(user=user), "provider", "uid", "extra_data", "date_joined", "last_login"
    )
    factors = _rows(Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at")
    return [*networks, *factors]


def _handles(user: User) -> Data:
    return _rows(
        LinkedHandle.objects.filter(user=user), "network", "name", "host", "uri", "token", "created_at", "proven_at"
    )


def _tokens(user: User) -> Data:
    return _rows(ApiToken.objects.filter(user=user), "name", "scopes", "created_at", "expires_at", "last_used_at")


def _sessions(user: User) -> Data:
    return _rows(UserSession.objects.filter(user=user), "ip", "user_agent", "created_at", "last_seen_at")


def _memberships(user: User) -> Data:
    names = ("role", "state", "joined_at", "agreed_at", "digest", "suspended_until")
    came = {"community": "community__name", "came_from": "cohort__domain", "came_in_the_week_of": "cohort__week"}
    return _rows(Membership.objects.filter(user=user), *names, **came)


def _nominations(user: User) -> Data:
    names = ("reason", "created_at", "edited_at", "vetoed_at", "hidden_at")
    return _rows(Nomination.objects.filter(Q(nominator=user) | Q(begun_by=user)), *names, **_WHERE, **_WHOM)


def _votes(user: User) -> Data:
    there = {name: f"nomination__{path}" for name, path in (_WHERE | _WHOM).items()}
    names = ("reason", "created_at", "vetoed_at", "hidden_at")
    return _rows(Vote.objects.filter(voter=user), *names, **there)


def _quotes(user: User) -> Data:
    there = {name: f"entry__{path}" for name, path in (_WHERE | _WHOM).items()}
    return _rows(Quote.objects.filter(author=user), "text", "vetoed_at", "hidden_at", **there)


def _comments(user: User) -> Data:
    names = ("text", "created_at", "edited_at", "deleted_at", "hidden_at")
    return _rows(Comment.objects.filter(author=user), *names, **_WHERE)


def _thanks(user: User) -> Data:
    got = _rows(Thanks.objects.filter(author=user), "created_at", **_WHERE, **_WHOM)
    given = _rows(
        Thanks.objects.filter(profile__in=spoken_for(user)), "created_at", **_WHERE, thanked="author__display_name"
    )
    return [*({"thanks": "got"} | each for each in got), *({"thanks": "given"} | each for each in given)]


def _blocks(user: User) -> Data:
    mine = Block.objects.filter(profile__in=spoken_for(user))
    return _rows(mine, "created_at", **_WHOM, blocked="blocked__display_name")


def _followings(user: User) -> Data:
    jobs = _rows(
        Following.objects.filter(user=user), "network", "as_list", "state", "uri", "name", "host", "list_url",
        "trouble", "created_at", "started_at", "ended_at", number="pk", community="community__name",
    )  # fmt: skip
    people = _rows(
        Follow.objects.filter(following__user=user), "outcome", "words", "moved_to", "settled_at", **_WHOM,
        job="following",
    )  # fmt: skip
    return [job | {"people": [each for each in people if each["job"] == job["number"]]} for job in jobs]


def _notifications(user: User) -> Data:
    rows = Notification.objects.filter(user=user).select_related("community", "by_user").order_by("pk")
    return [
        {"kind": row.kind, "sentence": row.sentence, "link": row.link, "at": row.at, "read_at": row.read_at}
        for row in rows
    ]


def _wishes(user: User) -> Data:
    return _rows(Wish.objects.filter(user=user), "kind", "in_app", "by_mail")


def _letters(user: User) -> Data:
    return _rows(Letter.objects.filter(user=user), "state", "created_at", "sent_at", "trouble", week="edition__week")


def _reports(user: User) -> Data:
    names = ("kind", "target", "type", "words", "state", "at", "decided_at")
    return _rows(Report.objects.filter(reporter=user), *names, community="community__name")


def _decisions(user: User) -> Data:
    names = ("kind", "role", "rule", "reason", "words", "thing", "until", "at")
    return _rows(Moderation.objects.filter(affected=user), *names, community="community__name")


def _appeals(user: User) -> Data:
    names = ("words", "state", "answer", "at", "decided_at")
    return _rows(Appeal.objects.filter(by=user), *names, decision_kind="decision__kind", decided="decision__at")


def _curating(user: User) -> Data:
    """What they did in an office: of whom it was about nothing is told."""
    decided = _rows(Moderation.objects.filter(by=user), "kind", "role", "rule", "at", community="community__name")
    answered = _rows(Appeal.objects.filter(decided_by=user), "state", "answer", "decided_at")
    editions = Edition.objects.filter(Q(approved_by=user) | Q(held_by=user))
    seen_to = _rows(editions, "week", "approved_at", "held_at", "held_why", community="community__name")
    names = ("created_at", "uses_left", "role")
    invited = _rows(Invitation.objects.filter(created_by=user), *names, community="community__name")
    asked = _rows(Invitation.objects.filter(invited=user), *names, asked_by="created_by__display_name",
                  community="community__name")  # fmt: skip
    domains = _rows(DomainOptOut.objects.filter(by=user), "domain", "reason", "at", "ended_at")
    admin = _rows(LogEntry.objects.filter(user=user), "action_time", "object_repr", "action_flag")
    return [*decided, *answered, *seen_to, *invited, *asked, *domains, *admin]


def _profiles(user: User) -> Data:
    mine = spoken_for(user)
    names = (
        "network", "uri", "name", "host", "display_name", "bio", "page_url", "avatar_url", "signal", "word",
        "may_mention", "members_only", "opted_out", "last_active_on", "missing_since", "looked_up_at", "created_at",
    )  # fmt: skip
    former = _rows(FormerHandle.objects.filter(profile__in=mine), "network", "name", "host", number="profile")
    listed = _rows(
        Entry.objects.filter(profile__in=mine), "rank", "dropped_at", "left_at", "hidden_at", **_WHERE,
        profile_number="profile",
    )  # fmt: skip
    return [
        profile
        | {
            "former_handles": [each for each in former if each["number"] == profile["number"]],
            "entries": [each for each in listed if each["profile_number"] == profile["number"]],
        }
        for profile in _rows(mine, *names, number="pk")
    ]


def _said(user: User) -> Data:
    """As their own page tells it: what members said whom they have blocked is not among it."""
    return [
        {
            "text": reason.text,
            "by": str(reason.author or ""),
            "community": saying.edition.community.name,
            "week": saying.edition.week,
            "handle": str(saying.profile.handle),
            "vetoed_at": reason.vetoed_at,
        }
        for saying in said_of(spoken_for(user), most=MOST)
        for reason in saying.reasons
    ]


def _erasures(user: User) -> Data:
    return _rows(Erasure.objects.filter(user=user), "asked_at", "forget_profiles", "state")


Section = tuple[Callable[[], str], Callable[[User], Data]]
SECTIONS: dict[str, Section] = {
    "account": (lambda: _("your name, address and time zone"), _account),
    "addresses": (lambda: _("your e-mail addresses"), _addresses),
    "ways_in": (lambda: _("by what you sign in: networks, passkeys, second factors"), _ways_in),
    "handles": (lambda: _("the handles you claimed or proved"), _handles),
    "tokens": (lambda: _("your tokens for the API, without what they are"), _tokens),
    "sessions": (lambda: _("where and when you signed in"), _sessions),
    "memberships": (lambda: _("the communities you belong to, or did"), _memberships),
    "nominations": (lambda: _("whom you nominated, and why"), _nominations),
    "votes": (lambda: _("whom you voted for; with a reason it is a second"), _votes),
    "quotes": (lambda: _("your reasons as editions quote them"), _quotes),
    "comments": (lambda: _("what you said about editions"), _comments),
    "thanks": (lambda: _("thanks you got and gave"), _thanks),
    "blocks": (lambda: _("whom you blocked"), _blocks),
    "followings": (lambda: _("whom you followed through us"), _followings),
    "notifications": (lambda: _("what we told you"), _notifications),
    "wishes": (lambda: _("what you want to hear of"), _wishes),
    "letters": (lambda: _("the mail we sent you"), _letters),
    "reports": (lambda: _("what you reported"), _reports),
    "decisions": (lambda: _("decisions about you"), _decisions),
    "appeals": (lambda: _("what you said against them"), _appeals),
    "curating": (lambda: _("what you did as a curator, or for the server"), _curating),
    "profiles": (lambda: _("the accounts you have proven, as we know them"), _profiles),
    "said_of_me": (lambda: _("what was said of them"), _said),
    "erasures": (lambda: _("whether you asked to be forgotten"), _erasures),
}

# Each relation of a row to somebody, or to a profile that may be theirs -> the file that tells it.
COVERS = {
    "accounts.ApiToken.user": "tokens",
    "accounts.LinkedHandle.user": "handles",
    "account.EmailAddress.user": "addresses",
    "admin.LogEntry.user": "curating",
    "mfa.Authenticator.user": "ways_in",
    "socialaccount.SocialAccount.user": "ways_in",
    "usersessions.UserSession.user": "sessions",
    "recommendations.Appeal.by": "appeals",
    "recommendations.Appeal.decided_by": "curating",
    "recommendations.Block.profile": "blocks",
    "recommendations.Comment.author": "comments",
    "recommendations.DomainOptOut.by": "curating",
    "recommendations.Edition.approved_by": "curating",
    "recommendations.Edition.held_by": "curating",
    "recommendations.Entry.profile": "profiles",
    "recommendations.Erasure.user": "erasures",
    "recommendations.Following.user": "followings",
    "recommendations.FormerHandle.profile": "profiles",
    "recommendations.Invitation.created_by": "curating",
    "recommendations.Invitation.invited": "curating",
    "recommendations.Letter.user": "letters",
    "recommendations.Membership.user": "memberships",
    "recommendations.Moderation.affected": "decisions",
    "recommendations.Moderation.by": "curating",
    "recommendations.Nomination.nominator": "nominations",
    "recommendations.Nomination.begun_by": "nominations",
    "recommendations.Nomination.profile": "said_of_me",
    "recommendations.Notification.user": "notifications",
    "recommendations.Profile.moved_to": "profiles",
    "recommendations.Quote.author": "quotes",
    "recommendations.Report.reporter": "reports",
    "recommendations.Thanks.author": "thanks",
    "recommendations.Thanks.profile": "thanks",
    "recommendations.Vote.voter": "votes",
    "recommendations.Wish.user": "wishes",
}
WITHHELD = {
    "recommendations.Block.blocked": "who blocked them is told to nobody",
    "recommendations.Findable.profile": "it is made of what the other files tell",
    "recommendations.Follow.profile": "whom others follow is theirs",
    "recommendations.Notification.by_user": "what others were told is theirs",
    "recommendations.OnceKey.user": "the key of a form they sent says nothing of them",
    "recommendations.TakenOff.profile": "hashes of words that are told with the reasons themselves",
    "recommendations.Report.against": "who reported them is told to nobody",
}
