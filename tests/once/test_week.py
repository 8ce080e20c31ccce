"""Two schedulers and four workers: whatever is handed out twice is done once."""

import pytest

from tests.once.installation import Installation, tick
from tests.once.office import founded, later, week
from tests.pds import Pds
from tests.waiting import wait_until

pytestmark = [pytest.mark.pds, pytest.mark.services]

TWICE_OVER = 3  # ticks of each of the two schedulers at each moment


@pytest.mark.long
def test_two_weeks_of_two_schedulers_and_four_workers(office: Installation, pds: Pds) -> None:
    coffee, rehearsal = founded(office, pds, "coffee"), pds.account("rehearsal")
    office.deed("story.connect", slug="coffee", handle=rehearsal.handle, password=rehearsal.app_password, live=False)

    with office.schedulers(2) as schedulers, office.workers(4):
        for number in (0, 1):
            monday, closes, slot = week(number)
            coffee.nominate_and_vote(monday)
            tick(schedulers, monday, TWICE_OVER)
            tick(schedulers, closes, TWICE_OVER)
            wait_until(coffee.is_in("ready"), "it is compiled")
            tick(schedulers, slot, TWICE_OVER)
            wait_until(coffee.is_in("published", number + 1), "it is published")
            for minute in (1, 2, 3):
                tick(schedulers, later(slot, minutes=minute), TWICE_OVER)
            wait_until(coffee.is_sent, "it is posted")
        tick(schedulers, later(slot, minutes=10), TWICE_OVER)

    coffee.assert_each_thing_happened_once(editions=2)
    assert pds.records(rehearsal) == []
    states = office.rows(
        """SELECT DISTINCT p.state FROM recommendations_post p JOIN recommendations_delivery d ON d.id = p.delivery_id
           WHERE d.rehearsal"""
    )
    assert states == [("pending",)]
