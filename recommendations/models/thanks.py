"""A thank-you for a recommendation. Its author is told, and sees it on their own page."""

from django.conf import settings
from django.db import models

from recommendations.models.edition import Edition
from recommendations.models.profile import Profile


class Thanks(models.Model):
    """The person behind a profile thanks a member for what they said of them in one edition."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="thanks")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="thanks")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="thanks")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "thanks"
        constraints = [models.UniqueConstraint(fields=["profile", "author", "edition"], name="one_thanks_per_edition")]

    def __str__(self) -> str:
        return f"{self.profile} thanks {self.author}"
