"""Lists on the networks: one for each edition and one for the crew, of those who may be on them now, however often."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations import tasks
from recommendations.actions.compile import compile_edition
from recommendations.actions.connect import pause
from recommendations.actions.correct import watch_deliveries
from recommendations.actions.keep_lists import CREW, EDITION, keep_list, plan_lists
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.actions.restore import begin_after_restore
from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.models import Channel, Edition, NativeList, Notification, Profile, Quote
from recommendations.models.native_list import KEEP_LEASE
from recommendations.models.state import Overtaken
from recommendations.networks.base import Rejected, Revoked, Unavailable
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.fake_network import Lost, Renewed
from tests.recommendations.actions.conftest import REASON

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)
WEEK = timedelta(days=7)


class Killed(BaseException):
    """The worker dies at once."""


@pytest.fixture
def bluesky(fake_networks):
    return fake_networks[Network.BLUESKY]


@pytest.fixture
def on_bluesky(bluesky):
    """Somebody on the fake Bluesky: on_bluesky("rosa") -> @rosa.test."""

    def make(name, **said):
        handle = Handle(Network.BLUESKY, f"{name}.test")
        bluesky.add_person(handle, uri=did(name), name=name.capitalize(), **said)
        return handle

    return make


@pytest.fixture
def out(edition, on_bluesky, on_mastodon, grace, alan, channel):
    """Published on Friday: Rosa and Emma of Bluesky, Clara of Mastodon."""
    for handle, by in ((on_bluesky("rosa"), grace), (on_bluesky("emma"), alan), (on_mastodon("clara"), grace)):
        nominate(by=by, edition=edition, handle=handle, reason=REASON, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    edition.refresh_from_db()
    return publish(edition=edition, at=FRIDAY)


def did(name):
    return f"did:fake:{name}"


def sweep(at=FRIDAY):
    tasks.sweep(at=at, run=tasks.at_once)


def sweeps(at, times=3):
    for minute in range(times):
        sweep(at + timedelta(minutes=minute))


def decline(name, at=LATER):
    profile = Profile.objects.get(uri=did(name))
    Profile.objects.filter(pk=profile.pk).update(word="declined")
    watch_deliveries(profile, at=at)


def on_lists(bluesky, kind):
    """Who stands on the lists of one kind."""
    return [{uri.removeprefix("did:fake:") for uri in each.members} for each in bluesky.lists.of(kind=kind)]


def made(bluesky):
    return len(bluesky.called("keep_list"))


def test_an_edition_and_the_crew_get_one_list_each_of_their_people_on_that_network(bluesky, out):
    sweeps(FRIDAY)

    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"rosa", "emma"}]
    (of_edition,), (of_crew,) = bluesky.lists.of(kind=EDITION), bluesky.lists.of(kind=CREW)
    assert of_edition.name == "Customer Service No. 1"
    assert of_crew.name == "Customer Service: the whole crew"
    assert "http://localhost:8000/c/custserv/editions/1/" in of_edition.description
    assert "http://localhost:8000/c/custserv/crew/" in of_crew.description
    assert set(NativeList.objects.values_list("state", flat=True)) == {"kept"}
    assert NativeList.objects.exclude(remote_url="").count() == 2


def test_it_is_made_once_however_often_it_is_swept(bluesky, out):
    sweeps(FRIDAY, 5)
    tasks.plan_lists_of(out.deliveries.get().pk)
    for kept in NativeList.objects.all():
        tasks.list_one(kept.pk)

    assert made(bluesky) == 2
    assert NativeList.objects.count() == 2


def test_people_stand_in_the_editions_order(bluesky, out):
    sweeps(FRIDAY)

    ranked = [entry.profile.uri for entry in out.entries.ranked() if entry.profile.network == "bluesky"]
    assert list(bluesky.lists.of(kind=EDITION)[0].members) == ranked


def test_who_declines_is_gone_from_every_list_at_the_next_sweep(bluesky, out):
    sweeps(FRIDAY)

    decline("rosa")
    sweep(LATER)

    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"emma"}]
    assert [kept.members for kept in NativeList.objects.all()] == [[did("emma")]] * 2


def test_who_declines_before_the_list_is_made_was_never_on_it(bluesky, out):
    tasks.plan_lists_of(out.deliveries.get().pk, FRIDAY.isoformat())
    decline("rosa")

    sweeps(LATER)

    assert all(did("rosa") not in call.arguments["wanted"].members for call in bluesky.called("keep_list"))


def test_when_everybody_declines_nothing_stands_and_whoever_accepts_again_is_back(bluesky, out):
    sweeps(FRIDAY)

    for name in ("rosa", "emma"):
        decline(name)
    sweeps(LATER)
    assert bluesky.lists.standing == {}
    assert set(NativeList.objects.values_list("remote_url", "state")) == {("", "kept")}

    rosa = Profile.objects.get(uri=did("rosa"))
    Profile.objects.filter(pk=rosa.pk).update(word="accepted")
    watch_deliveries(rosa, at=LATER + WEEK)
    sweeps(LATER + WEEK)
    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"rosa"}]


def test_who_shows_themself_only_to_people_signed_in_may_be_listed_on_their_own_network(bluesky, out):
    Profile.objects.filter(uri=did("rosa")).update(members_only=True)

    sweeps(FRIDAY)

    assert on_lists(bluesky, EDITION) == [{"rosa", "emma"}]


@pytest.mark.parametrize("said", [{"signal": Signal.NEVER}, {"signal": Signal.UNKNOWN}, {"word": "declined"}])
def test_who_may_not_be_posted_is_on_no_list(bluesky, out, said):
    Profile.objects.filter(uri=did("rosa")).update(**said)

    sweeps(FRIDAY)

    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"emma"}]


def test_an_edition_without_anybody_there_calls_nobody(bluesky, published):
    sweeps(FRIDAY)

    assert made(bluesky) == 0
    assert set(NativeList.objects.values_list("state", flat=True)) == {"kept"}


def test_the_crew_grows_with_the_next_edition(bluesky, out, on_bluesky, community, ada):
    sweeps(FRIDAY)
    following = community.editions.get(state=Edition.State.OPEN)
    monday = MONDAY + WEEK
    nominate(by=ada, edition=following, handle=on_bluesky("lena"), reason=REASON, at=monday)
    compile_edition(edition=following, at=THURSDAY + WEEK)
    following.refresh_from_db()
    publish(edition=following, at=FRIDAY + WEEK)

    sweeps(FRIDAY + WEEK)

    assert sorted(map(sorted, on_lists(bluesky, EDITION))) == [["emma", "rosa"], ["lena"]]
    assert on_lists(bluesky, CREW) == [{"rosa", "emma", "lena"}]
    (crew,) = bluesky.lists.of(kind=CREW)
    assert crew.members[0] == did("lena")


def test_a_list_takes_so_many_and_the_newest_stay(bluesky, out):
    bluesky.lists.most = 1

    sweeps(FRIDAY)

    assert [len(people) for people in on_lists(bluesky, CREW)] == [1]


def test_who_left_one_edition_is_off_its_list_and_off_the_crews(bluesky, out):
    sweeps(FRIDAY)
    out.entries.filter(profile__uri=did("rosa")).update(left_at=LATER)
    watch_deliveries(Profile.objects.get(uri=did("rosa")), at=LATER)

    sweep(LATER)

    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"emma"}]


def test_a_community_that_asks_first_from_now_on_lists_only_who_accepted(client, bluesky, out, ada):
    Profile.objects.filter(uri=did("emma")).update(word="accepted")
    sweeps(FRIDAY)
    client.force_login(ada)
    form = client.get("/desk/custserv/settings/").context["form"]
    kept = {name: value for name, value in form.initial.items() if value not in (None, False)}

    answer = client.post("/desk/custserv/settings/", kept | {"form": "community", "consent": "ask_first"})
    sweeps(timezone.now())

    assert answer.status_code == 302
    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"emma"}]


def test_after_a_restore_every_list_is_read_again(bluesky, out):
    sweeps(FRIDAY)

    begin_after_restore(at=LATER)

    assert set(NativeList.objects.values_list("state", flat=True)) == {"due"}


# Channels


def test_a_rehearsal_writes_nothing_to_the_network(bluesky, edition, on_bluesky, grace, channel):
    Channel.objects.update(state="rehearsal")
    nominate(by=grace, edition=edition, handle=on_bluesky("rosa"), reason=REASON, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    edition.refresh_from_db()
    publish(edition=edition, at=FRIDAY)
    sweeps(FRIDAY)
    Channel.objects.update(state="live")
    sweeps(LATER)

    assert made(bluesky) == 0
    assert not NativeList.objects.exists()


def test_a_network_without_lists_is_left_alone(bluesky, edition, on_bluesky, grace, channel):
    Channel.objects.update(network="mastodon")
    nominate(by=grace, edition=edition, handle=on_bluesky("rosa"), reason=REASON, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    edition.refresh_from_db()
    publish(edition=edition, at=FRIDAY)

    sweeps(FRIDAY)

    assert not NativeList.objects.exists()


def test_on_a_paused_channel_people_leave_and_nobody_comes(bluesky, out, curator):
    sweeps(FRIDAY)
    pause(channel=Channel.objects.get(), by=curator)
    accepted = Profile.objects.create(
        network="bluesky", uri=did("lena"), name="lena.test", signal="automatic", display_name="Lena"
    )
    out.entries.create(profile=accepted, rank=9)

    decline("rosa")
    sweeps(LATER)

    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"emma"}]


def test_on_a_paused_channel_nothing_new_is_made(bluesky, out, curator):
    tasks.plan_lists_of(out.deliveries.get().pk, FRIDAY.isoformat())
    pause(channel=Channel.objects.get(), by=curator)

    sweeps(FRIDAY)

    assert made(bluesky) == 0


def test_a_revoked_channel_stops_and_goes_on_when_it_is_connected_again(bluesky, out):
    bluesky.script("keep_list", Revoked("Connect it again."))
    sweep(FRIDAY)
    assert Channel.objects.get().state == "revoked"
    assert bluesky.lists.standing == {}

    Channel.objects.update(state="live")
    sweeps(LATER)

    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"rosa", "emma"}]


def test_a_renewed_session_is_kept(bluesky, out):
    bluesky.script("keep_list", Renewed({"account": "did:fake:custserv.example", "token": "second"}))

    sweep(FRIDAY)

    assert Channel.objects.get().open_secret()["token"] == "second"


# Killed, doubled, refused


@pytest.mark.parametrize("stored", [True, False])
def test_a_lost_answer_ends_in_one_list(bluesky, out, stored):
    bluesky.script("keep_list", Lost(stored=stored), Lost(stored=stored))

    sweep(FRIDAY)
    assert set(NativeList.objects.values_list("state", flat=True)) == {"due"}
    sweeps(LATER)

    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"rosa", "emma"}]
    assert set(NativeList.objects.values_list("state", "trouble")) == {("kept", "")}


def test_who_declines_after_a_lost_answer_is_taken_down_on_a_paused_channel_too(bluesky, out, curator):
    bluesky.script("keep_list", Lost(stored=True), Lost(stored=True))
    sweep(FRIDAY)
    pause(channel=Channel.objects.get(), by=curator)

    decline("rosa")
    sweeps(LATER)

    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"emma"}]


def test_a_busy_network_is_asked_when_it_says(bluesky, out):
    bluesky.script("keep_list", *[Unavailable("busy", retry_at=LATER)] * 2)
    sweep(FRIDAY)

    sweep(LATER - timedelta(minutes=1))
    assert made(bluesky) == 2
    sweep(LATER)

    assert on_lists(bluesky, EDITION) == [{"rosa", "emma"}]


def test_a_refusal_is_not_repeated_until_somebodys_wishes_change(bluesky, out):
    bluesky.script("keep_list", *[Rejected("An unkind name.")] * 2)
    sweeps(FRIDAY, 4)
    assert made(bluesky) == 2
    assert set(NativeList.objects.values_list("state", "trouble")) == {("failed", "An unkind name.")}
    assert Notification.objects.filter(kind="curator", key__startswith="list:").count() == 2

    decline("rosa")
    sweep(LATER)

    assert on_lists(bluesky, EDITION) == [{"emma"}]


def test_what_its_owner_deleted_is_not_made_again_nor_shown(bluesky, out):
    sweeps(FRIDAY)
    bluesky.lists.standing.clear()

    decline("rosa")
    sweeps(LATER)

    assert bluesky.lists.standing == {}
    assert set(NativeList.objects.values_list("state", "remote_url")) == {("failed", "")}


@pytest.mark.parametrize("point", ["before the call", "after the call"])
def test_a_worker_killed_at_any_point_leaves_a_row_that_is_found_again(bluesky, out, monkeypatch, point):
    tasks.plan_lists_of(out.deliveries.get().pk, FRIDAY.isoformat())
    kept = NativeList.objects.get(edition=out)
    standing = bluesky.lists.keep_list

    def dies(wanted, *, secret):
        if point == "after the call":
            standing(wanted, secret=secret)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(type(bluesky.lists), "keep_list", lambda _self, *args, **kw: dies(*args, **kw))
        with pytest.raises(Killed):
            tasks.list_one(kept.pk, FRIDAY.isoformat())
    assert set(NativeList.objects.get(pk=kept.pk).members) == {did("rosa"), did("emma")}
    sweep(FRIDAY)
    assert NativeList.objects.get(pk=kept.pk).state == "keeping"

    NativeList.objects.filter(pk=kept.pk).update(claimed_at=FRIDAY - 100 * WEEK)
    sweep(LATER)

    assert on_lists(bluesky, EDITION) == [{"rosa", "emma"}]
    assert NativeList.objects.get(pk=kept.pk).state == "kept"


def test_of_two_workers_one_wins(bluesky, out):
    plan_lists(delivery=out.deliveries.get(), at=FRIDAY)
    first, second = (NativeList.objects.get(edition=out) for _ in range(2))

    keep_list(kept=first, at=FRIDAY)
    with pytest.raises(Overtaken):
        keep_list(kept=second, at=FRIDAY)

    assert made(bluesky) == 1


def test_who_declines_while_the_call_is_under_way_is_taken_off_next(bluesky, out):
    tasks.plan_lists_of(out.deliveries.get().pk, FRIDAY.isoformat())
    once = iter([True])

    def meanwhile(verb):
        if verb == "keep_list" and next(once, False):
            decline("rosa", at=FRIDAY)

    bluesky.before = meanwhile
    tasks.list_one(NativeList.objects.get(edition=out).pk, FRIDAY.isoformat())
    assert on_lists(bluesky, EDITION) == [{"rosa", "emma"}]
    assert NativeList.objects.get(edition=out).state == "due"
    sweep(FRIDAY)

    assert on_lists(bluesky, EDITION) == on_lists(bluesky, CREW) == [{"emma"}]


def test_a_worker_that_lost_its_claim_before_the_call_makes_none(bluesky, out, monkeypatch):
    tasks.plan_lists_of(out.deliveries.get().pk, FRIDAY.isoformat())
    kept = NativeList.objects.get(edition=out)
    opened = Channel.open_secret

    def slow(channel):
        NativeList.objects.filter(pk=kept.pk).update(claims=9)
        return opened(channel)

    monkeypatch.setattr(Channel, "open_secret", slow)
    with pytest.raises(Overtaken):
        keep_list(kept=kept, at=FRIDAY)

    assert made(bluesky) == 0


def test_a_worker_that_lost_its_claim_during_the_call_has_it_looked_at_again(bluesky, out):
    tasks.plan_lists_of(out.deliveries.get().pk, FRIDAY.isoformat())
    kept = NativeList.objects.get(edition=out)
    bluesky.before = lambda _verb: NativeList.objects.filter(pk=kept.pk).update(state="kept")

    with pytest.raises(Overtaken):
        keep_list(kept=kept, at=FRIDAY)

    assert NativeList.objects.get(pk=kept.pk).state == "due"


def test_the_lease_is_longer_than_reading_and_writing_may_take():
    from recommendations.networks.bluesky_lists import CALL_SECONDS, LOOK_SECONDS

    assert KEEP_LEASE.total_seconds() > LOOK_SECONDS + 12 * CALL_SECONDS


# The words


def test_words_are_in_the_communitys_language_and_nobody_is_named_in_them(bluesky, out, community):
    type(community).objects.update(name="Kundendienst 💬")

    sweeps(FRIDAY)

    assert bluesky.lists.of(kind=EDITION)[0].name == "Kundendienst 💬 No. 1"
    assert Quote.objects.exists()


def test_rows_say_what_they_are(out):
    tasks.plan_lists_of(out.deliveries.get().pk, FRIDAY.isoformat())

    assert sorted(str(kept).partition(" on ")[0] for kept in NativeList.objects.all()) == [
        "Customer Service 2026-W45",
        "the crew",
    ]
