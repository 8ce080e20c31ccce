"""The account on a network that people recommend."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from recommendations import consent, handles, seals
from recommendations.consent import Policy, Signal, Word
from recommendations.handles import Handle, Network

LOOK_AGAIN_UNSEEN = timedelta(minutes=30)
LOOK_AGAIN = timedelta(days=7)
LOOK_AGAIN_MISSING = timedelta(days=1)
GONE_AFTER = timedelta(days=3)  # of nobody being found: servers are down, and domains lapse, for a day or two
SILENT_AFTER = timedelta(days=90)
LOOKS, LOOKS_PER_HOST = 60, 3  # in one sweep, that is in a minute: no server should feel us


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

    def united(self) -> set[int]:
        """These, and all that have moved to them or that they have moved to, by number: both accounts have said so."""
        found = fresh = set(self.values_list("pk", flat=True))
        while fresh:
            near = Profile.objects.filter(Q(moved_from__in=fresh) | Q(moved_to__in=fresh)).exclude(pk__in=found)
            fresh = set(near.values_list("pk", flat=True))
            found = found | fresh
        return found

    def listable(self, policy: Policy) -> "ProfileQuerySet":
        """Those who may stand in an edition. Agrees with consent.listable (a property test says so)."""
        accepted = Q(word=Word.ACCEPTED) & ~Q(signal=Signal.NEVER)
        if policy == Policy.OPEN:
            return self.filter(accepted | Q(word=Word.NONE, signal=Signal.AUTOMATIC, opted_out=False))
        return self.filter(accepted)

    def due_for_look_up(self, at: datetime) -> "ProfileQuerySet":
        """Those whose next look-up has come, who waited longest first."""
        return self.filter(look_again_at__lte=at).order_by("look_again_at", "pk")

    def spread(self) -> "ProfileQuerySet":
        """Of these as many as one sweep looks up, and few of any one server; Bluesky and X are one server each."""
        place = Window(RowNumber(), partition_by=[F("network"), F("host")], order_by=["look_again_at", "pk"])
        return self.annotate(place=place).filter(place__lte=LOOKS_PER_HOST)[:LOOKS]

    def take(self, pk: int, at: datetime) -> "Profile | None":
        """One that is due, if no other worker took it: nobody else looks it up for the next half hour."""
        mine = self.due_for_look_up(at).filter(pk=pk).update(look_again_at=at + LOOK_AGAIN_UNSEEN)
        return self.get(pk=pk) if mine else None

    def due_for_avatar(self) -> "ProfileQuerySet":
        """Those whose picture changed since we made our copy."""
        return self.exclude(avatar_url=F("avatar_from"))


class Profile(models.Model):
    """Somebody on a network. `uri` is for ever; the handle is where they are found today.

    `uri` is null as long as nobody has answered a look-up (signal: unseen).
    """

    NOBODYS = "~"  # stands in no handle: a name with it is a placeholder, and cannot be anybody's

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
    opted_out = models.BooleanField(default=False)  # their server's admin wants nobody from there recommended
    checked = models.BooleanField(default=False)  # somebody on the network answered for this handle
    moved_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="moved_from")

    last_active_on = models.DateField(null=True, blank=True)  # when they last posted, as far as the network tells
    missing_since = models.DateTimeField(null=True, blank=True)  # nobody has been found there from then on
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
    def follow_url(self) -> str:
        """Where a reader follows them with their own account; in the fediverse a page of ours leads to their server."""
        if self.network == Network.MASTODON:
            return reverse("follow_person", args=[self.network, self.handle.address])
        return handles.follow_url(self.handle)

    @property
    def handle(self) -> Handle:
        """The handle as a value."""
        return Handle(Network(self.network), self.name, self.host)

    @property
    def title(self) -> str:
        """The name shown: the person's own, else the handle."""
        return self.display_name or str(self.handle)

    @property
    def silent_since(self) -> date | None:
        """When they posted last, if that is long ago; None too where nobody tells."""
        last = self.last_active_on
        return last if last and timezone.localdate(timezone=UTC) - last > SILENT_AFTER else None

    @property
    def facts(self) -> consent.Facts:
        """What `consent.decide` wants to know."""
        return consent.Facts(
            network=Network(self.network),
            signal=Signal(self.signal),
            word=Word(self.word),
            may_mention=self.may_mention,
            members_only=self.members_only,
            opted_out=self.opted_out,
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


class DoNotListQuerySet(models.QuerySet["DoNotList"]):
    """Whom we must not list, by the names we no longer know."""

    def names(self, *names: str) -> bool:
        """Is anybody among them who goes by one of these uris or handles? A handle may be a uri: on Bluesky, a DID."""
        known = {each for name in names if name for each in (name, name.removeprefix("@"))}
        prints = [seals.fingerprint(name, key=settings.FF_HASH_KEY) for name in known]
        return self.filter(fingerprint__in=prints).exists()


class DoNotList(models.Model):
    """Somebody who declined and asked to be forgotten: all that is left is a keyed hash of the uri or handle."""

    fingerprint = models.CharField(max_length=64, unique=True)  # seals.fingerprint(uri or handle, key=FF_HASH_KEY)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DoNotListQuerySet.as_manager()

    def __str__(self) -> str:
        return self.fingerprint[:8]
