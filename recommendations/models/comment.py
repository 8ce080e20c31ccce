"""What members say of an edition that is out."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse

from recommendations.models.edition import Edition

TEXT_MAX = 2000  # characters, as the person counts them
EDIT_FOR = timedelta(hours=1)


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments, by who may read them."""

    def standing(self) -> "CommentQuerySet":
        """Those neither deleted by their authors nor hidden by a curator."""
        return self.filter(deleted_at=None, hidden_at=None)

    def threads(self) -> "CommentQuerySet":
        """Those that begin one, newest first. What was deleted stays as a gap as long as it has answers."""
        answers = Comment.objects.filter(answer_to=OuterRef("pk"), deleted_at=None)
        return self.filter(Q(deleted_at=None) | Exists(answers), answer_to=None).order_by("-created_at", "-pk")

    def whole(self) -> "CommentQuerySet":
        """With authors and answers, the oldest answer first, in one query more."""
        answers = Comment.objects.filter(deleted_at=None).select_related("author").order_by("created_at", "pk")
        return self.select_related("author").prefetch_related(Prefetch("answers", answers))


class Comment(models.Model):
    """A member's words on an edition, or an answer to somebody's; one level deep. Text is Markdown."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="comments"
    )
    answer_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="answers")
    text = models.TextField(max_length=TEXT_MAX, blank=True)  # '' once deleted
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)  # by its author
    hidden_at = models.DateTimeField(null=True, blank=True)  # by a curator

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["edition", "-created_at", "-id"], name="comments_of_an_edition")]

    def __str__(self) -> str:
        return f"{self.author} on {self.edition}"

    def get_absolute_url(self) -> str:
        """Its place among all comments on the edition."""
        there = reverse("comments", args=[self.edition.community.slug, self.edition.number])
        return f"{there}?at={self.pk}#comment-{self.pk}"

    @property
    def is_standing(self) -> bool:
        """May it be read?"""
        return self.deleted_at is None and self.hidden_at is None

    def may_be_edited(self, at: datetime) -> bool:
        """By its author, for a while: later it has been read and answered."""
        return self.is_standing and at < self.created_at + EDIT_FOR
