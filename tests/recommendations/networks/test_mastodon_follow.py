"""Following on Mastodon: what the reader's own server says of somebody, and what comes of it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from recommendations.handles import Network, parse
from recommendations.networks import follower
from recommendations.networks.base import Options, OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.following import Followed, Outcome, Person
from recommendations.networks.mastodon_follow import FOLLOW, MAKE_LIST, MastodonFollower
from tests.fakes.mastodon_follows import FollowsMastodon
from tests.fakes.web import Answer, Fault

GRACE = "grace@navy.example"


@pytest.fixture
def fake() -> Iterator[FollowsMastodon]:
    """Ada's server; it has met Grace."""
    with FollowsMastodon() as fake:
        fake.add_account("ada")
        fake.add_person(GRACE)
        yield fake


class Ada:
    """She follows people."""

    def __init__(self, fake: FollowsMastodon, scopes: tuple[str, ...] = MAKE_LIST) -> None:
        self.fake, self.secret = fake, fake.granted("ada", scopes)
        self.follower = MastodonFollower(Options(open_hosts=(fake.host,)))

    def person(self, acct: str = GRACE) -> Person:
        known = self.fake.people.get(acct)
        return Person(parse(f"@{acct}", Network.MASTODON), known.uri if known else f"https://navy.example/users/{acct}")

    def seek(self, person: Person | None = None, on: dict[str, Any] | None = None) -> Any:
        found = self.follower.seek(person or self.person(), secret=self.secret, on=on)
        return found if isinstance(found, Followed) else json.loads(json.dumps(found))

    def follow(self, acct: str = GRACE, on: dict[str, Any] | None = None) -> Followed:
        found = self.seek(self.person(acct), on)
        return found if isinstance(found, Followed) else self.follower.follow(found, secret=self.secret)


@pytest.fixture
def ada(fake: FollowsMastodon) -> Ada:
    return Ada(fake)


def test_the_registry_knows_it() -> None:
    assert isinstance(follower(Network.MASTODON, Options()), MastodonFollower)


def test_whoever_the_server_has_met_is_looked_up_and_followed_with_four_calls(ada: Ada, fake: FollowsMastodon) -> None:
    done = ada.follow()

    assert done == Followed(Outcome.FOLLOWED)
    assert fake.followed("ada") == {GRACE: "following"}
    assert [asked.endpoint for asked in fake.asked] == ["lookup", "relationships", "follow"]


def test_the_scopes_are_enough_and_not_more_are_asked_for_without_a_list(fake: FollowsMastodon) -> None:
    ada = Ada(fake, FOLLOW)

    assert ada.follower.scopes(as_list=False) == FOLLOW
    assert set(ada.follower.scopes(as_list=True)) - set(FOLLOW) == {"read:lists", "write:lists"}
    assert ada.follow().outcome == Outcome.FOLLOWED
    with pytest.raises(Revoked, match="allow it again"):
        ada.follower.make_list("Crew", key="k", secret=ada.secret)


def test_whoever_it_has_not_met_is_searched_for(ada: Ada, fake: FollowsMastodon) -> None:
    fake.add_person("alan@bletchley.example", known=False)

    assert ada.follow("alan@bletchley.example").outcome == Outcome.FOLLOWED
    assert fake.asked_for("search") == 1


@pytest.mark.parametrize("flavour", ["old", "gotosocial", "numbers", "html"])
def test_its_kin_are_understood(flavour: str) -> None:
    with FollowsMastodon(flavour) as fake:
        fake.add_account("ada")
        fake.add_person(GRACE)

        assert Ada(fake).follow() == Followed(Outcome.FOLLOWED)


def test_a_locked_account_decides_itself(ada: Ada, fake: FollowsMastodon) -> None:
    fake.add_person("joan@quiet.example", locked=True)

    assert ada.follow("joan@quiet.example") == Followed(Outcome.REQUESTED)
    assert ada.seek(ada.person("joan@quiet.example")) == Followed(Outcome.REQUESTED)


def test_who_is_followed_already_is_not_called_for(ada: Ada, fake: FollowsMastodon) -> None:
    fake.follow_by_hand("ada", GRACE)

    assert ada.seek() == Followed(Outcome.ALREADY)
    assert fake.asked_for("follow") == 0


def test_who_moved_is_followed_where_they_are_now(ada: Ada, fake: FollowsMastodon) -> None:
    fake.add_person("new@elsewhere.example")
    fake.add_person("old@navy.example", moved="new@elsewhere.example")

    assert ada.follow("old@navy.example") == Followed(Outcome.FOLLOWED, moved_to="@new@elsewhere.example")
    assert fake.followed("ada") == {"new@elsewhere.example": "following"}
    assert ada.seek(ada.person("old@navy.example")) == Followed(Outcome.ALREADY, moved_to="@new@elsewhere.example")


@pytest.mark.parametrize("trouble", [{"gone": True}, {"suspended": True}])
def test_who_is_gone_is_said_to_be(ada: Ada, fake: FollowsMastodon, trouble: dict[str, bool]) -> None:
    fake.add_person("gone@navy.example", **trouble)

    assert ada.seek(ada.person("gone@navy.example")).outcome == Outcome.GONE
    assert fake.asked_for("follow") == 0


@pytest.mark.parametrize("status", [404, 410])
def test_who_goes_at_this_very_moment_is_gone(ada: Ada, fake: FollowsMastodon, status: int) -> None:
    fake.script("follow", Answer(status, {"error": "Record not found"}))

    assert ada.follow().outcome == Outcome.GONE


def test_somebody_else_at_the_same_handle_is_not_followed(ada: Ada, fake: FollowsMastodon) -> None:
    person = Person(parse(f"@{GRACE}"), "https://navy.example/users/another")

    assert ada.seek(person).outcome == Outcome.GONE
    assert fake.asked_for("relationships") == 0


def test_a_search_that_finds_others_finds_nobody(ada: Ada, fake: FollowsMastodon) -> None:
    fake.script("lookup", Answer(404, {}), Answer(404, {}), Answer(404, {}))
    other = {"id": "7", "acct": "grace@impostor.example", "uri": "https://impostor.example/users/grace"}
    fake.script(
        "search",
        Answer(200, {"accounts": [other, "?"]}),
        Answer(200, {"accounts": 5}),
        Answer(404, {"error": "Record not found"}),
    )

    assert [ada.seek().outcome for _ in range(3)] == [Outcome.GONE] * 3


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ("blocking", "You have blocked them."),
        ("blocked_by", "They have blocked you."),
        ("domain_blocking", "You have blocked their whole server."),
    ],
)
def test_a_block_is_told_and_nothing_is_called(ada: Ada, fake: FollowsMastodon, standing: str, words: str) -> None:
    fake.people[GRACE].standing = {standing: True}

    assert ada.seek() == Followed(Outcome.REFUSED, words)
    assert ada.seek(on={"id": "1"}) == Followed(Outcome.REFUSED, words)


@pytest.mark.parametrize("status", [403, 422])
def test_a_refusal_comes_with_the_servers_words(ada: Ada, fake: FollowsMastodon, status: int) -> None:
    fake.people[GRACE].refuses = status

    done = ada.follow()

    assert done.outcome == Outcome.REFUSED
    assert "You have reached the limit" in done.words


def test_too_many_wait_for_the_reset(ada: Ada, fake: FollowsMastodon) -> None:
    fake.allow_follows(0, minutes=60)
    wire = ada.seek()

    with pytest.raises(Unavailable) as busy:
        ada.follower.follow(wire, secret=ada.secret)

    assert busy.value.retry_at is not None
    assert timedelta(0) <= busy.value.retry_at - fake.now <= timedelta(hours=1)
    assert fake.effective_follows() == {}


@pytest.mark.parametrize("endpoint", ["lookup", "search", "relationships"])
@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.BEFORE_502, Fault.BEFORE_503])
def test_a_look_that_fails_may_be_repeated(ada: Ada, fake: FollowsMastodon, endpoint: str, fault: Fault) -> None:
    fake.add_person("alan@bletchley.example", known=False)
    fake.script(endpoint, fault)

    with pytest.raises(Unavailable):
        ada.follow("alan@bletchley.example")

    assert ada.follow("alan@bletchley.example").outcome == Outcome.FOLLOWED


@pytest.mark.parametrize("fault", [Fault.AFTER_502, Fault.AFTER_HANG_UP, Fault.AFTER_GARBAGE])
def test_after_a_lost_answer_a_look_finds_the_follow(ada: Ada, fake: FollowsMastodon, fault: Fault) -> None:
    fake.script("follow", fault)

    with pytest.raises(OutcomeUnknown):
        ada.follow()

    assert ada.seek() == Followed(Outcome.ALREADY)
    assert fake.effective_follows() == {GRACE: 1}


def test_an_answer_that_says_neither_is_a_doubt(ada: Ada, fake: FollowsMastodon) -> None:
    fake.script("follow", Answer(200, {"id": "1", "following": False, "requested": False}))

    with pytest.raises(OutcomeUnknown, match="does not say"):
        ada.follow()


@pytest.mark.parametrize("endpoint", ["search", "relationships", "follow"])
def test_a_token_that_was_withdrawn_is_said_in_words_for_the_reader(
    ada: Ada, fake: FollowsMastodon, endpoint: str
) -> None:
    fake.people[GRACE].known = False
    fake.script(endpoint, Fault.BAD_TOKEN)

    with pytest.raises(Revoked, match="Please allow it again"):
        ada.follow()


@pytest.mark.parametrize("said", [{}, {"accounts": None}, {"id": None, "acct": 7, "uri": 7}, {"id": {}, "moved": {}}])
def test_a_strange_account_is_no_surprise(ada: Ada, fake: FollowsMastodon, said: dict[str, Any]) -> None:
    fake.script("lookup", Answer(200, said))

    assert ada.seek().outcome == Outcome.GONE


def test_what_a_server_says_of_a_move_is_cleaned(ada: Ada, fake: FollowsMastodon) -> None:
    fake.script(
        "lookup", Answer(200, {"uri": ada.person().uri, "moved": {"id": 7, "acct": "a\x00\u202e\ud800@b" * 999}})
    )

    wire = ada.seek()

    assert wire["id"] == "7"
    assert wire["moved"].isprintable()
    assert len(wire["moved"].encode()) < 500


@pytest.mark.parametrize("endpoint", ["lookup", "relationships", "search", "lists"])
def test_a_web_page_in_place_of_an_answer_means_later(ada: Ada, fake: FollowsMastodon, endpoint: str) -> None:
    fake.people[GRACE].known = endpoint != "search"
    fake.script(endpoint, Fault.BEFORE_GARBAGE)

    with pytest.raises(Unavailable):
        ada.follow(on=ada.follower.make_list("Tea", key="k", secret=ada.secret).reference)


@pytest.mark.parametrize("said", [[], ["x"], [{"id": "1", "following": True}], [{"id": []}]])
def test_a_relationship_with_somebody_else_says_nothing(ada: Ada, fake: FollowsMastodon, said: Any) -> None:
    fake.script("relationships", Answer(200, said))

    assert ada.follow() == Followed(Outcome.FOLLOWED)


def test_nobody_is_asked_about_many_at_once(ada: Ada) -> None:
    assert ada.follower.already([ada.person()], secret=ada.secret) == {}
    assert ada.follower.renewed(ada.secret) is None


def test_a_list_is_made_once_and_found_again(ada: Ada, fake: FollowsMastodon) -> None:
    made = [ada.follower.make_list("Tea No. 3", key="k", secret=ada.secret) for _ in range(2)]

    assert made[0] == made[1]
    assert made[0].url == f"{fake.url}/lists/{made[0].reference['id']}"
    assert fake.asked_for("new_list") == 1


def test_a_list_whose_answer_got_lost_is_found(ada: Ada, fake: FollowsMastodon) -> None:
    fake.script("new_list", Fault.AFTER_502)

    with pytest.raises(Unavailable):
        ada.follower.make_list("Tea No. 3", key="k", secret=ada.secret)
    ada.follower.make_list("Tea No. 3", key="k", secret=ada.secret)

    assert fake.list_of("ada") == {"Tea No. 3": []}


def test_a_list_without_a_name_of_its_own_is_not_taken(ada: Ada, fake: FollowsMastodon) -> None:
    fake.script("new_list", Answer(200, {"id": None}))

    with pytest.raises(Unavailable, match="what the list is called"):
        ada.follower.make_list("Tea", key="k", secret=ada.secret)


def test_who_is_put_on_a_list_is_followed_first(ada: Ada, fake: FollowsMastodon) -> None:
    on = ada.follower.make_list("Tea", key="k", secret=ada.secret).reference

    assert ada.follow(on=on) == Followed(Outcome.FOLLOWED)
    assert ada.follow(on=on) == Followed(Outcome.ALREADY)
    assert fake.list_of("ada") == {"Tea": [GRACE]}
    assert fake.effective_follows() == {GRACE: 1}


def test_the_list_alone_is_tried_again_when_only_it_was_put_off(ada: Ada, fake: FollowsMastodon) -> None:
    on = ada.follower.make_list("Tea", key="k", secret=ada.secret).reference
    fake.script("enlist", Fault.BUSY, Fault.BUSY)

    with pytest.raises(OutcomeUnknown):  # they are followed, so "surely not done" would be wrong
        ada.follow(on=on)
    with pytest.raises(Unavailable):
        ada.follow(on=on)
    ada.follow(on=on)

    assert fake.list_of("ada") == {"Tea": [GRACE]}
    assert fake.effective_follows() == {GRACE: 1}


def test_a_list_that_takes_them_not_is_told(ada: Ada, fake: FollowsMastodon) -> None:
    done = ada.follow(on={"id": "no-such-list"})

    assert done.outcome == Outcome.FOLLOWED
    assert done.words.startswith("Not on the list: ")


def test_who_cannot_be_followed_is_put_on_no_list(ada: Ada, fake: FollowsMastodon) -> None:
    fake.people[GRACE].refuses = 422

    assert ada.follow(on={"id": "1"}).outcome == Outcome.REFUSED
    assert fake.asked_for("enlist") == 0


def test_a_secret_for_no_server_is_refused(ada: Ada) -> None:
    with pytest.raises(Rejected):
        ada.follower.seek(ada.person(), secret={**ada.secret, "server": "ftp://x"})
