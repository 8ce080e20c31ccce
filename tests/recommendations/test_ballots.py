"""What an edition publishes of its votes, a voter's own ballot, and `manage.py recompute`."""

import io
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import orjson
import pytest
from django.core.management import CommandError, call_command

from benchmarks import recompute
from recommendations.actions.compile import compile_edition
from recommendations.actions.edit_draft import drop, reorder, restore
from recommendations.actions.erase import erase
from recommendations.actions.publish import publish
from recommendations.explanation import Method
from recommendations.models import CastVoteRecord, Community, Edition, Membership, Nomination, Profile, Vote
from tests.conftest import FRIDAY, SATURDAY, THURSDAY

pytestmark = pytest.mark.django_db

ADDRESS = "/c/custserv/editions/1/ballots.json"
MINE = "/c/custserv/editions/1/my-ballot/"
MINE_AS_FILE = "/c/custserv/editions/1/my-ballot.json"
VOTERS = 30
SCRIPT = Path(recompute.__file__)


@pytest.fixture
def voted(edition, community, person):
    """Twelve nominees and as many voters as it takes: voted(30); each approves of one to six."""

    def make(voters, method=Method.COUNT):
        Community.objects.filter(pk=community.pk).update(method=method.value, list_size=4)
        edition.community.refresh_from_db()
        users = [person(f"Voter{number}") for number in range(voters)]
        Membership.objects.bulk_create(
            Membership(community=community, user=user, joined_at=SATURDAY - timedelta(hours=1)) for user in users
        )
        for number in range(12):
            profile = Profile.objects.create(network="x", name=f"p{number}", uri=f"x:{number}", signal="automatic")
            nomination = Nomination.objects.create(
                edition=edition, profile=profile, nominator=users[number], reason=f"Reason number {number}."
            )
            Vote.objects.bulk_create(
                Vote(nomination=nomination, voter=user)
                for place, user in enumerate(users)
                if place % 12 == number or number <= place % 5
            )
        compile_edition(edition=edition, at=THURSDAY)
        return Edition.objects.select_related("community").get(pk=edition.pk)

    return make


def read(client):
    response = client.get(ADDRESS)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    return json.loads(response.content)


def page_of(client):
    return client.get("/c/custserv/editions/1/").content.decode()


def checked(tmp_path, published, ballot=None):
    """What the stand-alone script ends with and says, run as a process of its own."""
    files = []
    for name, content in (("ballots.json", published), ("my-ballot.json", ballot)):
        if content is not None:
            files.append(tmp_path / name)
            files[-1].write_text(json.dumps(content))
    done = subprocess.run([sys.executable, SCRIPT, *files], capture_output=True, text=True, cwd=tmp_path, check=False)
    return done.returncode, done.stdout + done.stderr


def recounted(week="2026-W45"):
    said = io.StringIO()
    call_command("recompute", "custserv", week, stdout=said)
    return said.getvalue()


def rewritten(edition, change):
    """The record as somebody left it who can write to the database, with a fingerprint to match."""
    kept = CastVoteRecord.objects.get(edition=edition)
    record = orjson.loads(kept.written)
    change(record)
    root, voters = kept.root, kept.voters
    CastVoteRecord.objects.keep(edition, record, voters=np.array([0]))
    CastVoteRecord.objects.filter(edition=edition).update(root=root, voters=voters)


@pytest.mark.parametrize("method", Method)
def test_for_each_place_it_says_how_many_votes_counted_and_nothing_else(voted, client, method):
    edition = voted(VOTERS, method)
    publish(edition=edition, at=FRIDAY)

    published = read(client)

    keys = {"rank", "computed_rank", "uri", "supporters"} | ({"points"} if method == Method.CIRCLES else set())
    assert {key for line in published["list"] for key in line} == keys
    assert [line["supporters"] for line in published["list"]] == [e.supporters for e in edition.entries.ranked()]
    assert set(published) == {
        "community", "number", "week", "usual_ballots", "method", "method_pinned", "ballots", "tally",
        "ballots_root", "seed", "seed_sha256", "list", "moves", "decisions",
    }  # fmt: skip
    assert set(published["tally"]) == {"counted", "did_not_count", "reasons"}
    assert published["ballots_root"] == edition.cast_vote_record.root
    assert published["moves"] == []


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("voters", [12, VOTERS])
def test_the_server_counts_again_from_its_record(voted, method, voters):
    edition = voted(voters, method)
    publish(edition=edition, at=FRIDAY)

    assert f"The same order and scores. Root of the ballots: {edition.cast_vote_record.root}" in recounted()


def test_a_ballot_changed_in_the_database_is_noticed(voted):
    edition = voted(VOTERS)

    rewritten(edition, lambda record: record["ballots"]["nominations"].__setitem__(0, 10**6))

    with pytest.raises(CommandError, match="not those of the published root"):
        recounted()


def test_an_entry_changed_in_the_database_is_noticed(voted):
    edition = voted(VOTERS)
    edition.entries.filter(computed_rank=2).update(supporters=99)

    with pytest.raises(CommandError, match="entries are not those that were written at closing"):
        recounted()


def test_a_list_that_is_not_in_the_order_of_its_votes_is_noticed_by_the_script(voted, client, tmp_path):
    publish(edition=voted(VOTERS), at=FRIDAY)
    published = read(client)
    published["list"][-1]["supporters"] += 20

    code, said = checked(tmp_path, published)

    assert code == 1
    assert "stands behind them" in said


def test_a_lot_by_a_handle_that_is_not_published_is_said_to_be_one(voted, client):
    edition = voted(VOTERS)
    first, second = edition.entries.order_by("computed_rank")[:2]
    edition.entries.filter(pk=second.pk).update(explanation=first.explanation | {"other_lot": True})
    publish(edition=edition, at=FRIDAY)

    published = read(client)

    assert [line.get("other_lot", False) for line in published["list"]] == [False, True, False, False]
    level = [line | {"supporters": 5} for line in published["list"][:2]]
    for seed in ("one", "two", "three", "four", "five", "six"):
        assert recompute.wrong_with_list({"seed": seed, "seed_sha256": None, "list": level}) == []


def test_another_seed_is_noticed_by_the_script(voted, client, tmp_path):
    publish(edition=voted(VOTERS), at=FRIDAY)
    published = read(client) | {"seed": "one that suits somebody"}

    assert checked(tmp_path, published)[0] == 1


def test_what_a_curator_moved_stands_apart_and_the_recount_holds(voted, curator, client, tmp_path):
    edition = voted(VOTERS)
    first, second, third, fourth = edition.entries.ranked()
    drop(entry=second, by=curator, reason="She asked us to.")
    fifth = edition.entries.get(computed_rank=5)  # moved up from the reserve
    order = [third.pk, first.pk, fourth.pk, fifth.pk]
    reorder(edition=edition, order=order, by=curator, reason="He goes on holiday.")
    publish(edition=edition, at=FRIDAY)

    published = read(client)

    recounted()
    assert checked(tmp_path, published)[0] == 0
    moves = {move["from"]: move["to"] for move in published["moves"]}
    assert moves[2] is None
    assert (moves[1], moves[3]) == (2, 1)
    assert [line["computed_rank"] for line in published["list"]] == [3, 1, 4, 5]


def test_who_was_pushed_behind_the_list_stands_there_as_left_out(voted, curator, client, tmp_path):
    edition = voted(VOTERS)
    first, second, third, fourth = edition.entries.ranked()
    drop(entry=second, by=curator, reason="She asked us to.")
    fifth = edition.entries.get(computed_rank=5)
    reorder(edition=edition, order=[third.pk, fourth.pk, fifth.pk, first.pk], by=curator, reason="Others first.")
    restore(entry=second, by=curator)  # of the four places none is left for the first
    publish(edition=edition, at=FRIDAY)

    published = read(client)

    moves = {move["from"]: move["to"] for move in published["moves"]}
    assert moves[1] is None
    assert 2 not in moves or moves[2] is not None
    assert checked(tmp_path, published)[0] == 0
    recounted()
    assert "Left out, by the places that the votes had given: 1." in " ".join(page_of(client).split())


def test_who_was_dropped_from_the_reserve_they_were_pushed_into_is_left_out_too(voted, curator, client):
    edition = voted(VOTERS)
    first, second, third, fourth = edition.entries.ranked()
    drop(entry=second, by=curator, reason="She asked us to.")
    fifth = edition.entries.get(computed_rank=5)
    reorder(edition=edition, order=[third.pk, fourth.pk, fifth.pk, first.pk], by=curator, reason="Others first.")
    restore(entry=second, by=curator)
    drop(entry=first, by=curator, reason="Behind it anyhow.")
    publish(edition=edition, at=FRIDAY)

    assert {"from": 1, "to": None} in read(client)["moves"]


def test_who_was_taken_off_a_list_that_is_out_is_left_out(voted, client):
    edition = voted(VOTERS)
    publish(edition=edition, at=FRIDAY)
    edition.entries.filter(computed_rank=2).update(hidden_at=FRIDAY)

    assert read(client)["moves"] == [{"from": 2, "to": None}]


def test_nobody_is_left_out_who_had_no_place(voted, client):
    publish(edition=voted(VOTERS), at=FRIDAY)

    assert read(client)["moves"] == []
    assert "Left out" not in page_of(client)


def test_who_leaves_a_list_is_named_in_it_no_more(voted, client, tmp_path):
    edition = voted(VOTERS)
    publish(edition=edition, at=FRIDAY)
    gone = edition.entries.ranked()[0]
    Profile.objects.filter(pk=gone.profile_id).update(word="declined")

    published = read(client)

    assert published["list"][0] == {"rank": 1, "computed_rank": 1, "uri": None}
    assert gone.profile.uri not in json.dumps(published)
    assert checked(tmp_path, published)[0] == 0


def test_there_is_none_of_an_edition_that_is_not_out(voted, client, person):
    edition = voted(VOTERS)
    client.force_login(Membership.objects.filter(community=edition.community).latest("pk").user)

    assert [client.get(address).status_code for address in (ADDRESS, MINE, MINE_AS_FILE)] == [404, 404, 404]


def test_each_voter_finds_their_ballot_under_the_published_root(voted, client, tmp_path):
    edition = voted(VOTERS)
    publish(edition=edition, at=FRIDAY)
    voter = Vote.objects.order_by("-pk").first().voter
    client.force_login(voter)

    page, receipt = client.get(MINE), client.get(MINE_AS_FILE).json()

    approved = sorted(Vote.objects.filter(voter=voter).values_list("nomination", flat=True))
    assert receipt["nominations"] == receipt["counted"] == approved
    code, said = checked(tmp_path, read(client), receipt)
    assert (code, "Your ballot is under the published root." in said) == (0, True)
    assert checked(tmp_path, read(client), receipt | {"nominations": approved[1:]})[0] == 1
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    for nomination in Nomination.objects.filter(pk__in=approved):
        assert str(nomination.profile.handle) in page.content.decode()
    assert receipt["root"] in page.content.decode()


def test_a_ballot_is_for_its_voter_alone(voted, client, person):
    publish(edition=voted(VOTERS), at=FRIDAY)

    assert client.get(MINE).status_code == 302
    assert client.get(MINE_AS_FILE).status_code == 404
    client.force_login(person("Stranger"))
    assert "There is no ballot of yours here" in client.get(MINE).content.decode()
    assert client.get(MINE_AS_FILE).status_code == 404


def test_a_ballot_does_not_name_who_declined_since(voted, client):
    edition = voted(VOTERS)
    publish(edition=edition, at=FRIDAY)
    vote = Vote.objects.select_related("voter", "nomination__profile").order_by("-pk").first()
    Profile.objects.filter(pk=vote.nomination.profile_id).update(word="declined")
    client.force_login(vote.voter)

    page = client.get(MINE).content.decode()

    assert str(vote.nomination.profile.handle) not in page
    assert "Someone who is not shown" in page


def test_an_erased_voters_ballot_is_nobodys_and_the_recount_holds(voted):
    edition = voted(VOTERS)
    publish(edition=edition, at=FRIDAY)
    voter = Vote.objects.order_by("-pk").first().voter
    kept = CastVoteRecord.objects.get()
    assert kept.number_of(voter.pk) is not None
    pk = voter.pk

    erase(user=voter)

    assert CastVoteRecord.objects.get().number_of(pk) is None
    recounted()


def test_a_second_worker_leaves_one_record(voted, edition):
    voted(VOTERS)
    kept = CastVoteRecord.objects.get()

    CastVoteRecord.objects.keep(edition, orjson.loads(kept.written), voters=np.arange(1, VOTERS + 1))

    again = CastVoteRecord.objects.get()
    assert (again.fingerprint, again.root) == (kept.fingerprint, kept.root)


def test_an_edition_that_nobody_kept_a_record_of_is_one_clear_line(edition):
    with pytest.raises(CommandError, match="There is no record of the votes"):
        recounted()


def test_a_record_of_format_1_publishes_no_more_than_a_new_one(voted, client):
    edition = voted(VOTERS)
    publish(edition=edition, at=FRIDAY)
    CastVoteRecord.objects.filter(edition=edition).update(root="", body=b"")
    old = {"voted": 40, "counted": 36, "half": 2, "void": {"self": 1, "mutual": 1}, "new": 0, "alike": 0}
    Edition.objects.filter(pk=edition.pk).update(tally=old, seed="0123456789abcdef")
    edition.entries.update(explanation={"voted": 9, "counted": 5, "half": 2, "void": {"mutual": 2}})

    published = read(client)

    assert published["ballots_root"] is None
    assert published["tally"] == {"counted": 38, "did_not_count": 0, "reasons": {}}
    assert published["seed_sha256"] is None
    assert published["list"][0] == {
        "rank": 1, "computed_rank": 1, "uri": published["list"][0]["uri"], "supporters": 7,
    }  # fmt: skip
    client.force_login(Vote.objects.first().voter)
    assert "before ballots could be checked" in client.get(MINE).content.decode()
