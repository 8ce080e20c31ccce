"""Profiles: the QuerySet and the pure function agree on who may be listed; old handles lead on."""

import itertools

import pytest

from recommendations.consent import Policy, Signal, Word, listable
from recommendations.handles import Handle, Network
from recommendations.models import Profile

pytestmark = pytest.mark.django_db


def test_the_queryset_agrees_with_the_function_on_everybody_there_can_be():
    everybody = itertools.product(Network, Signal, Word, (False, True), (False, True), (False, True))
    Profile.objects.bulk_create(
        Profile(
            network=network, name=f"p{n}", signal=signal, word=word,
            members_only=only, may_mention=mention, opted_out=opted_out,
        )
        for n, (network, signal, word, only, mention, opted_out) in enumerate(everybody)
    )  # fmt: skip

    for policy in Policy:
        by_function = {profile.pk for profile in Profile.objects.all() if listable(profile.facts, policy)}
        assert set(Profile.objects.listable(policy).values_list("pk", flat=True)) == by_function
        assert 0 < len(by_function) < Profile.objects.count()


def test_a_profile_is_called_by_its_own_name_or_else_by_its_handle():
    rosa = Profile(network="mastodon", name="rosa", host="social.example")

    assert str(rosa) == "@rosa@social.example"
    rosa.display_name = "Rosa Amsel"
    assert str(rosa) == "Rosa Amsel"
    assert rosa.get_absolute_url() == "/p/mastodon/rosa@social.example/"


def test_a_former_handle_belongs_to_the_last_who_had_it():
    handle = Handle(Network.X, "rosa")
    first = Profile.objects.create(network="x", name="rosa1")
    second = Profile.objects.create(network="x", name="rosa2")

    first.former([handle])
    second.former([handle])

    assert Profile.objects.formerly_at(handle).get() == second
