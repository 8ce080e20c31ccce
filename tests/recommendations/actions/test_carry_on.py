"""A reader's following is carried on: in turns, below the network's limits, each person once, and then let go of."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.options import options
from recommendations import networks, seals, tasks
from recommendations.actions import Refused
from recommendations.actions import carry_on as carrying
from recommendations.actions.carry_on import see_to
from recommendations.actions.follow import let_go, prepare, start, stop, try_again
from recommendations.handles import Handle, Network
from recommendations.models import Community, Follow, Following, Profile
from recommendations.models.state import Overtaken
from recommendations.networks import bluesky_app
from recommendations.networks.base import Revoked
from recommendations.networks.bluesky_follow import FOLLOW, ITEM, LIST, BlueskyFollower
from recommendations.networks.following import Person
from recommendations.networks.granting import Granted
from recommendations.networks.mastodon_follow import MAKE_LIST, MastodonFollower
from tests.fakes.mastodon_follows import FollowsMastodon
from tests.fakes.web import Answer, Fault
from tests.pds import Account, Pds
from tests.recommendations.networks.pds_consent import consent
from tests.recommendations.readers import PEOPLE, published, somebody

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def fake(settings: Any) -> Iterator[FollowsMastodon]:
    """Grace's own server, which has met everybody."""
    with FollowsMastodon() as fake:
        settings.FF_OPEN_HOSTS = [fake.host]
        fake.add_account("grace")
        for acct in PEOPLE:
            fake.add_person(acct)
        yield fake


@pytest.fixture
def granted(fake: FollowsMastodon) -> Callable[..., Granted]:
    """What she allowed: granted()."""

    def make(name: str = "grace") -> Granted:
        handle = Handle(Network.MASTODON, name, fake.domain)
        secret = fake.granted(name, MAKE_LIST)
        return Granted(Network.MASTODON, fake.url, secret["uri"], handle, name, secret, MAKE_LIST)

    return make


@pytest.fixture
def prepared(community: Community, grace: User) -> Callable[..., Following]:
    """She chose them all: prepared(people=...)."""

    def make(people: tuple[str, ...] = PEOPLE, number: int = 1, **more: Any) -> Following:
        profiles = [Profile.objects.filter(uri__endswith=acct.partition("@")[0]).first() or somebody(acct)
                    for acct in people]  # fmt: skip
        edition = published(community, profiles, number)
        chosen = {profile.pk for profile in profiles}
        return prepare(by=grace, community=community, edition=edition, network=Network.MASTODON, chosen=chosen, **more)

    return make


@pytest.fixture
def job(prepared: Callable[..., Following], granted: Callable[..., Granted]) -> Following:
    """It has just begun."""
    job = prepared()
    start(following=job, granted=granted())
    return job


def again(job: Following) -> Following:
    return Following.objects.get(pk=job.pk)


def outcomes(job: Following) -> dict[str, str]:
    return {each.profile.name: each.outcome for each in job.follows.select_related("profile")}


def turn(job: Following, at: datetime | None = None) -> Following:
    """When it is due."""
    at = at or again(job).due_at
    tasks.follow_one(job.pk, (at or timezone.now()).isoformat())
    return again(job)


def test_all_are_followed_and_what_was_granted_is_gone(job: Following, fake: FollowsMastodon) -> None:
    now = turn(job)

    assert (now.state, now.sealed_secret, now.claimed_at) == ("finished", "", None)
    assert outcomes(job) == {"grace": "followed", "joan": "followed", "alan": "followed"}
    assert fake.tokens.keys() == {next(iter(fake.tokens))}, "all that is left is the account's first token"
    assert not Following.objects.due(timezone.now() + timedelta(days=30)).exists()


def test_the_sweep_finds_it(job: Following, fake: FollowsMastodon) -> None:
    tasks.sweep(at=timezone.now(), run=tasks.at_once)

    assert again(job).state == "finished"


def test_a_few_at_a_time(job: Following, fake: FollowsMastodon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MastodonFollower, "per_minute", 2)
    at = again(job).due_at

    now = turn(job)

    assert (now.state, now.counts()) == ("running", {"followed": 2, "waiting": 1, "all": 3})
    assert now.due_at == at + MINUTE
    assert turn(job).state == "finished"


def test_what_a_day_takes_is_counted_over_all_jobs_of_the_account(
    job: Following, fake: FollowsMastodon, prepared: Any, granted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = again(job).due_at
    turn(job)
    monkeypatch.setattr(MastodonFollower, "per_day", 4)
    fake.add_person("hedy@film.example")
    fake.add_person("mary@radio.example")
    another = prepared(("hedy@film.example", "mary@radio.example"), 2)
    start(following=another, granted=granted(), at=at + MINUTE)

    now = turn(another)

    assert now.counts() == {"followed": 1, "waiting": 1, "all": 2}
    assert "all for today" in now.trouble
    assert now.due_at == at + timedelta(days=1)
    assert turn(another).due_at == at + timedelta(days=1), "until then there is nothing to do"
    assert turn(another, at + timedelta(days=1, minutes=2)).state == "finished"


def test_put_off_by_the_server_it_waits_until_that_is_over_and_says_so(job: Following, fake: FollowsMastodon) -> None:
    fake.allow_follows(1, minutes=30)

    now = turn(job)

    assert now.counts() == {"followed": 1, "waiting": 2, "all": 3}
    assert "Too many requests" in now.trouble
    assert now.due_at is not None
    assert now.due_at.minute in (0, 30) or now.due_at <= timezone.now() + 2 * MINUTE
    assert Follow.objects.filter(following=job, state="waiting", called_at__isnull=False).count() == 0
    fake.allow_follows(9, minutes=30)
    assert turn(job).state == "finished"
    assert set(fake.effective_follows().values()) == {1}


def test_a_server_that_does_not_answer_is_asked_again_a_little_later(job: Following, fake: FollowsMastodon) -> None:
    fake.script("lookup", Fault.BEFORE_502)
    at = again(job).due_at
    assert at is not None

    now = turn(job)

    assert (now.state, now.due_at) == ("running", at + carrying.SERVER_TROUBLE)
    assert "502" in now.trouble
    now = turn(job)
    assert (now.counts(), now.trouble) == ({"followed": 2, "waiting": 1, "all": 3}, "")
    assert turn(job).state == "finished"


def test_in_doubt_one_looks_and_calls_nobody_twice(job: Following, fake: FollowsMastodon) -> None:
    fake.script("follow", Fault.AFTER_502)

    assert turn(job).counts()["waiting"] == 1
    turn(job)

    assert outcomes(job) == {"grace": "followed", "joan": "followed", "alan": "followed"}
    assert set(fake.effective_follows().values()) == {1}


def test_after_three_doubtful_answers_it_is_left(job: Following, fake: FollowsMastodon) -> None:
    fake.script("follow", *[Answer(200, {}), None, None], *[Answer(200, {})] * 2)
    for _ in range(4):
        now = turn(job)

    assert now.state == "finished"
    assert outcomes(job)["grace"] == "failed"
    assert "Look there whether you follow them" in job.follows.get(outcome="failed").words


def test_whoever_was_begun_with_by_a_lost_worker_comes_first(job: Following, fake: FollowsMastodon) -> None:
    alan = job.follows.get(profile__name="alan")
    Follow.objects.filter(pk=alan.pk).update(state="doing", called_at=timezone.now(), calls=1)
    fake.follow_by_hand("grace", PEOPLE[2])

    turn(job)

    assert fake.asked[0].query["acct"] == PEOPLE[2]
    assert outcomes(job)["alan"] == "followed", "by the call whose answer got lost"


def test_access_that_was_withdrawn_stops_it(job: Following, fake: FollowsMastodon) -> None:
    fake.revoke("grace")

    now = turn(job)

    assert (now.state, now.sealed_secret) == ("stopped", "")
    assert "Please allow it again" in now.trouble
    assert outcomes(job) == {"grace": "", "joan": "", "alan": ""}


def test_access_withdrawn_at_the_very_call_stops_it_too(job: Following, fake: FollowsMastodon) -> None:
    fake.script("follow", Fault.BAD_TOKEN)

    assert turn(job).state == "stopped"
    assert job.follows.filter(state="waiting", called_at=None).count() == 3


def test_a_look_that_is_refused_is_about_that_person_alone(job: Following, fake: FollowsMastodon) -> None:
    fake.script("relationships", Answer(422, {"error": "What is that?"}))

    assert turn(job).state == "finished"
    assert outcomes(job) == {"grace": "refused", "joan": "followed", "alan": "followed"}


def test_a_list_that_cannot_be_made_stops_it(prepared: Any, granted: Any, fake: FollowsMastodon, settings: Any) -> None:
    job = prepared(as_list=True)
    start(following=job, granted=granted())
    fake.script("new_list", Answer(422, {"error": "Validation failed: too many lists"}))

    now = turn(job)

    assert (now.state, fake.effective_follows()) == ("stopped", {})
    assert "too many lists" in now.trouble


def test_as_a_list_they_are_followed_and_put_on_one(prepared: Any, granted: Any, fake: FollowsMastodon) -> None:
    job = prepared(as_list=True)
    start(following=job, granted=granted())
    fake.follow_by_hand("grace", PEOPLE[0])
    fake.script("enlist", None, Fault.AFTER_502)

    turn(job)
    now = turn(job)

    assert now.state == "finished"
    assert outcomes(job) == {"grace": "already", "joan": "followed", "alan": "followed"}
    assert fake.list_of("grace") == {"Customer Service No. 1": [PEOPLE[0], PEOPLE[2], PEOPLE[1]]} or fake.list_of(
        "grace"
    ) == {"Customer Service No. 1": list(PEOPLE)}
    assert now.list_url.startswith(f"{fake.url}/lists/")


def test_after_a_week_it_stops_by_itself(job: Following, fake: FollowsMastodon) -> None:
    began = again(job).started_at
    assert began is not None

    now = turn(job, began + timedelta(days=7))

    assert (now.state, now.sealed_secret, fake.effective_follows()) == ("stopped", "", {})
    assert "longer than a week" in now.trouble


def test_a_lost_key_stops_it(job: Following, fake: FollowsMastodon, settings: Any) -> None:
    settings.FF_SEAL_KEYS = [seals.new_key()]

    now = turn(job)

    assert (now.state, now.sealed_secret) == ("stopped", "")
    assert "Please allow it again" in now.trouble


def test_one_worker_at_a_time(job: Following, fake: FollowsMastodon) -> None:
    first, second = again(job), again(job)
    first.claim()

    with pytest.raises(Overtaken):
        second.claim()
    assert not Following.objects.due(timezone.now()).exists()
    assert not fake.asked


def test_who_was_given_up_neither_calls_nor_writes(job: Following, fake: FollowsMastodon) -> None:
    """Its lease ran out while it slept, and another worker took over."""
    seek = MastodonFollower.seek

    def sleep(self: Any, *arguments: Any, **named: Any) -> Any:
        found = seek(self, *arguments, **named)
        Following.objects.filter(pk=job.pk).update(turn=job.turn + 9)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MastodonFollower, "seek", sleep)
        with pytest.raises(Overtaken):
            see_to(following=again(job))

    assert fake.asked_for("follow") == 0
    assert job.follows.filter(state="doing").count() == 1
    assert again(job).claimed_at is not None, "the claim is the other's"


def test_stopped_in_the_middle_nobody_else_is_followed(
    job: Following, fake: FollowsMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = MastodonFollower.follow

    def then_she_stops(self: Any, *arguments: Any, **named: Any) -> Any:
        stop(following=again(job))
        return follow(self, *arguments, **named)

    monkeypatch.setattr(MastodonFollower, "follow", then_she_stops)
    turn(job)

    assert list(fake.effective_follows().values()) == [1]
    assert sorted(outcomes(job).values()) == ["", "", "followed"]
    assert turn(job).sealed_secret == ""


def test_an_account_has_one_job_at_a_time(job: Following, prepared: Any, granted: Any) -> None:
    another = prepared(PEOPLE[:1], 2)

    with pytest.raises(Refused, match="just now"):
        start(following=another, granted=granted())

    assert again(another).state == "asked"


def test_begun_it_cannot_be_begun_again(job: Following, granted: Any) -> None:
    with pytest.raises(Refused, match="under way"):
        start(following=again(job), granted=granted())


def test_nobody_follows_themselves(prepared: Any, granted: Any, fake: FollowsMastodon) -> None:
    job = prepared()
    Profile.objects.filter(name="joan").update(uri=granted().uri)

    start(following=job, granted=granted())

    assert set(outcomes(job)) == {"grace", "alan"}


def test_a_token_that_another_job_uses_too_is_not_given_back(
    job: Following, prepared: Any, granted: Any, fake: FollowsMastodon
) -> None:
    """Mastodon hands out the same token again for the same person, app and scopes."""
    same = Granted(
        Network.MASTODON, fake.url, again(job).uri, Handle(Network.MASTODON, "grace", fake.domain), "grace",
        again(job).open_secret(), MAKE_LIST,
    )  # fmt: skip
    stop(following=again(job))
    another = prepared(PEOPLE[:1], 2)
    start(following=another, granted=same)

    let_go(following=again(job))

    assert same.secret["token"] in fake.tokens
    assert turn(another).state == "finished"
    assert same.secret["token"] not in fake.tokens


def test_allowed_anew_the_old_tokens_are_given_back_at_once(
    job: Following, granted: Any, fake: FollowsMastodon
) -> None:
    old = again(job).open_secret()["token"]
    stop(following=again(job))

    start(following=again(job), granted=granted())

    assert old not in fake.tokens
    assert turn(job).state == "finished"


def test_what_is_under_way_is_not_let_go_of(job: Following) -> None:
    with pytest.raises(Overtaken):
        let_go(following=again(job))


def test_what_is_not_under_way_is_not_tried_again_without_leave(job: Following) -> None:
    turn(job)

    with pytest.raises(Refused, match="allow it again"):
        try_again(following=again(job))


def test_a_choice_that_was_never_allowed_is_forgotten_after_a_while(prepared: Any) -> None:
    first, second = prepared(number=1), prepared(number=2)
    assert Following.objects.count() == 2, "in another tab they may just be saying yes"
    Following.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(hours=2))

    third = prepared(number=3)

    assert set(Following.objects.all()) == {second, third}


def test_so_many_at_a_time_and_no_more(prepared: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommendations.actions.follow.MOST", 2)

    with pytest.raises(Refused, match="more than 2"):
        prepared()


def test_on_x_nobody_can_be_followed(community: Community, grace: User) -> None:
    edition = published(community, [somebody("barbara", Network.X)])

    with pytest.raises(Refused, match="one by one"):
        prepare(by=grace, community=community, edition=edition, network=Network.X, chosen={1})


def test_rows_say_what_they_are(job: Following) -> None:
    assert str(job.follows.get(profile__name="alan")) == "Alan for Customer Service No. 1 on Mastodon"


# On a real Bluesky server


@pytest.fixture
def on_bluesky(pds: Pds, settings: Any, community: Community, grace: User) -> Callable[..., Following]:
    """She follows these accounts with hers: on_bluesky(account, people)."""
    settings.FF_OPEN_HOSTS = list(pds.options.open_hosts)
    settings.FF_PLC_URL, settings.FF_BLUESKY_RESOLVER = pds.plc_url, pds.url

    def make(account: Account, people: list[Account], *, as_list: bool = False, **tokens: str) -> Following:
        asker, here = networks.authorizer(Network.BLUESKY, options()), bluesky_app.redirect_uri(settings.FF_BASE_URL)
        who = Handle(Network.BLUESKY, account.handle)
        scopes = BlueskyFollower(options()).scopes(as_list=as_list)
        asked = asker.ask(who, redirect_uri=here, scopes=scopes)
        granted = asker.grant(asked.pending, dict(parse_qsl(urlsplit(consent(pds, asked.url, account)).query)))
        profiles = [somebody(each.handle, Network.BLUESKY, uri=each.did) for each in people]
        edition = published(community, profiles)
        chosen = {profile.pk for profile in profiles}
        job = prepare(
            by=grace, community=community, edition=edition, network=Network.BLUESKY, chosen=chosen, as_list=as_list
        )
        start(following=job, granted=replace(granted, secret=granted.secret | tokens))
        return job

    return make


@pytest.mark.pds
def test_on_bluesky_whom_one_follows_already_is_settled_before_anybody_is_called_for(on_bluesky: Any, pds: Pds) -> None:
    her, rosa, emma = pds.account("grace"), pds.account("rosa"), pds.account("emma")
    record = {"$type": FOLLOW, "subject": rosa.did, "createdAt": "2026-01-01T00:00:00Z"}
    pds.put(her, FOLLOW, "3kaaaaaaaaa22", record)
    job = on_bluesky(her, [rosa, emma])
    Profile.objects.filter(uri=emma.did).update(word="declined")

    assert turn(job).state == "finished"

    assert outcomes(job) == {rosa.handle: "already", emma.handle: "refused"}
    assert [each["value"]["subject"] for each in pds.records(her, FOLLOW)] == [rosa.did]


@pytest.mark.pds
def test_on_bluesky_renewed_tokens_are_kept_and_given_back(
    on_bluesky: Any, pds: Pds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BlueskyFollower, "per_minute", 1)
    her, rosa, emma = pds.account("grace"), pds.account("rosa"), pds.account("emma")
    job = on_bluesky(her, [rosa, emma], access="worn-out")
    before = again(job).open_secret()

    first = turn(job)

    kept = first.open_secret()
    assert (kept["access"] != before["access"], kept["refresh"] != before["refresh"]) == (True, True)
    assert turn(job).state == "finished"
    with pytest.raises(Revoked):
        BlueskyFollower(options()).renewed(kept)


@pytest.mark.pds
def test_on_bluesky_a_refusal_is_about_that_person_alone(
    on_bluesky: Any, pds: Pds, monkeypatch: pytest.MonkeyPatch
) -> None:
    her, rosa, emma = pds.account("grace"), pds.account("rosa"), pds.account("emma")
    job = on_bluesky(her, [rosa, emma])
    seek = BlueskyFollower.seek

    def askew(self: Any, person: Person, **named: Any) -> Any:
        wire = seek(self, person, **named)
        return wire | {"rkey": "no such key!"} if person.uri == rosa.did and isinstance(wire, dict) else wire

    monkeypatch.setattr(BlueskyFollower, "seek", askew)

    assert turn(job).state == "finished"
    assert outcomes(job) == {rosa.handle: "refused", emma.handle: "followed"}


@pytest.mark.pds
def test_on_bluesky_people_are_put_on_a_list_and_nobody_is_followed(on_bluesky: Any, pds: Pds) -> None:
    her, rosa, emma = pds.account("grace"), pds.account("rosa"), pds.account("emma")
    job = on_bluesky(her, [rosa, emma], as_list=True)

    now = turn(job)

    assert (now.state, outcomes(job)) == ("finished", {rosa.handle: "listed", emma.handle: "listed"})
    assert [each["value"]["name"] for each in pds.records(her, LIST)] == ["Customer Service No. 1"]
    assert {each["value"]["subject"] for each in pds.records(her, ITEM)} == {rosa.did, emma.did}
    assert pds.records(her, FOLLOW) == []
    assert now.list_url == f"https://bsky.app/profile/{her.did}/lists/{pds.records(her, LIST)[0]['uri'][-13:]}"
