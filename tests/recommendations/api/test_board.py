"""Nominate and vote with a token."""

import pytest

from recommendations.handles import Network
from recommendations.models import Edition, Nomination, Vote
from recommendations.networks.base import Unavailable
from tests.recommendations.actions.conftest import REASON

NOMINATIONS = "/communities/custserv/nominations"


@pytest.fixture
def rosa(on_mastodon):
    return str(on_mastodon("rosa"))


def test_a_nomination_is_made(ask, community, grace, rosa):
    response = ask("POST", NOMINATIONS, {"handle": rosa, "reason": REASON}, by=grace)

    made = Nomination.objects.get()
    assert response.status_code == 201
    assert response.data == {"id": made.pk, "seconded": False, "detail": "@rosa@social.example is on the board."}
    assert (made.nominator, made.reason, made.profile.uri) == (grace, REASON, "https://social.example/users/rosa")


def test_who_is_on_the_board_already_is_seconded(ask, community, grace, alan, nominated, rosa):
    first = nominated("rosa", by=grace)

    response = ask("POST", NOMINATIONS, {"handle": rosa, "reason": "Because she listens so well."}, by=alan)

    assert response.status_code == 200
    assert response.data == {
        "id": first.pk,
        "seconded": True,
        "detail": "@rosa@social.example was on the board already: your reason seconds them.",
    }
    assert first.votes.get(voter=alan).reason == "Because she listens so well."


def test_the_network_may_be_named_beside_the_handle(ask, community, grace):
    response = ask("POST", NOMINATIONS, {"handle": "rosa", "reason": REASON, "network": "x"}, by=grace)

    assert (response.status_code, response.data["detail"]) == (201, "@rosa is on the board.")
    assert Nomination.objects.get().profile.network == Network.X


def test_a_network_that_does_not_answer_keeps_the_nomination(ask, community, grace, fake_networks):
    fake_networks[Network.MASTODON].script("look_up", Unavailable("It does not answer."))

    response = ask("POST", NOMINATIONS, {"handle": "@rosa@social.example", "reason": REASON}, by=grace)

    assert response.status_code == 201
    assert response.data["detail"] == "@rosa@social.example is on the board."


def test_a_stranger_is_told_to_join(ask, community, person, rosa):
    response = ask("POST", NOMINATIONS, {"handle": rosa, "reason": REASON}, by=person("Mallory"))

    assert (response.status_code, response.data["detail"]) == (
        409,
        "Join the community first: its members nominate and vote.",
    )


def test_without_a_board_there_is_nothing_to_nominate_for(ask, community, grace, rosa):
    Edition.objects.all().delete()

    response = ask("POST", NOMINATIONS, {"handle": rosa, "reason": REASON}, by=grace)

    assert (response.status_code, response.data["detail"]) == (
        409,
        "There is no open board just now. Look in again in a minute.",
    )


def test_a_vote_is_given_changed_and_taken_back(ask, community, grace, alan, nominated):
    nomination = nominated("rosa", by=grace)
    path = f"/nominations/{nomination.pk}/vote"

    assert ask("PUT", path, by=alan).data == {"detail": "Your vote is given."}
    assert ask("PUT", path, {"reason": "Because she listens so well."}, by=alan).status_code == 200
    assert nomination.votes.get(voter=alan).reason == "Because she listens so well."
    assert ask("DELETE", path, by=alan).data == {"detail": "Your vote is taken back."}
    assert ask("DELETE", path, by=alan).status_code == 200
    assert not Vote.objects.filter(voter=alan).exists()


def test_the_nominator_withdraws_instead_of_taking_the_vote_back(ask, community, grace, nominated):
    response = ask("DELETE", f"/nominations/{nominated('rosa', by=grace).pk}/vote", by=grace)

    assert response.status_code == 409
    assert "withdraw the nomination" in response.data["detail"]
    assert Vote.objects.count() == 1
