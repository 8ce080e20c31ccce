"""What happened that somebody may want to know. Whether they do, their wishes say (`models.wish`)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from recommendations.models.community import Community
from recommendations.models.letter import Letter

BUNDLE = timedelta(minutes=10)  # what happens within this time after a first one goes with it in one mail
KEPT_FOR = timedelta(days=180)  # and so are letters
ABOUT_MAX, BY_MAX, LINK_MAX, KEY_MAX = 200, 100, 300, 120


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notifications, by who sees them and what must happen to them."""

    def shown(self) -> "NotificationQuerySet":
        """Those in the app, newest first."""
        return self.filter(in_app=True).order_by("-at", "-pk")

    def unread(self) -> "NotificationQuerySet":
        """Those in the app that were not read yet."""
        return self.filter(in_app=True, read_at=None)

    def to_mail(self) -> "NotificationQuerySet":
        """Those that wait for a mail, and were not read meanwhile."""
        return self.filter(letter=None, mail_due_at__isnull=False, read_at=None)

    def read(self, at: datetime) -> int:
        """Mark these as read; how many were not."""
        return self.filter(read_at=None).update(read_at=at)


class Notification(models.Model):
    """One thing that happened, for one person.

    `key` is "occasion:id", such as "comment:17": what happened, and to which row. The same key twice is the same news.
    Kept are names and titles as they were; the sentence is made when it is read, in the reader's language.
    """

    class Kind(models.TextChoices):
        EDITION = "edition", _("A new edition of my communities is out")
        NOMINATED = "nominated", _("Somebody recommends me")
        SECOND = "second", _("Somebody seconds whom I nominated")
        REASON = "reason", _("Someone I voted for has no reason beside their name")
        THANKS = "thanks", _("Somebody I recommended thanks me")
        COMMENT = "comment", _("Somebody answers me, or comments on an edition I curate")
        DECISION = "decision", _("A moderator decides about something I wrote or reported")
        MEMBER = "member", _("Somebody asks to join a community I curate")
        CURATOR = "curator", _("A draft or a post waits for me as a curator")
        SECURITY = "security", _("Someone changes how my account is opened")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=KEY_MAX)
    community = models.ForeignKey(Community, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    about = models.CharField(max_length=ABOUT_MAX, blank=True)
    by = models.CharField(max_length=BY_MAX, blank=True)  # a name, where it is not a user's
    by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    link = models.CharField(max_length=LINK_MAX, blank=True)  # a path on our own site
    at = models.DateTimeField()
    in_app = models.BooleanField(default=True)  # False: by mail alone
    read_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)
    letter = models.ForeignKey(Letter, null=True, blank=True, on_delete=models.SET_NULL, related_name="notifications")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="one_notification_each")]
        indexes = [
            models.Index(fields=["user", "-at", "-id"], name="notifications_of_somebody"),
            models.Index(fields=["user"], name="notification_unread", condition=Q(read_at=None, in_app=True)),
            models.Index(
                fields=["mail_due_at"],
                name="notification_to_mail",
                condition=Q(mail_due_at__isnull=False, letter=None, read_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} for {self.user}"

    @property
    def occasion(self) -> str:
        """The first half of the key."""
        return self.key.partition(":")[0]

    @property
    def sentence(self) -> str:
        """What happened, in the reader's language. Plain text, with names in it that others chose."""
        said = _SENTENCES.get((self.kind, self.occasion)) or _SENTENCES[self.kind, ""]
        return str(said) % {
            "by": str(self.by_user or self.by) or gettext("Somebody who has left"),
            "about": self.about,
            "community": str(self.community or ""),
        }


def awaiting_mail(at: datetime) -> "models.QuerySet[User]":
    """People to whom something happened that is due to be mailed now."""
    due = Notification.objects.to_mail().filter(mail_due_at__lte=at)
    return User.objects.filter(pk__in=due.values("user")).order_by("pk")


Kind = Notification.Kind
# (kind, occasion) -> what is said; occasion "" for every other.
_SENTENCES: dict[tuple[str, str], str | Promise] = {
    (Kind.EDITION, ""): _("“%(about)s” is out: the new list of %(community)s."),
    (Kind.NOMINATED, ""): _("%(by)s recommends you, %(about)s, in %(community)s."),
    (Kind.SECOND, ""): _("%(by)s seconds %(about)s, whom you nominated in %(community)s."),
    (Kind.REASON, ""): _("Nobody says any more why to follow %(about)s in %(community)s. Would you?"),
    (Kind.THANKS, ""): _("%(by)s thanks you for what you said of them in %(community)s."),
    (Kind.COMMENT, ""): _("%(by)s comments on “%(about)s” in %(community)s."),
    (Kind.COMMENT, "answer"): _("%(by)s answers what you said on “%(about)s” in %(community)s."),
    (Kind.DECISION, ""): _("A decision in %(community)s concerns you."),
    (Kind.DECISION, "hide"): _("A moderator has hidden something you said in %(community)s."),
    (Kind.DECISION, "unhide"): _("Something you said in %(community)s can be read again."),
    (Kind.DECISION, "warn"): _("A moderator of %(community)s has a word for you."),
    (Kind.DECISION, "suspend"): _("You are suspended from %(community)s for a while."),
    (Kind.DECISION, "ban"): _("You have been sent away from %(community)s."),
    (Kind.DECISION, "reported"): _("A moderator has looked at what you reported in %(community)s."),
    (Kind.DECISION, "upheld"): _("An appeal in %(community)s is decided: the decision stands."),
    (Kind.DECISION, "overturned"): _("An appeal in %(community)s is decided: the decision is taken back."),
    (Kind.MEMBER, ""): _("%(by)s asks to join %(community)s."),
    (Kind.CURATOR, ""): _("%(community)s needs you as a curator."),
    (Kind.CURATOR, "asked"): _("%(by)s asks you to curate %(community)s with them."),
    (Kind.CURATOR, "owner"): _("%(by)s has handed %(community)s over to you: you own it now."),
    (Kind.CURATOR, "draft"): _("The draft of %(about)s in %(community)s waits for your review."),
    (Kind.CURATOR, "empty"): _("No one was left to list for %(about)s of %(community)s, so that week was skipped."),
    (Kind.CURATOR, "list"): _("%(about)s did not take a list of %(community)s. We try again when it changes."),
    (Kind.CURATOR, "post"): _("A post by %(about)s for %(community)s waits for your decision."),
    (Kind.CURATOR, "refused"): _("%(about)s did not take a post for %(community)s. Decide what to do with it."),
    (Kind.CURATOR, "revoked"): _("We can't post to %(about)s for %(community)s any more. Connect the account again."),
    (Kind.CURATOR, "restored"): _(
        "This server was restored from a backup. %(about)s of %(community)s is paused until you resume it."
    ),
    (Kind.CURATOR, "server"): _(
        "This server was restored from a backup. All channels are paused until you resume them."
    ),
    (Kind.CURATOR, "report"): _("Something was reported in %(community)s. Please look at it."),
    (Kind.SECURITY, ""): _("Something about how your account is opened has changed."),
    (Kind.SECURITY, "email_added"): _("The e-mail address %(about)s was added to your account."),
    (Kind.SECURITY, "email_removed"): _("The e-mail address %(about)s was removed from your account."),
    (Kind.SECURITY, "email_primary"): _("Mail to you now goes to %(about)s."),
    (Kind.SECURITY, "totp_added"): _("An authenticator app was added to your account."),
    (Kind.SECURITY, "totp_removed"): _("The authenticator app was removed from your account."),
    (Kind.SECURITY, "passkey_added"): _("A passkey was added to your account."),
    (Kind.SECURITY, "passkey_removed"): _("A passkey was removed from your account."),
    (Kind.SECURITY, "recovery_codes"): _("New recovery codes were made for your account."),
    (Kind.SECURITY, "way_added"): _("%(about)s can now be used to sign in to your account."),
    (Kind.SECURITY, "way_removed"): _("%(about)s can no longer be used to sign in to your account."),
    (Kind.SECURITY, "token_made"): _("The API token “%(about)s” was made for your account."),
    (Kind.SECURITY, "token_dated"): _("API tokens now expire. Yours expires: %(about)s."),
    (Kind.SECURITY, "token_ends"): _("An API token of yours expires within a week: %(about)s."),
    (Kind.SECURITY, "archive"): _("An archive of all your data was downloaded."),
    (Kind.SECURITY, "channel"): _("%(by)s connected the account %(about)s to %(community)s."),
    (Kind.SECURITY, "handed_over"): _("You handed %(community)s over to %(about)s."),
    (Kind.CURATOR, "appeal"): _("Somebody appeals against a decision in %(community)s. Please look at it."),
}
