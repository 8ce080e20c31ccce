"""Those whom a curator names are looked up while a page is waited for, and no longer."""

import pytest

from recommendations.actions import Refused
from recommendations.actions.special import look_all_up
from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.models import Profile
from recommendations.networks.base import Unavailable

pytestmark = pytest.mark.django_db
NAMES = ("rosa", "hedy", "joan")


@pytest.fixture
def named(on_mastodon):
    """Three people there are, each with a reason."""
    return [(on_mastodon(name), f"{name} keeps us company.") for name in NAMES]


def asked(fake_networks):
    return [call.arguments["handle"].name for call in fake_networks[Network.MASTODON].called("look_up")]


def test_everybody_is_looked_up_in_order_with_what_was_said_of_them(named):
    people = look_all_up(listed=named)

    assert [(profile.name, reason) for profile, reason in people] == [(h.name, reason) for h, reason in named]
    assert {profile.signal for profile, _reason in people} == {Signal.AUTOMATIC}


def test_when_the_time_is_over_it_says_how_far_it_came_and_goes_on_from_there(named, fake_networks):
    with pytest.raises(Refused, match="1 of 3 people so far"):
        look_all_up(listed=named, within=0)
    with pytest.raises(Refused, match="2 of 3 people so far"):
        look_all_up(listed=named, within=0)

    assert len(look_all_up(listed=named, within=0)) == 3
    assert asked(fake_networks) == list(NAMES)


def test_who_cannot_be_found_is_named_rather_than_asked_for_again_and_again(named, fake_networks):
    fake_networks[Network.MASTODON].script("look_up", Unavailable("away"))

    with pytest.raises(Refused, match="Not everybody may be listed: @rosa@") as refused:
        look_all_up(listed=named, within=0)

    assert refused.value.field == "people"
    assert Profile.objects.get().signal == Signal.UNSEEN


def test_somebody_known_since_today_costs_no_time(named, fake_networks):
    look_all_up(listed=named[:1])
    unknown = (Handle(Network.MASTODON, "nobody", "social.example"), "She is new.")

    people = look_all_up(listed=[*named[:1], unknown], within=0)

    assert asked(fake_networks) == ["rosa", "nobody"]
    assert [profile.name for profile, _reason in people] == ["rosa", "nobody"]
