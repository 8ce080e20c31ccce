"""Whoever wants to be forgotten is: at once where we can see to it, soon where a network must be asked, and wholly."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test import Client

from accounts.models import ApiToken, LinkedHandle, User
from recommendations import networks, seals, tasks, terms
from recommendations.actions import Refused
from recommendations.actions import compile as compiling
from recommendations.actions import erase as module
from recommendations.actions.archive import archive
from recommendations.actions.comment import comment
from recommendations.actions.compile import compile_edition
from recommendations.actions.consent import accept, profile_of
from recommendations.actions.count import count
from recommendations.actions.erase import FATES, Fate, erase, go_on_erasing
from recommendations.actions.join import ban, join
from recommendations.actions.look_up import look_up
from recommendations.actions.moderate import decide
from recommendations.actions.nominate import nominate
from recommendations.actions.notify import notify
from recommendations.actions.publish import publish
from recommendations.actions.report import report
from recommendations.actions.vote import approve
from recommendations.handles import Handle, Network
from recommendations.models import (
    Appeal,
    Block,
    Channel,
    Comment,
    DoNotList,
    Edition,
    Entry,
    Erasure,
    Findable,
    Follow,
    Following,
    FormerHandle,
    Ledger,
    Membership,
    Moderation,
    NativeList,
    Nomination,
    Post,
    Profile,
    Quote,
    Report,
    Thanks,
    Vote,
)
from recommendations.models.ledger import unpacked
from recommendations.models.reported import find
from recommendations.models.state import Overtaken
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.recommendations.actions.conftest import REASON, names
from tests.recommendations.actions.test_export import relations

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)
NEXT = FRIDAY + timedelta(days=2)
HERS = "Zephyrine says: nobody explains hold music as they do."
ZEPHYRINE = Handle(Network.MASTODON, "zephyrine", "quiet.example")
URI = "https://quiet.example/users/zephyrine"


@pytest.fixture(autouse=True)
def _a_folder_of_ones_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def sweep(since=LATER, minutes=30):
    for minute in range(minutes):
        tasks.sweep(at=since + timedelta(minutes=minute), run=tasks.at_once)


def everything() -> str:
    """All rows of all tables, as text."""
    rows = {model._meta.label: list(model._default_manager.values()) for model in apps.get_models()}
    return json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, default=str).lower()


def files() -> str:
    """The media folder: names and what is in the files."""
    there = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    return "".join(f"{path.name} {path.read_bytes().decode('latin-1')}" for path in there).lower()


def assert_forgotten(*names: str) -> None:
    rest = everything()
    for name in names or ("zephyrine",):
        for text in (name, terms.spelled(name)):
            place = rest.find(text)
            assert place < 0, rest[max(0, place - 400) : place + 80]
    assert "zephyrine" not in files()


@pytest.fixture
def zephyrine(person, community):
    user = person("Zephyrine")
    join(community=community, user=user, agreed=True, at=MONDAY - timedelta(days=3))
    return user


@pytest.fixture
def hers(zephyrine):
    """Her account on a network, proven."""
    return LinkedHandle.objects.create(
        user=zephyrine, network="mastodon", name="zephyrine", host="quiet.example", uri=URI, proven_at=MONDAY
    )


@pytest.fixture
def on_quiet(fake_networks):
    def make(**said):
        given = {
            "uri": URI,
            "name": "Zephyrine Zeuner",
            "bio": "I am Zephyrine.",
            "page_url": "https://quiet.example/@zephyrine",
        }
        fake_networks[Network.MASTODON].add_person(ZEPHYRINE, **(given | said))
        return ZEPHYRINE

    return make


# Every relation


def test_every_relation_to_somebody_has_a_fate():
    assert set(FATES) == relations()


# The account


def test_the_account_is_gone_with_all_that_opens_it(zephyrine, hers):
    client = Client()
    client.force_login(zephyrine)
    client.get("/me/")
    EmailAddress.objects.create(user=zephyrine, email="z@post.example", verified=True)
    _token, text = ApiToken.objects.issue(zephyrine, "script")
    key = client.session.session_key
    UserSession.objects.get_or_create(
        user=zephyrine, session_key=key, defaults={"ip": "203.0.113.7", "user_agent": "x"}
    )

    erase(user=zephyrine, at=LATER)

    assert not User.objects.filter(username="zephyrine").exists()
    assert ApiToken.objects.bearer(text) is None
    assert not Session.objects.filter(session_key=key).exists()
    assert client.get("/me/").status_code == 302
    assert not Erasure.objects.exists()
    assert_forgotten()


def test_twice_does_no_harm(zephyrine):
    again = User.objects.get(pk=zephyrine.pk)
    erase(user=zephyrine, at=LATER)

    with pytest.raises(User.DoesNotExist):
        erase(user=again, at=LATER)


def test_what_was_granted_is_given_back_first_and_outside_of_any_transaction(zephyrine, community, monkeypatch):
    dropped = []

    class Recording:
        def drop(self, secret):
            dropped.append((secret, len(connection.savepoint_ids), User.objects.filter(pk=zephyrine.pk).exists()))

    monkeypatch.setitem(networks.AUTHORIZERS, Network.MASTODON, lambda _options: Recording())
    job = Following(user=zephyrine, community=community, network="mastodon", state="running", uri="x", started_at=LATER)
    job.sealed_secret = job.seal_secret({"token": "hers"})
    job.save()

    erase(user=zephyrine, at=LATER)

    assert dropped == [({"token": "hers"}, 0, True)]
    assert not Following.objects.exists()
    assert not User.objects.filter(pk=zephyrine.pk).exists()


def test_while_a_worker_follows_for_her_the_account_is_shut_and_the_sweep_goes_on_later(
    zephyrine, community, monkeypatch
):
    monkeypatch.setitem(
        networks.AUTHORIZERS, Network.MASTODON, lambda _options: type("A", (), {"drop": lambda *_: None})()
    )
    job = Following(user=zephyrine, community=community, network="mastodon", state="running", uri="x", started_at=LATER)
    job.sealed_secret = job.seal_secret({"token": "hers"})
    job.save()
    job.claim()

    erase(user=zephyrine, at=LATER)

    zephyrine.refresh_from_db()
    assert not zephyrine.is_active
    assert Erasure.objects.get().state == "asked"
    Following.objects.update(claimed_at=None)
    tasks.erase_one(Erasure.objects.get().pk, (LATER + timedelta(minutes=2)).isoformat())
    assert not User.objects.filter(pk=zephyrine.pk).exists()


def test_a_key_that_is_lost_holds_nothing_up(zephyrine, community, settings):
    job = Following(user=zephyrine, community=community, network="mastodon", state="stopped")
    job.sealed_secret = job.seal_secret({"token": "hers"})
    job.save()
    settings.FF_SEAL_KEYS = [seals.new_key()]

    erase(user=zephyrine, at=LATER)

    assert not User.objects.filter(pk=zephyrine.pk).exists()


@pytest.mark.parametrize("where", ["_withdraw", "_unsay", "_unquote", "_leave_the_records", "forget", "clear_away"])
def test_killed_anywhere_it_is_finished_by_the_sweep(
    zephyrine, hers, edition, on_quiet, grace, monkeypatch, on_mastodon, where, channel
):
    nominate(by=grace, edition=edition, handle=on_quiet(), reason=REASON, at=MONDAY)
    nominate(by=zephyrine, edition=edition, handle=on_mastodon("emma"), reason=HERS, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)

    def killed(**_or: object):
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(module, where, lambda *_args, **_named: killed())
        with pytest.raises(SystemExit):
            erase(user=zephyrine, forget_profiles=True, at=LATER)
    sweep()

    assert not Erasure.objects.exists()
    assert_forgotten()


def test_of_two_workers_one_erases(zephyrine):
    erasure = module._shut(zephyrine, False, LATER)
    slow = Erasure.objects.select_related("user").get()
    go_on_erasing(erasure=erasure, at=LATER)
    Erasure.objects.create(pk=slow.pk, state="clearing", asked_at=LATER, due_at=LATER)

    with pytest.raises(Overtaken):
        module._delete(slow, LATER)


# Communities


def test_an_owner_hands_over_first(ada, community):
    with pytest.raises(Refused, match="You own Customer Service"):
        erase(user=ada, at=LATER)

    assert User.objects.get(pk=ada.pk).is_active
    assert not Erasure.objects.exists()


def test_an_owner_who_is_alone_ends_it_first(ada, grace, alan, community, curator, client):
    with pytest.raises(Refused, match="not alone"):
        archive(by=curator, at=LATER)
    community.memberships.exclude(user=ada).update(state="left")
    archive(by=curator, at=LATER)
    archive(by=curator, at=LATER)

    erase(user=ada, at=LATER)

    assert not community.memberships.filter(role="owner").exists()
    assert client.get("/c/custserv/").status_code == 200
    tasks.sweep(at=LATER + timedelta(days=8), run=tasks.at_once)
    assert not community.editions.filter(state="open").exists(), "no week opens any more"
    community.refresh_from_db()
    with pytest.raises(Refused, match="has ended"):
        join(community=community, user=grace, agreed=True)


def test_only_the_owner_ends_a_community_and_not_while_an_edition_is_on_its_way(draft, community, curator, grace):
    with pytest.raises(Refused, match="Only the owner"):
        archive(by=community.memberships.get(user=grace), at=LATER)
    community.memberships.exclude(user=curator.user).update(state="left")
    with pytest.raises(Refused, match="still on its way"):
        archive(by=curator, at=LATER)


# What they said and voted


def test_on_open_boards_a_second_leads_or_it_is_gone(zephyrine, edition, on_mastodon, grace):
    seconded = nominate(by=zephyrine, edition=edition, handle=on_mastodon("rosa"), reason=HERS, at=MONDAY).nomination
    nominate(by=zephyrine, edition=edition, handle=on_mastodon("emma"), reason=HERS, at=MONDAY)
    other = nominate(by=grace, edition=edition, handle=on_mastodon("clara"), reason=REASON, at=MONDAY).nomination
    approve(by=grace, nomination=seconded, reason=f"{REASON} Mine.", at=MONDAY)
    approve(by=zephyrine, nomination=other, reason=HERS, at=MONDAY)

    erase(user=zephyrine, at=MONDAY)

    assert {each.profile.name: each.nominator for each in Nomination.objects.all()} == {"rosa": grace, "clara": grace}
    assert set(Vote.objects.values_list("voter", flat=True)) == {grace.pk}
    assert_forgotten()


def test_in_lists_that_are_out_the_line_stays_and_the_words_go(zephyrine, edition, on_mastodon, grace, client):
    nomination = nominate(by=zephyrine, edition=edition, handle=on_mastodon("rosa"), reason=HERS, at=MONDAY).nomination
    approve(by=grace, nomination=nomination, reason=REASON, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    published = publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)
    comment(by=zephyrine, edition=published, text="Zephyrine agrees.", at=LATER)
    before = published.entries.values("rank", "score", "supporters", "explanation").get()

    erase(user=zephyrine, at=LATER)

    page = client.get(published.get_absolute_url()).content.decode()
    assert "Rosa" in page
    assert REASON in page
    assert HERS not in page
    assert "Zephyrine" not in page
    assert published.entries.values("rank", "score", "supporters", "explanation").get() == before
    nomination.refresh_from_db()
    assert (nomination.nominator, nomination.reason) == (None, "")
    assert Vote.objects.filter(nomination=nomination, voter=None).count() == 1
    assert not Erasure.objects.exists()
    assert_forgotten()


def test_words_in_a_draft_go_too(zephyrine, edition, on_mastodon):
    nominate(by=zephyrine, edition=edition, handle=on_mastodon("rosa"), reason=HERS, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)

    erase(user=zephyrine, at=THURSDAY)

    assert names(edition) == ["rosa"]
    assert Quote.objects.get().text == ""
    assert_forgotten()


def test_while_a_board_is_being_counted_it_is_waited_for(zephyrine, edition, on_mastodon, grace, monkeypatch):
    """Else the count would write down who voted after they are gone."""
    nominate(by=zephyrine, edition=edition, handle=on_mastodon("rosa"), reason=HERS, at=MONDAY)
    emma = nominate(by=grace, edition=edition, handle=on_mastodon("emma"), reason=REASON, at=MONDAY).nomination
    approve(by=zephyrine, nomination=emma, at=MONDAY)

    def counted_meanwhile(edition):
        draft = count(edition)
        erase(user=zephyrine, at=THURSDAY)
        return draft

    monkeypatch.setattr(compiling, "count", counted_meanwhile)
    hers = zephyrine.pk
    compile_edition(edition=edition, at=THURSDAY)

    assert not User.objects.get(pk=hers).is_active
    assert hers in unpacked(Ledger.objects.get().turnout)
    sweep(since=THURSDAY, minutes=3)
    assert not User.objects.filter(pk=hers).exists()
    assert hers not in unpacked(Ledger.objects.get().turnout)
    assert_forgotten()


def test_posts_that_quote_them_are_corrected_and_then_the_last_traces_go(
    zephyrine, edition, on_mastodon, channel, fake_networks
):
    nominate(by=zephyrine, edition=edition, handle=on_mastodon("rosa"), reason=HERS, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)
    tasks.send_due(at=FRIDAY, run=tasks.at_once)
    there = fake_networks[Network.BLUESKY]
    posted = list(there.texts)

    erase(user=zephyrine, at=LATER)

    assert any("Zephyrine" in text for text in posted)
    assert not User.objects.filter(username="zephyrine").exists()
    assert Erasure.objects.get().state == "clearing"
    assert Erasure.objects.get().user is None
    sweep()
    assert any("Rosa" in text for text in there.texts)
    assert not any("Zephyrine" in text for text in there.texts)
    assert not Erasure.objects.exists()
    assert_forgotten()


def test_where_a_network_never_answers_our_own_traces_go_in_the_end(zephyrine, edition, on_mastodon, channel):
    nominate(by=zephyrine, edition=edition, handle=on_mastodon("rosa"), reason=HERS, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)
    tasks.send_due(at=FRIDAY, run=tasks.at_once)
    Channel.objects.update(state="revoked")

    erase(user=zephyrine, at=LATER)
    sweep(minutes=10)
    assert Erasure.objects.exists()
    assert Quote.objects.get().text == HERS
    sweep(since=LATER + timedelta(days=9), minutes=1)

    assert not Erasure.objects.exists()
    assert_forgotten()


def test_rehearsed_posts_are_composed_anew(zephyrine, edition, on_mastodon, channel):
    Channel.objects.update(state="rehearsal")
    nominate(by=zephyrine, edition=edition, handle=on_mastodon("rosa"), reason=HERS, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)
    assert "Zephyrine" in "".join(Post.objects.values_list("text", flat=True))

    erase(user=zephyrine, at=LATER)

    assert "Rosa" in "".join(Post.objects.values_list("text", flat=True))
    assert_forgotten()


# The records of a community


def test_decisions_stay_without_them(zephyrine, edition, on_mastodon, grace, ada, curator, community, person):
    nomination = nominate(by=zephyrine, edition=edition, handle=on_mastodon("rosa"), reason=HERS, at=MONDAY).nomination
    approve(by=grace, nomination=nomination, reason=REASON, at=MONDAY)
    other = nominate(by=grace, edition=edition, handle=on_mastodon("emma"), reason=REASON, at=MONDAY).nomination
    thing = find(f"nomination-{nomination.pk}")
    report(by=grace, thing=thing, type="unkind", at=MONDAY)
    (warned,) = decide(thing=thing, by=ada, deeds=["warn"], words="Zephyrine, mind your words.", at=MONDAY)
    Appeal.objects.create(decision=warned, by=zephyrine, words="Zephyrine objects.", at=MONDAY)
    report(by=zephyrine, thing=find(f"nomination-{other.pk}"), type="other", words="Zephyrine reports.", at=MONDAY)
    ban(membership=community.memberships.get(user=zephyrine), by=curator, reason="Zephyrine was rude.")
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=ada, content_type=kind, object_id=str(zephyrine.pk), object_repr="Zephyrine", action_flag=CHANGE
    )

    erase(user=zephyrine, at=MONDAY)

    assert set(Moderation.objects.values_list("kind", flat=True)) == {"warn", "ban"}
    assert Moderation.objects.get(kind="ban").reason == "… was rude."
    assert not Appeal.objects.exists()
    withdrawn = Report.objects.get(target=other.pk)
    assert (withdrawn.state, withdrawn.reporter, withdrawn.words) == ("withdrawn", None, "")
    assert_forgotten()


def test_an_appeal_that_was_answered_stays_without_its_words(zephyrine, community, ada):
    decision = Moderation.objects.create(community=community, by=ada, role="owner", kind="warn", affected=zephyrine)
    Appeal.objects.create(decision=decision, by=zephyrine, words="Zephyrine objects.", state="overturned")

    erase(user=zephyrine, at=MONDAY)

    assert (Appeal.objects.get().state, Appeal.objects.get().words, Appeal.objects.get().by) == ("overturned", "", None)


@pytest.mark.parametrize("relation", sorted(name for name, fate in FATES.items() if fate is not Fate.THEIRS))
def test_the_fates_are_true(relation, zephyrine, community, request):
    """What `FATES` says is what the database does."""
    label, _, field = relation.rpartition(".")
    rule = apps.get_model(label)._meta.get_field(field).remote_field.on_delete.__name__

    assert rule == {Fate.DELETED: "CASCADE", Fate.NAMELESS: "SET_NULL"}[FATES[relation]]


# Without their profiles, and with them


def test_without_forgetting_what_others_said_of_them_stays(zephyrine, hers, edition, on_quiet, grace, client):
    nominate(by=grace, edition=edition, handle=on_quiet(), reason=REASON, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    published = publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)

    erase(user=zephyrine, at=LATER)

    assert "Zephyrine Zeuner" in client.get(published.get_absolute_url()).content.decode()
    assert not DoNotList.objects.exists()
    assert Profile.objects.get().word == ""


def test_nothing_that_names_them_is_left_anywhere(
    zephyrine, hers, edition, on_quiet, on_mastodon, grace, alan, ada, channel, fake_networks, curator, client
):
    handle = on_quiet()
    nomination = nominate(
        by=grace, edition=edition, handle=handle, reason=f"{REASON} Dear Zephyrine!", at=MONDAY
    ).nomination
    approve(by=alan, nomination=nomination, reason=f"{REASON} I mean @zephyrine@quiet.example.", at=MONDAY)
    nominate(by=zephyrine, edition=edition, handle=on_mastodon("emma"), reason=HERS, at=MONDAY)
    User.objects.filter(pk=alan.pk).update(date_joined=MONDAY - timedelta(days=9))
    alan.refresh_from_db()
    edition.community.memberships.update(joined_at=MONDAY - timedelta(days=9))
    nominate(by=alan, edition=edition, handle=on_mastodon("clara"), reason=f"{REASON} As {URI} does.", at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    published = publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)
    Edition.objects.filter(pk=published.pk).update(essay="We thank @Zephyrine@quiet.example for everything.")
    profile = Profile.objects.get(uri=URI)
    profile.avatar.save("avatar.webp", ContentFile(b"RIFF of zephyrine"))
    FormerHandle.objects.create(profile=profile, network="mastodon", name="zephyrine", host="old.example")
    Profile.objects.create(network="mastodon", name="zephyrine", host="older.example", moved_to=profile)
    Block.objects.create(profile=profile, blocked=alan)
    Thanks.objects.create(profile=profile, author=grace, edition=published)
    notify(user=grace, kind="thanks", key="thanks:9", by="Zephyrine Zeuner", about=str(handle), at=LATER)
    thanked = Thanks.objects.get()
    notify(user=grace, kind="thanks", key=f"thanks:{thanked.pk}", by="Zephyrine Zeuner", at=LATER)
    job = Following.objects.create(user=grace, community=published.community, network="mastodon")
    Follow.objects.create(
        following=job, profile=profile, due_at=LATER, moved_to="@zephyrine@new.example", words="zephyrine"
    )
    line = Entry.objects.get(profile=profile)
    report(by=alan, thing=find(f"entry-{line.pk}"), type="other", words="Zephyrine does not want it.", at=LATER)
    kind = ContentType.objects.get_for_model(Profile)
    LogEntry.objects.create(
        user=ada, content_type=kind, object_id=str(profile.pk), object_repr="Zephyrine", action_flag=CHANGE
    )
    sweep(FRIDAY, minutes=5)
    there = fake_networks[Network.BLUESKY]
    assert any("Zephyrine" in text for text in there.texts)
    assert "zephyrine" in files()
    assert "zephyrine" in published.share_alt.lower()
    assert Findable.objects.filter(words__contains=terms.spelled("zephyrine")).exists()

    erase(user=zephyrine, forget_profiles=True, at=LATER)

    page = client.get(published.get_absolute_url()).content.decode().lower()
    assert "zephyrine" not in page
    assert "emma" in page, "who was on the list with her still is"
    assert list(published.entries.ranked().values_list("rank", flat=True)) == [1, 2, 3]
    sweep()
    assert not Erasure.objects.exists()
    assert not any("Zephyrine" in text for text in there.texts)
    assert any("Emma" in text for text in there.texts)
    assert_forgotten("zephyrine", "zeuner", "quiet.example", "older.example", URI)
    published.refresh_from_db()
    assert published.share_image
    assert published.essay == "We thank … for everything."
    assert DoNotList.objects.count() == 3


def test_who_was_forgotten_is_never_listed_again_nor_kept(zephyrine, hers, edition, on_quiet, grace, fake_networks):
    nominate(by=grace, edition=edition, handle=on_quiet(), reason=REASON, at=MONDAY)
    erase(user=zephyrine, forget_profiles=True, at=MONDAY)
    elsewhere = Handle(Network.MASTODON, "z", "quiet.example")
    fake_networks[Network.MASTODON].add_person(elsewhere, uri=URI, name="Zephyrine Zeuner")

    for handle in (ZEPHYRINE, elsewhere):
        with pytest.raises(Refused, match="asked not to be listed"):
            nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY)
        with pytest.raises(Refused, match="asked not to be listed"):
            look_up(handle=handle, at=MONDAY)

    assert_forgotten()
    tasks.sweep(at=MONDAY + timedelta(days=400), run=tasks.at_once)
    assert_forgotten()


def test_a_curator_who_puts_them_into_a_special_edition_is_told(zephyrine, hers, edition, on_quiet, grace, ada):
    nominate(by=grace, edition=edition, handle=on_quiet(), reason=REASON, at=MONDAY)
    erase(user=zephyrine, forget_profiles=True, at=MONDAY)
    client = Client()
    client.force_login(ada)

    page = client.post("/desk/custserv/special/", {"title": "Once more", "people": "@zephyrine@quiet.example Kind."})

    assert page.status_code == 422
    assert "asked not to be listed" in page.content.decode()


def test_who_comes_back_may_say_yes_again(zephyrine, hers, edition, on_quiet, grace, person):
    nominate(by=grace, edition=edition, handle=on_quiet(), reason=REASON, at=MONDAY)
    erase(user=zephyrine, forget_profiles=True, at=MONDAY)
    back = person("Zephyrine")
    linked = LinkedHandle.objects.create(
        user=back, network="mastodon", name="zephyrine", host="quiet.example", uri=URI, proven_at=LATER
    )

    accept(profile=profile_of(linked=linked, at=LATER), by=back, at=LATER)

    assert not DoNotList.objects.exists()
    assert nominate(by=grace, edition=edition, handle=ZEPHYRINE, reason=REASON, at=MONDAY).nomination.profile.uri == URI


def test_who_had_nothing_said_of_them_is_forgotten_too(zephyrine, hers, on_quiet):
    profile_of(linked=hers, at=LATER) if on_quiet() else None

    erase(user=zephyrine, forget_profiles=True, at=LATER)

    assert_forgotten()


def test_lists_on_networks_are_seen_to_before_our_copy_of_them_goes(
    zephyrine, edition, grace, channel, fake_networks, on_mastodon
):
    handle = Handle(Network.BLUESKY, "zephyrine.example")
    fake_networks[Network.BLUESKY].add_person(handle, uri="did:fake:zephyrine", name="Zephyrine")
    LinkedHandle.objects.create(
        user=zephyrine, network="bluesky", name="zephyrine.example", uri="did:fake:zephyrine", proven_at=MONDAY
    )
    nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY)
    nominate(by=grace, edition=edition, handle=on_mastodon("emma"), reason=REASON, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)
    sweep(FRIDAY, minutes=5)
    assert any("did:fake:zephyrine" in each.members for each in NativeList.objects.all())

    erase(user=zephyrine, forget_profiles=True, at=LATER)
    sweep()

    assert not any(
        "did:fake:zephyrine" in each.members for each in fake_networks[Network.BLUESKY].lists.standing.values()
    )
    assert not Erasure.objects.exists()
    assert_forgotten()


def test_lists_that_cannot_be_changed_hold_up_nothing_for_ever(zephyrine, edition, grace, channel, fake_networks):
    handle = Handle(Network.BLUESKY, "zephyrine.example")
    fake_networks[Network.BLUESKY].add_person(handle, uri="did:fake:zephyrine", name="Zephyrine")
    LinkedHandle.objects.create(
        user=zephyrine, network="bluesky", name="zephyrine.example", uri="did:fake:zephyrine", proven_at=MONDAY
    )
    nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)
    sweep(FRIDAY, minutes=5)
    Channel.objects.update(state="revoked")

    erase(user=zephyrine, forget_profiles=True, at=LATER)
    assert Erasure.objects.exists()
    sweep(LATER + timedelta(days=9), minutes=1)

    assert not Erasure.objects.exists()
    assert_forgotten()


def test_whose_name_is_no_address_is_forgotten_without_touching_others(
    zephyrine, edition, grace, alan, fake_networks, on_mastodon
):
    """On X a handle is but a name: nobody knows whom another text means by it."""
    handle = Handle(Network.X, "zephyrine")
    fake_networks[Network.X].add_person(handle, uri="x:12", name="Zephyrine")
    LinkedHandle.objects.create(user=zephyrine, network="x", name="zephyrine", uri="x:12", proven_at=MONDAY)
    nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY)
    other = f"{REASON} Like another Zephyrine."
    nominate(by=alan, edition=edition, handle=on_mastodon("emma"), reason=other, at=MONDAY)

    erase(user=zephyrine, forget_profiles=True, at=MONDAY)

    assert not Profile.objects.filter(network="x", name="zephyrine").exists()
    assert Nomination.objects.get(profile__name="emma").reason == other


def test_members_and_comments_of_others_stay(zephyrine, published, grace, community):
    said = comment(by=zephyrine, edition=published, text="Zephyrine asks.", at=LATER)
    answer = comment(by=grace, edition=published, text="And I answer.", answer_to=said, at=LATER)

    erase(user=zephyrine, at=LATER)

    said.refresh_from_db()
    assert (said.text, said.author, said.is_standing) == ("", None, False)
    assert Comment.objects.get(pk=answer.pk).text == "And I answer."
    assert Membership.objects.filter(community=community, user=grace).exists()
