"""Two profiles turn out to be one account, or somebody moved from one to another: what was said stays together."""

from django.db import transaction

from recommendations.actions.show_anew import show_anew
from recommendations.consent import Word
from recommendations.models import Block, FormerHandle, Nomination, Profile, TakenOff, Thanks, Vote


def merge(*, into: Profile, other: Profile) -> None:
    """Two handles turned out to be one account: unite nominations and votes, keep every reason."""
    _carry_over(into, other)
    if other.entries.exists():  # both stand in a published list: what is printed stays printed
        Profile.objects.filter(pk=other.pk).update(moved_to=into)
        return
    FormerHandle.objects.filter(profile=other).update(profile=into)
    other.delete()


@transaction.atomic
def move(*, old: Profile, new: Profile) -> None:
    """Somebody lives at another address now, as both accounts say: they are recommended there, and their word holds.

    What they have said at the new address already outranks it.
    """
    before = new.facts
    Profile.objects.filter(pk=old.pk).update(moved_to=new)
    if new.word == Word.NONE:
        new.word, new.may_mention = old.word, old.may_mention
        new.save(update_fields=["word", "may_mention"])
    carried = old.entries.exists() or old.nominations.exists()
    _carry_over(new, old)
    if carried or new.facts != before:
        show_anew(new)


def _carry_over(into: Profile, other: Profile) -> None:
    """Within a transaction: whatever was said of the one was said of the other."""
    for nomination in other.nominations.select_related("edition"):
        kept = into.nominations.filter(edition=nomination.edition).first()
        if kept is None:
            Nomination.objects.filter(pk=nomination.pk).update(profile=into)
            continue
        for vote in nomination.votes.all():
            led = vote.voter_id == nomination.nominator_id
            row = nomination if led else vote
            said = {"reason": row.reason, "vetoed_at": row.vetoed_at, "hidden_at": row.hidden_at}
            Vote.objects.get_or_create(nomination=kept, voter_id=vote.voter_id, defaults=said)
        nomination.delete()
    present = into.entries.values_list("edition_id", flat=True)
    other.entries.filter(edition__in=list(present), edition__published_at__isnull=True).delete()
    other.entries.exclude(edition__in=list(present)).update(profile=into)
    TakenOff.objects.filter(profile=other).update(profile=into)
    for blocked in other.blocks.values_list("blocked", flat=True):
        Block.objects.get_or_create(profile=into, blocked_id=blocked)
    for author, edition in other.thanks.values_list("author", "edition"):
        Thanks.objects.get_or_create(profile=into, author_id=author, edition_id=edition)
