"""Open a community's next week, so that there is always one edition to look forward to."""

from datetime import datetime

from recommendations import schedule
from recommendations.models import Community, Edition


def open_week(community: Community, *, at: datetime) -> Edition:
    """The edition of the week that is open at `at`, or opens next; made if it is not there yet.

    A week that was already compiled or skipped before its time is followed by the next one.
    """
    window = schedule.window_at(community.week_plan, at)
    while True:
        edition, _ = community.editions.get_or_create(
            week=window.week,
            defaults={
                "opens_at": window.opens_at,
                "closes_at": window.closes_at,
                "publishes_at": window.publishes_at,
            },
        )
        if edition.state == Edition.State.OPEN:
            return edition
        window = schedule.following(community.week_plan, window)
