"""`ballots.json`: the votes of an edition for whoever wants to count again; and `manage.py recompute`."""

import io
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from benchmarks import recompute
from recommendations.actions.compile import compile_edition
from recommendations.actions.edit_draft import drop, reorder
from recommendations.actions.publish import publish
from recommendations.cast_votes import FEWEST
from recommendations.explanation import Method
from recommendations.models import CastVoteRecord, Community, Edition, Membership, Nomination, Profile, Vote
from tests.conftest import FRIDAY, SATURDAY, THURSDAY

pytestmark = pytest.mark.django_db

ADDRESS = "/c/custserv/editions/1/ballots.json"
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


def recounted(published, tmp_path):
    """What both programs say of it."""
    path = tmp_path / "ballots.json"
    path.write_text(json.dumps(published))
    said = io.StringIO()
    call_command("recompute", str(path), stdout=said)
    script = subprocess.run([sys.executable, SCRIPT, path], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert script.returncode == 0, script.stdout + script.stderr
    return said.getvalue(), script.stdout


@pytest.mark.parametrize("method", Method)
def test_a_published_edition_is_counted_again_with_the_same_order_and_scores(voted, client, tmp_path, method):
    edition = voted(FEWEST, method)
    publish(edition=edition, at=FRIDAY)

    published = read(client)

    ours, theirs = recounted(published, tmp_path)
    assert "The same order and scores" in ours
    assert published["sha256"] == edition.cast_vote_record.fingerprint
    assert published["sha256"] in theirs
    assert published["method"] == method
    computed = edition.entries.order_by("computed_rank")
    assert [line["score"] for line in published["record"]["order"]][:4] == [each.score for each in computed]
    assert [line["uri"] for line in published["list"]] == [each.profile.uri for each in edition.entries.ranked()]
    assert [line["person"] for line in published["list"]] == [
        line["person"] for line in published["record"]["order"][:4]
    ]
    assert published["moves"] == []


def test_a_changed_ballot_is_noticed(voted, client, tmp_path):
    publish(edition=voted(FEWEST), at=FRIDAY)
    published = read(client)
    published["record"]["people"]["votes"][0] ^= 1
    path = tmp_path / "ballots.json"
    path.write_text(json.dumps(published))

    with pytest.raises(CommandError, match="something in it was changed"):
        call_command("recompute", str(path))
    assert recompute.main(str(path)) == 1


def test_what_a_curator_moved_stands_apart_and_the_recount_holds(voted, curator, client, tmp_path):
    edition = voted(FEWEST)
    first, second, third, fourth = edition.entries.ranked()
    drop(entry=second, by=curator, reason="She asked us to.")
    fifth = edition.entries.get(computed_rank=5)  # moved up from the reserve
    order = [third.pk, first.pk, fourth.pk, fifth.pk]
    reorder(edition=edition, order=order, by=curator, reason="He goes on holiday.")
    publish(edition=edition, at=FRIDAY)

    published = read(client)

    recounted(published, tmp_path)
    moves = {move["from"]: move["to"] for move in published["moves"]}
    assert moves[2] is None
    assert (moves[1], moves[3]) == (2, 1)
    assert [line["computed_rank"] for line in published["list"]] == [3, 1, 4, 5]


def test_of_few_voters_only_sums_are_told(voted, client, tmp_path):
    edition = voted(FEWEST - 1)
    publish(edition=edition, at=FRIDAY)

    published = read(client)

    assert (published["record"], published["sha256"]) == (None, None)
    assert published["ballots"] == edition.ballots == FEWEST - 1
    assert published["tally"]["voted"] == Vote.objects.count()
    assert published["list"][0]["explanation"]["voted"] == edition.entries.ranked()[0].explanation["voted"]
    assert not CastVoteRecord.objects.exists()
    path = tmp_path / "ballots.json"
    path.write_text(json.dumps(published))
    with pytest.raises(CommandError, match="in sums only"):
        call_command("recompute", str(path))
    assert recompute.main(str(path)) == 2


def test_who_leaves_a_list_is_named_in_it_no_more(voted, client, tmp_path):
    edition = voted(FEWEST)
    publish(edition=edition, at=FRIDAY)
    gone = edition.entries.ranked()[0]
    Profile.objects.filter(pk=gone.profile_id).update(word="declined")

    published = read(client)

    assert published["list"][0]["uri"] is None
    assert published["list"][0]["explanation"] is None
    assert gone.profile.uri not in json.dumps(published)
    recounted(published, tmp_path)


def test_nothing_for_curators_alone_is_in_it(voted, client):
    publish(edition=voted(FEWEST), at=FRIDAY)

    written = client.get(ADDRESS).content.decode()

    assert '"new"' not in written
    assert '"alike"' not in written


def test_there_is_none_of_an_edition_that_is_not_out(voted, client):
    voted(FEWEST)

    assert client.get(ADDRESS).status_code == 404


def test_a_second_worker_leaves_one_record(voted, edition):
    voted(FEWEST)
    kept = CastVoteRecord.objects.get()

    CastVoteRecord.objects.keep(edition, json.loads(kept.written))

    assert CastVoteRecord.objects.get().fingerprint == kept.fingerprint


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, '{"record": {}}'])
def test_what_is_no_ballots_json_is_refused_in_words(tmp_path, text):
    path = tmp_path / "ballots.json"
    path.write_text(text)

    with pytest.raises(CommandError):
        call_command("recompute", str(path))


def test_a_file_that_is_not_there_is_one_clear_line():
    with pytest.raises(CommandError, match="No such file"):
        call_command("recompute", "/nowhere/ballots.json")
