"""A community on Postgres and Redis with a live channel on a real Bluesky account, and the weeks it lives through."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.once.installation import Installation
from tests.once.stage import CLOSES, MONDAY, SLOT, assert_whole
from tests.once.witness import moves
from tests.pds import Account, Pds

REASON = "Answers every question, and is kind about it, week after week."
NOMINEES = 6


@dataclass(frozen=True)
class Office:
    """One community of an installation, by its slug."""

    installation: Installation
    pds: Pds
    slug: str
    account: Account

    def nominate_and_vote(self, at: str) -> None:
        """A week's worth of people whom nobody has seen before."""
        people = [(self.pds.account("somebody").handle, REASON) for _ in range(NOMINEES)]
        self.installation.deed("story.nominate_all", slug=self.slug, people=people, at=at)
        self.installation.deed("story.vote_all", slug=self.slug, at=at)

    def is_in(self, state: str, editions: int = 1) -> Callable[[], bool]:
        """Whether so many editions have come to a state."""
        sql = """SELECT count(*) FROM recommendations_edition e
             JOIN recommendations_community c ON c.id = e.community_id
                 WHERE c.slug = %s AND e.state = %s"""
        return lambda: self.installation.one(sql, self.slug, state) == editions

    def is_sent(self) -> bool:
        """Whether nothing is left to send on the live channel."""
        return not self._posts("p.state <> 'sent'")

    def assert_each_thing_happened_once(self, editions: int) -> None:
        """Numbers without gaps, one compile, one list, one publication, one claim and one record for each post."""
        rows = self.installation.rows(
            """SELECT e.id, e.number FROM recommendations_edition e JOIN recommendations_community c
               ON c.id = e.community_id WHERE c.slug = %s AND e.state <> 'open' ORDER BY e.opens_at""",
            self.slug,
        )
        assert [number for _, number in rows] == list(range(1, editions + 1))
        seen = moves(self.installation, "edition")
        for edition, number in rows:
            assert seen[edition] == ["compiling", "ready", "published"]
            places = self.installation.rows(
                "SELECT rank, count(*) FROM recommendations_entry WHERE edition_id = %s GROUP BY rank ORDER BY rank",
                edition,
            )
            assert places == [(place, 1) for place in range(1, NOMINEES + 1)]
            told = self.installation.deed("story.told", slug=self.slug, number=number)
            keys = {post["key"] for post in told["posts"]}
            records = [each for each in self.pds.records(self.account) if each["uri"].rpartition("/")[2] in keys]
            assert_whole(records, told)
        seen = moves(self.installation, "post")
        live = self._posts("true")
        assert [seen[post] for post in live] == [["sending", "sent"]] * len(live)
        assert len(self.pds.records(self.account)) == len(live)

    def _posts(self, condition: str) -> list[Any]:
        """The ids of the live channel's posts."""
        sql = f"""SELECT p.id FROM recommendations_post p JOIN recommendations_delivery d ON d.id = p.delivery_id
                  JOIN recommendations_edition e ON e.id = d.edition_id
                  JOIN recommendations_community c ON c.id = e.community_id
                  WHERE c.slug = %s AND NOT d.rehearsal AND {condition}"""
        return [post for (post,) in self.installation.rows(sql, self.slug)]


def founded(installation: Installation, pds: Pds, slug: str) -> Office:
    """A community with one live channel."""
    account = pds.account(slug)
    installation.deed("story.found", slug=slug)
    installation.deed("story.connect", slug=slug, handle=account.handle, password=account.app_password)
    return Office(installation, pds, slug, account)


def week(number: int) -> tuple[str, str, str]:
    """Monday, when the board closes, and the slot of a week, the first being 0."""
    return later(MONDAY, weeks=number), later(CLOSES, weeks=number), later(SLOT, weeks=number)


def later(moment: str, **much: float) -> str:
    """A moment, so much later."""
    return (datetime.fromisoformat(moment) + timedelta(**much)).isoformat()
