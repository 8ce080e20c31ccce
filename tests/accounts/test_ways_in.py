"""Handles linked by signing in: another way in, which may be let go of unless it is the last."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from accounts.linking import NotProven, OnlyWayIn, claim, link, record, release
from accounts.models import LinkedHandle, User
from accounts.ways_in import way_by, ways_in
from recommendations.handles import Handle, Network
from recommendations.networks.granting import Granted
from tests.accounts.conftest import Visitor
from tests.accounts.test_sign_in import URI
from tests.fakes.mastodon_oauth import MastodonOAuthServer
from tests.sessions import reauthenticated

pytestmark = pytest.mark.django_db

ADA = Handle(Network.MASTODON, "ada", "mastodon.test")
ON_BLUESKY = Handle(Network.BLUESKY, "ada.bsky.social")
DID = "did:plc:" + "a" * 24


@pytest.fixture
def ada(ada: User) -> User:
    """As people are who came by a code or a network: without a password."""
    ada.set_unusable_password()
    ada.save()
    return ada


def granted(handle: Handle = ADA, uri: str = URI) -> Granted:
    issuer = "https://mastodon.test" if handle.network is Network.MASTODON else "https://bsky.social"
    return Granted(handle.network, issuer, uri, handle, "Ada", {}, ())


def signing_in_there(visitor: Visitor, server: MastodonOAuthServer, linked: LinkedHandle, name: str = "ada") -> str:
    """From my page to the server and back; what my page says then."""
    begun = visitor.post(f"/me/handles/{linked.pk}/sign-in/")
    return visitor.get(server.consent(visitor.onward(begun), name), follow=True).content.decode()


def test_a_claim_is_proven_by_signing_in_there(visitor: Visitor, server: MastodonOAuthServer, ada: User) -> None:
    visitor.force_login(ada)
    reauthenticated(visitor, ada)
    linked = claim(ada, ADA)

    page = signing_in_there(visitor, server, linked)

    linked.refresh_from_db()
    assert "@ada@mastodon.test is yours: proven. You can sign in by it, too." in page
    assert (linked.uri, linked.proven_at is not None) == (URI, True)
    assert visitor.who == ada.pk
    assert server.tokens == {}
    newcomer = Visitor()
    newcomer.enter(server, "ada")
    assert newcomer.who == ada.pk


def test_whoever_has_a_second_factor_shows_it_before_there_is_another_way_in(
    visitor: Visitor, server: MastodonOAuthServer, ada: User
) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(ada, secret)
    visitor.force_login(ada)
    linked = claim(ada, ADA)

    asked = visitor.post(f"/me/handles/{linked.pk}/sign-in/", follow=True)
    assert "Is it you?" in asked.content.decode()
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    there = visitor.post(asked.redirect_chain[-1][0], {"code": code})

    assert visitor.onward(there).startswith("https://mastodon.test/oauth/authorize")


def test_whose_handle_it_is_is_what_counts_not_what_was_typed(
    visitor: Visitor, server: MastodonOAuthServer, ada: User
) -> None:
    visitor.force_login(ada)
    reauthenticated(visitor, ada)
    linked = claim(ada, ADA)

    signing_in_there(visitor, server, linked, name="grace")

    linked.refresh_from_db()
    assert linked.proven_at is None
    assert str(LinkedHandle.objects.get(proven_at__isnull=False)) == "@grace@mastodon.test"


def test_what_somebody_else_has_proven_is_refused_with_words(
    visitor: Visitor, server: MastodonOAuthServer, ada: User, alan: User
) -> None:
    link(alan, granted())
    visitor.force_login(ada)
    reauthenticated(visitor, ada)

    page = signing_in_there(visitor, server, claim(ada, ADA))

    assert "Somebody else has proven that this account is theirs." in page
    assert SocialAccount.objects.get().user == alan


def test_a_server_that_is_away_is_named_on_my_page(visitor: Visitor, server: MastodonOAuthServer, ada: User) -> None:
    visitor.force_login(ada)
    reauthenticated(visitor, ada)
    linked = claim(ada, Handle(Network.MASTODON, "ada", "nowhere.test"))

    page = visitor.post(f"/me/handles/{linked.pk}/sign-in/", follow=True).content.decode()

    assert "nowhere.test cannot be reached" in page


def test_who_says_no_is_back_on_my_page(visitor: Visitor, server: MastodonOAuthServer, ada: User) -> None:
    visitor.force_login(ada)
    reauthenticated(visitor, ada)
    begun = visitor.post(f"/me/handles/{claim(ada, ADA).pk}/sign-in/")

    back = visitor.get(server.consent(visitor.onward(begun), "ada", agree=False), follow=True)

    assert back.redirect_chain[-1][0] == "/me/"
    assert "You said no there" in back.content.decode()


def test_only_ones_own_claims_on_networks_with_a_door(visitor: Visitor, ada: User, alan: User) -> None:
    theirs, on_x = claim(alan, ADA), claim(ada, Handle(Network.X, "ada"))
    visitor.force_login(ada)
    reauthenticated(visitor, ada)

    assert visitor.post(f"/me/handles/{theirs.pk}/sign-in/").status_code == 404
    assert visitor.post(f"/me/handles/{on_x.pk}/sign-in/").status_code == 404
    visitor.logout()
    assert "/accounts/login/" in visitor.post(f"/me/handles/{theirs.pk}/sign-in/")["Location"]


def test_one_person_links_both_networks_and_comes_in_by_either(visitor: Visitor, server: MastodonOAuthServer) -> None:
    visitor.enter(server, "ada")
    user = User.objects.get()

    link(user, granted(ON_BLUESKY, DID))

    assert ways_in(user) == 2
    assert {linked.uri for linked in user.linked_handles.all()} == {URI, DID}
    assert SocialAccount.objects.get(provider="bluesky").uid == DID


def test_the_last_way_in_is_kept(visitor: Visitor, server: MastodonOAuthServer) -> None:
    visitor.enter(server, "ada")
    user = User.objects.get()
    linked = user.linked_handles.get()

    reauthenticated(visitor, linked.user)
    page = visitor.post(f"/me/handles/{linked.pk}/", {"deed": "remove"}, follow=True).content.decode()

    assert "@ada@mastodon.test is your only way in here. First add a passkey" in page
    assert "You have one way to sign in here." in page
    assert user.linked_handles.get() == linked
    with pytest.raises(OnlyWayIn):
        release(linked)


@pytest.mark.parametrize("other", ["e-mail", "passkey", "handle"])
def test_with_another_way_in_it_may_go(visitor: Visitor, server: MastodonOAuthServer, other: str) -> None:
    visitor.enter(server, "ada")
    user = User.objects.get()
    linked = user.linked_handles.get()
    if other == "e-mail":
        EmailAddress.objects.create(user=user, email="ada@example.com", verified=True, primary=True)
    elif other == "passkey":
        passkey(user, passwordless=True)
    else:
        link(user, granted(ON_BLUESKY, DID))

    reauthenticated(visitor, linked.user)
    page = visitor.post(f"/me/handles/{linked.pk}/", {"deed": "remove"}, follow=True).content.decode()

    assert "is no longer linked to you" in page
    assert not SocialAccount.objects.filter(provider="mastodon").exists()
    assert not LinkedHandle.objects.filter(uri=URI).exists()
    newcomer = Visitor()
    newcomer.enter(server, "ada")
    assert newcomer.who not in (None, user.pk), "it is nobody's now, so it makes a new account"


def passkey(user: User, *, passwordless: bool) -> None:
    data = {"name": "Phone", "credential": {"clientExtensionResults": {"credProps": {"rk": passwordless}}}}
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def test_an_unconfirmed_address_and_a_key_that_needs_more_are_no_ways_in(grace: User) -> None:
    EmailAddress.objects.create(user=grace, email="grace@example.com", verified=False)
    passkey(grace, passwordless=False)

    assert ways_in(grace) == 0


def test_what_was_proven_by_a_token_is_no_way_in_and_may_always_go(grace: User) -> None:
    linked = claim(grace, ADA)
    assert way_by(linked) is None
    LinkedHandle.objects.filter(pk=linked.pk).update(uri=URI, proven_at=timezone.now())
    linked.refresh_from_db()

    assert way_by(linked) is None
    release(linked)

    assert not LinkedHandle.objects.exists()


def test_what_was_proven_by_a_token_becomes_a_way_in_by_signing_in_there(
    visitor: Visitor, server: MastodonOAuthServer, ada: User
) -> None:
    linked = claim(ada, ADA)
    LinkedHandle.objects.filter(pk=linked.pk).update(uri=URI, proven_at=timezone.now())
    visitor.force_login(ada)
    reauthenticated(visitor, ada)
    before = visitor.get("/me/").content.decode()

    after = signing_in_there(visitor, server, linked)

    assert "to make it a way in here" in before
    assert "to make it a way in here" not in after
    assert ways_in(ada) == 1


def test_a_handle_that_has_passed_to_another_account_of_mine_is_that_ones(grace: User) -> None:
    record(grace, granted(uri="https://mastodon.test/users/old"))
    old = grace.linked_handles.get()

    record(grace, granted())

    assert grace.linked_handles.get().uri == URI
    assert grace.linked_handles.get().pk == old.pk


def test_recording_what_another_has_proven_is_refused(grace: User, alan: User) -> None:
    record(alan, granted())

    with pytest.raises(NotProven):
        record(grace, granted())

    assert not grace.linked_handles.exists()
