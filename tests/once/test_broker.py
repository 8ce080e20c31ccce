"""What Redis holds may be lost at any moment, and Redis itself: the rows are the queue."""

from collections.abc import Iterator

import httpx
import pytest

from tests.once.broker import Broker
from tests.once.installation import Installation, tick
from tests.once.office import Office, founded, later, week
from tests.pds import Pds
from tests.waiting import came, wait_until

pytestmark = [pytest.mark.pds, pytest.mark.services]


@pytest.fixture(scope="session")
def broker(redis_url: str) -> Iterator[Broker]:
    """The office's Redis, in our hand."""
    broker = Broker(redis_url)
    yield broker
    broker.close()


def test_all_goes_out_though_redis_forgets_everything_again_and_again(
    office: Installation, pds: Pds, broker: Broker
) -> None:
    letters = founded(office, pds, "letters")
    monday, closes, slot = week(0)
    letters.nominate_and_vote(monday)

    with office.schedulers(1) as schedulers:
        # The messages wait for workers that are not there yet, and are lost.
        tick(schedulers, closes)
        assert broker.waiting() > 0
        broker.flush()
        with office.workers(2):
            assert broker.waiting() == 0
            assert letters.is_in("open")()

            # The schedulers' and the workers' connections outlive what Redis forgets.
            tick(schedulers, later(closes, minutes=1))
            wait_until(letters.is_in("ready"), "it is compiled")
            broker.flush()
            minutes = 0
            while not (letters.is_in("published")() and letters.is_sent()):
                tick(schedulers, later(slot, minutes=minutes))
                broker.flush()
                came(letters.is_sent, 0.5)
                minutes += 1
                assert minutes < 400, office.said("worker-1") + office.said("worker-2")

    letters.assert_each_thing_happened_once(editions=1)


@pytest.mark.long
def test_without_redis_people_vote_all_the_same_and_work_goes_on_when_it_is_back(
    office: Installation, pds: Pds, broker: Broker
) -> None:
    trains = founded(office, pds, "trains")
    times = office.deed("story.open_now", slug="trains")
    trains.nominate_and_vote(times["now"])
    office.deed("crowds.join", slug="trains", name="Hedy")
    cookies = office.deed("story.session_of", name="Hedy")

    with office.web() as address, office.schedulers(1) as schedulers, office.workers(2):
        tick(schedulers, times["now"])
        browser = httpx.Client(base_url=address, cookies=cookies | {"csrf": "t" * 32}, trust_env=False, timeout=120)
        assert vote(browser, trains, 0) == 302
        assert browser.get("/readyz").json()["broker"] is True

        broker.stop()
        assert vote(browser, trains, 1) == 302
        assert votes_of(office, "hedy") == 2
        assert browser.get("/healthz").status_code == 200
        ready = browser.get("/readyz")
        assert ready.status_code == 503
        assert (ready.json()["broker"], ready.json()["database"]) == (False, True)
        tick(schedulers, times["closes"])  # what cannot be handed out is no trouble
        assert trains.is_in("open")()

        broker.start()
        wait_until(lambda: browser.get("/readyz").status_code == 200, "all is well again")
        assert vote(browser, trains, 2) == 302
        minutes = 0
        while not (trains.is_in("published")() and trains.is_sent()):
            tick(schedulers, later(times["publishes"], minutes=minutes))
            came(lambda: trains.is_in("published")() and trains.is_sent(), 1.0)
            minutes += 1
            assert minutes < 240, office.said("worker-1") + office.said("worker-2")
        browser.close()

    trains.assert_each_thing_happened_once(editions=1)


def vote(browser: httpx.Client, office: Office, number: int) -> int:
    """Click on a nominee of the board, the first being 0; the answer's status."""
    sql = """SELECT n.id FROM recommendations_nomination n JOIN recommendations_edition e ON e.id = n.edition_id
             JOIN recommendations_community c ON c.id = e.community_id WHERE c.slug = %s ORDER BY n.id"""
    nominee = office.installation.rows(sql, office.slug)[number][0]
    path = f"/c/{office.slug}/nominations/{nominee}/vote/"
    return browser.post(path, data={"deed": "give"}, headers={"X-CSRFToken": "t" * 32}).status_code


def votes_of(installation: Installation, name: str) -> int:
    """How many votes the database holds of somebody."""
    sql = "SELECT count(*) FROM recommendations_vote v JOIN accounts_user u ON u.id = v.voter_id WHERE u.username = %s"
    return int(installation.one(sql, name))
