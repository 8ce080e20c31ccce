"""The account on a network that people recommend."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from recommendations import consent
from recommendations.consent import Policy, Signal, Word
from recommendations.handles import Handle, Network

LOOK_AGAIN_UNSEEN = timedelta(minutes=30)
LOOK_AGAIN = timedelta(days=7)


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Finding profiles, and the set-wise half of `consent.decide`."""

    def at(self, handle: Handle) -> "ProfileQuerySet":
        """The profile that is found at a handle today."""
        return self.filter(network=handle.network, name=handle.name, host=handle.host)

    def formerly_at(self, handle: Handle) -> "ProfileQuerySet":
        """Profiles that were once found at a handle."""
        return self.filter(
            former_handles__network=handle.network,
            former_handles__name=handle.name,
            former_handles__host=handle.host,
        )

    def listable(self, policy: Policy) -> "ProfileQuerySet":
        """Those who may stand in an edition. Agrees with consent.listable (a property test says so)."""
        accepted = Q(word=Word.ACCEPTED) & ~Q(signal=Signal.NEVER)
        if policy == Policy.OPEN:
            return self.filter(accepted | Q(word=Word.NONE, signal=Signal.AUTOMATIC))
        return self.filter(accepted)

    def due_for_look_up(self, at: datetime) -> "ProfileQuerySet":
        """Those whose next look-up has come."""
        return self.filter(look_again_at__lte=at)

    def due_for_avatar(self) -> "ProfileQuerySet":
        """Those whose picture changed since we made our copy."""
        return self.exclude(avatar_url=F("avatar_from"))


class Profile(models.Model):
    """Somebody on a network. `uri` is for ever; the handle is where they are found today.

    `uri` is null as long as nobody has answered a look-up (signal: unseen).
    """

    network = models.CharField(max_length=10, choices=[(n.value, n.value) for n in Network])
    uri = models.CharField(max_length=500, null=True, blank=True, unique=True)
    name = models.CharField(max_length=256)
    host = models.CharField(max_length=253, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    bio = models.TextField(blank=True)
    page_url = models.CharField(max_length=700, blank=True)
    avatar = models.FileField(upload_to="avatars/", blank=True)
    avatar_url = models.CharField(max_length=1000, blank=True)  # where the network keeps it
    avatar_from = models.CharField(max_length=1000, blank=True)  # the address our copy was made from, or tried

    signal = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Signal], default=Signal.UNSEEN.value)
    word = models.CharField(max_length=10, choices=[(w.value, w.value) for w in Word], default="", blank=True)
    may_mention = models.BooleanField(default=False)
    members_only = models.BooleanField(default=False)
    checked = models.BooleanField(default=False)  # somebody on the network answered for this handle
    moved_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="moved_from")

    looked_up_at = models.DateTimeField(null=True, blank=True)
    look_again_at = models.DateTimeField(default=timezone.now, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "name", "host"], name="one_profile_per_handle")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The person's page here."""
        return reverse("person", args=[self.network, self.handle.address])

    @property
    def handle(self) -> Handle:
        """The handle as a value."""
        return Handle(Network(self.network), self.name, self.host)

    @property
    def title(self) -> str:
        """The name shown: the person's own, else the handle."""
        return self.display_name or str(self.handle)

    @property
    def facts(self) -> consent.Facts:
        """What `consent.decide` wants to know."""
        return consent.Facts(
            network=Network(self.network),
            signal=Signal(self.signal),
            word=Word(self.word),
            may_mention=self.may_mention,
            members_only=self.members_only,
        )

    def decision(
        self,
        policy: Policy,
        viewer: consent.Viewer,
        purpose: consent.Purpose,
        *,
        network: Network | None = None,
    ) -> consent.Decision:
        """May this person be shown so? See consent.decide."""
        return consent.decide(self.facts, policy, viewer, network, purpose)

    def former(self, handles: Iterable[Handle]) -> None:
        """Remember handles at which this profile was found before, so that old links still lead here."""
        for handle in handles:
            FormerHandle.objects.update_or_create(
                network=handle.network, name=handle.name, host=handle.host, defaults={"profile": self}
            )


class FormerHandle(models.Model):
    """A handle that once led to a profile; its page redirects."""

    network = models.CharField(max_length=10)
    name = models.CharField(max_length=256)
    host = models.CharField(max_length=253, blank=True)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="former_handles")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "name", "host"], name="one_profile_per_old_handle")]

    def __str__(self) -> str:
        return str(Handle(Network(self.network), self.name, self.host))


class DoNotList(models.Model):
    """Somebody who declined and asked to be forgotten: all that is left is a keyed hash of the uri or handle."""

    fingerprint = models.CharField(max_length=64, unique=True)  # seals.fingerprint(uri or handle, key=FF_HASH_KEY)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.fingerprint[:8]
