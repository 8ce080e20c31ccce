"""Comment on an edition that is out, answer a comment, say it better, take it back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LinkedHandle, User
from recommendations.actions import Refused
from recommendations.actions.limit import refuse_links, refuse_too_often
from recommendations.actions.notify import curators_of, notify_all
from recommendations.actions.vote import refuse_suspended
from recommendations.limits import Deed
from recommendations.markup import clean_text
from recommendations.models import Block, Comment, Edition, Membership, Notification, OnceKey
from recommendations.models.comment import TEXT_MAX
from recommendations.models.page_version import pages_changed

MOST_EACH = 20  # of one member on one edition


def comment(
    *,
    by: User,
    edition: Edition,
    text: str,
    answer_to: Comment | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Comment:
    """Say something about an edition, or answer somebody; an answer to an answer joins its thread. Raises Refused.

    `once`: the key of the form; the same form sent again gives the comment it made the first time.
    """
    at = at or timezone.now()
    text = clean_comment(text)

    def make() -> Comment:
        refuse_too_often(by=by, deed=Deed.COMMENT, community=edition.community, at=at)
        refuse_links(by=by, text=text, community=edition.community, at=at, field="text")
        if Comment.objects.filter(edition=edition, author=by).count() >= MOST_EACH:
            raise Refused(
                _("You have said %(number)d things about this edition. Leave the floor to others, please.")
                % {"number": MOST_EACH}
            )
        if answer_to is not None and (answer_to.edition_id != edition.pk or not answer_to.is_standing):
            raise Refused(_("What you answer is no longer there."))
        made = Comment.objects.create(
            edition=edition,
            author=by,
            text=text,
            answer_to=(answer_to.answer_to or answer_to) if answer_to else None,
            created_at=at,
        )
        _tell(made, answer_to)
        pages_changed(edition.community.slug)
        return made

    with transaction.atomic():
        _may_speak(by, edition, at)
        try:
            return OnceKey.objects.only_once(once, by=by.pk, make=make, of=Comment, again=False)[0]
        except Comment.DoesNotExist as error:
            raise Refused(_("You sent this before, and took it back since.")) from error


def edit(*, by: User, comment: Comment, text: str, at: datetime | None = None) -> None:
    """Say it better, for a while. Raises Refused."""
    at = at or timezone.now()
    text = clean_comment(text)
    if comment.author_id != by.pk:
        raise Refused(_("Only the one who said it can change it."))
    if not comment.may_be_edited(at):
        raise Refused(_("It has stood for too long to be changed. You can take it back."))
    with transaction.atomic():
        _must_belong(by, comment.edition, at)
        refuse_links(by=by, text=text, community=comment.edition.community, at=at, field="text")
        changed = Comment.objects.standing().filter(pk=comment.pk).exclude(text=text)
        if changed.update(text=text, edited_at=at):
            pages_changed(comment.edition.community.slug)


def delete(*, by: User, comment: Comment, at: datetime | None = None) -> None:
    """Take it back: its words are gone for good. One may at any time, also after leaving. Raises Refused."""
    if comment.author_id != by.pk:
        raise Refused(_("Only the one who said it can take it back."))
    with transaction.atomic():
        mine = Comment.objects.filter(pk=comment.pk, author=by, deleted_at=None)
        if mine.update(text="", deleted_at=at or timezone.now()):
            pages_changed(comment.edition.community.slug)


def clean_comment(text: str) -> str:
    """A comment's text as it will be kept. Raises Refused."""
    text = clean_text(text, limit=4 * TEXT_MAX)
    if not text:
        raise Refused(_("There is nothing in it yet."), field="text")
    if len(text) > TEXT_MAX:
        raise Refused(
            _("A little shorter, please: %(number)d characters where %(most)d fit.")
            % {"number": len(text), "most": TEXT_MAX},
            field="text",
        )
    return text


def takes_comments(edition: Edition, at: datetime) -> bool:
    """Whether members may comment on an edition now."""
    days = edition.community.comments_days
    if edition.community.archived_at is not None:
        return False
    return edition.published_at is not None and at < edition.published_at + timedelta(days=days)


def _may_speak(by: User, edition: Edition, at: datetime) -> None:
    """The member's row stays locked until the end of the transaction, so that limits hold. Raises Refused."""
    if not takes_comments(edition, at):
        raise Refused(_("This edition takes no comments (any more). The next one will."))
    _must_belong(by, edition, at)


def _must_belong(by: User, edition: Edition, at: datetime) -> None:
    members = Membership.objects.select_for_update().filter(community=edition.community_id)
    membership = members.filter(user=by).first()
    if membership and membership.state == Membership.State.BANNED:
        raise Refused(_("You cannot write in this community any more."))
    if membership is None or not membership.is_active:
        raise Refused(_("Everybody may read; the community's members may also write. Join it first."))
    refuse_suspended(membership, at)


def _tell(made: Comment, answer_to: Comment | None) -> None:
    """Whoever is answered, and the curators; nobody twice, and not who wrote it."""
    edition, by = made.edition, made.author
    assert by is not None
    answered = _answered(made, answer_to) if answer_to else []
    curators = [pk for pk in curators_of(edition.community, but=by) if pk not in answered]
    for users, occasion in ((answered, "answer"), (curators, "comment")):
        notify_all(
            users=users,
            kind=Notification.Kind.COMMENT,
            key=f"{occasion}:{made.pk}",
            community=edition.community,
            about=edition.headline,
            by=by,
            link=made.get_absolute_url(),
            at=made.created_at,
        )


def _answered(made: Comment, answer_to: Comment) -> list[int]:
    """Who began the thread, and who said what is answered; not if they have blocked who answers."""
    first = made.answer_to or answer_to
    people = {pk for pk in (first.author_id, answer_to.author_id) if pk is not None and pk != made.author_id}
    blocking = Block.objects.filter(blocked=made.author_id).values("profile__uri")
    deaf = LinkedHandle.objects.filter(user__in=people, proven_at__isnull=False, uri__in=blocking)
    return sorted(people - set(deaf.values_list("user", flat=True)))
