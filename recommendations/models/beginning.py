"""The first steps of a new community, and which of them are done."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef

from recommendations.models.channel import Channel
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.membership import Invitation, Membership
from recommendations.models.nomination import Nomination


class Step(StrEnum):
    """What is to be thought of, in the order that is shown."""

    VALUES = "values"
    WEEK = "week"
    NOMINATE = "nominate"
    INVITE = "invite"
    CHANNEL = "channel"


@dataclass(frozen=True)
class Beginning:
    """How far a community has come. `shown`: its curators have not put the steps away, and some are left."""

    done: dict[Step, bool]
    put_away: bool

    @property
    def count(self) -> int:
        """How many are done."""
        return sum(self.done.values())

    @property
    def left(self) -> list[Step]:
        """What is still to be done, in order."""
        return [step for step, done in self.done.items() if not done]

    @property
    def shown(self) -> bool:
        """Whether the desk tells of it."""
        return bool(self.left) and not self.put_away


def beginning(community: Community) -> Beginning:
    """In one query. What was done in any other way is done, too."""
    mine = Community.objects.filter(pk=community.pk)
    of_it = {"community": OuterRef("pk")}
    there = mine.annotate(
        nominated=Exists(Nomination.objects.filter(edition__community=OuterRef("pk"))),
        counted=Exists(Edition.objects.filter(**of_it).exclude(state=Edition.State.OPEN)),
        asked=Exists(Invitation.objects.filter(**of_it)),
        joined=Exists(Membership.objects.active().filter(**of_it).exclude(role=Membership.Role.OWNER)),
        connected=Exists(Channel.objects.filter(**of_it)),
    ).values("nominated", "counted", "asked", "joined", "connected")
    found = there.get()
    done = {
        Step.VALUES: bool(community.values),
        Step.WEEK: found["counted"],
        Step.NOMINATE: found["nominated"],
        Step.INVITE: found["asked"] or found["joined"],
        Step.CHANNEL: found["connected"],
    }
    return Beginning(
        done={step: done[step] or step in community.settled for step in Step}, put_away=community.begun_at is not None
    )
