"""That a reason was taken off a board, kept apart from the reason: whoever deletes it does not delete that."""

from django.conf import settings
from django.db import models

from accounts.models import User
from recommendations import seals
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.profile import Profile


class TakenOffQuerySet(models.QuerySet["TakenOff"]):
    """What was taken off, by whose it was and what it said."""

    def keep(self, *, edition: Edition, profile: Profile, author: User | None, text: str, by_curator: bool) -> None:
        """Remember that this was taken off. Twice does no harm."""
        self.get_or_create(
            edition=edition,
            profile=profile,
            author=_author(author, edition),
            words=_words(text),
            by_curator=by_curator,
        )

    def give_back(
        self, *, edition: Edition, profile: Profile, author: User | None, text: str, by_curator: bool
    ) -> None:
        """Forget it: it may be read again, as far as this one is concerned."""
        said = self.filter(edition=edition, profile=profile, author=_author(author, edition), words=_words(text))
        said.filter(by_curator=by_curator).delete()

    def of(self, *, edition: Edition, profile: Profile, author: User) -> bool:
        """Was something that this member said of them taken off in this edition?"""
        return self.filter(edition=edition, profile=profile, author=_author(author, edition)).exists()

    def says(self, *, community: Community, profile: Profile, text: str) -> bool:
        """Were these very words about them taken off in this community, whoever gave them?"""
        return self.filter(edition__community=community, profile=profile, words=_words(text)).exists()


class TakenOff(models.Model):
    """A reason that the person it is about, or a curator, took off while its board was open.

    The reason itself may be withdrawn, and is gone then. All that is kept are keyed hashes of its author and of its
    words, by which both are known again.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="taken_off")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="taken_off")
    author = models.CharField(max_length=64)
    words = models.CharField(max_length=64)
    by_curator = models.BooleanField(default=False)  # else by the person it is about

    objects = TakenOffQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "taken off"
        indexes = [models.Index(fields=["edition", "profile"], name="taken_off_of_profile")]

    def __str__(self) -> str:
        return self.words[:8]


def plain_words(text: str) -> str:
    """Its letters and digits alone: other spaces, capitals or stops do not make other words."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _author(author: User | None, edition: Edition) -> str:
    return seals.fingerprint(f"author {author.pk if author else 0} {edition.pk}", key=settings.FF_HASH_KEY)


def _words(text: str) -> str:
    return seals.fingerprint(f"words {plain_words(text)}", key=settings.FF_HASH_KEY)
