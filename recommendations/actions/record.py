"""Write a decision down, and tell whom it affects: what was decided, why, and until when."""

from datetime import datetime

from django.urls import reverse

from accounts.models import User
from recommendations.actions.notify import notify
from recommendations.models import Community, Moderation, Notification, Report
from recommendations.models.page_version import pages_changed


def record(
    *,
    kind: str,
    community: Community,
    by: User,
    role: str,
    reason: str = "",
    words: str = "",
    report: Report | None = None,
    affected: User | None = None,
    thing: str = "",
    until: datetime | None = None,
    for_fraud: bool = False,
    at: datetime,
) -> Moderation:
    """Within a transaction. The public reads `reason`, or else what `report` was about; the affected read `words`."""
    decision = Moderation.objects.create(
        community=community,
        by=by,
        role=role,
        kind=kind,
        reason=reason.strip()[:500],
        rule=report.type if report else "",
        subject=str(affected or ""),
        words=words,
        report=report,
        affected=affected,
        thing=thing,
        until=until,
        for_fraud=for_fraud,
    )
    pages_changed(community.slug)
    if affected is not None:
        notify(
            user=affected,
            kind=Notification.Kind.DECISION,
            key=f"{kind}:{decision.pk}",
            community=community,
            link=f"{reverse('decisions')}#decision-{decision.pk}",
            at=at,
        )
    return decision
