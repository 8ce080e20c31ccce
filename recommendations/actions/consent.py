"""A person's own word on whether they may be recommended. It outranks everything else, and holds at once.

Only who has proven a handle to be theirs may speak for its profile, and the uri says which profile that is. One that
nobody has looked up has no uri, and of one that was only typed (X without its API) nobody knows whose it is: for those
nobody can speak until a look-up has told.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LinkedHandle, User
from recommendations import seals
from recommendations.actions import Refused
from recommendations.actions.look_up import look_up
from recommendations.actions.show_anew import show_anew
from recommendations.consent import Word
from recommendations.models import DoNotList, Profile
from recommendations.models.said import spoken_for


def accept(*, profile: Profile, by: User, may_mention: bool = False, at: datetime | None = None) -> None:
    """Yes, recommend me; and perhaps: tell me by a mention. It takes an earlier no back. Raises Refused."""
    refuse_others(profile, by)
    names = (profile.uri or "", str(profile.handle))
    with transaction.atomic():
        prints = [seals.fingerprint(name, key=settings.FF_HASH_KEY) for name in names]
        DoNotList.objects.filter(fingerprint__in=prints).delete()
        _keep(profile, Word.ACCEPTED, may_mention, by, at)


def decline(*, profile: Profile, by: User, at: datetime | None = None) -> None:
    """No, leave me out: for good, everywhere, also of what is out already. Raises Refused."""
    refuse_others(profile, by)
    with transaction.atomic():
        _keep(profile, Word.DECLINED, False, by, at)


def allow_mentions(*, profile: Profile, by: User, allowed: bool, at: datetime | None = None) -> None:
    """Whether posts may mention them, so that their network tells them; only of use to who accepted. Raises Refused."""
    refuse_others(profile, by)
    with transaction.atomic():
        word = Word(Profile.objects.select_for_update().values_list("word", flat=True).get(pk=profile.pk))
        if word != Word.ACCEPTED:
            raise Refused(_("Say first that you may be recommended."))
        _keep(profile, word, allowed, by, at)


def profile_of(*, linked: LinkedHandle, at: datetime | None = None) -> Profile:
    """The profile that a proven handle speaks for. One that nobody has named so far is looked up: people may speak
    before they are spoken of. Raises Refused.
    """
    if linked.proven_at is None:
        raise Refused(_("Prove first that %(handle)s is yours.") % {"handle": linked})
    known = Profile.objects.filter(uri=linked.uri)
    profile = known.first()
    if profile is None:
        found = look_up(handle=linked.handle, at=at, themselves=True)
        profile = known.first() or found  # of who moved the look-up gives the new address
    if profile.uri != linked.uri:
        raise Refused(
            _("We could not find %(handle)s on its network just now. Please try again in a minute.")
            % {"handle": linked}
        )
    return profile


def refuse_others(profile: Profile, by: User) -> None:
    """Raise Refused for who has not proven that this profile is theirs."""
    if not spoken_for(by).filter(pk=profile.pk).exists():
        raise Refused(
            _("Only %(handle)s can say that. If it is you, prove it on your page first.") % {"handle": profile.handle}
        )


def _keep(profile: Profile, word: Word, may_mention: bool, by: User, at: datetime | None) -> None:
    """Within a transaction: it holds for every account that is united with this one.

    A yes leaves out what another member has proven: one may be the old address's owner of today, and their no is safe.
    """
    united = Profile.objects.filter(pk__in=Profile.objects.filter(pk=profile.pk).united())
    if word != Word.DECLINED:
        others = LinkedHandle.objects.filter(proven_at__isnull=False).exclude(user=by).exclude(uri="")
        united = united.exclude(~Q(pk=profile.pk), uri__in=others.values("uri"))
    for each in united.select_for_update().order_by("pk"):
        each.word, each.may_mention = word.value, may_mention
        each.save(update_fields=["word", "may_mention"])
        show_anew(each, at=at or timezone.now())
    profile.word, profile.may_mention = word.value, may_mention
