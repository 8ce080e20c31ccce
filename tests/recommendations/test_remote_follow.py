"""Following somebody of the fediverse from one's own server: led there, never sent wherever somebody typed."""

import json
import re
from html import unescape

import pytest
from django.test import Client

from recommendations import networks
from recommendations.handles import Handle, Network, follow_url
from recommendations.models import Profile
from recommendations.networks.subscribing import REL
from tests.fakes.internet import Internet, Reply
from tests.recommendations.readers import published, somebody
from tests.recommendations.test_hostile_input import TEXTS

PAGE = "/p/mastodon/joan@quiet.example/follow/"
JOAN = "https%3A%2F%2Fquiet.example%2Fusers%2Fjoan"
THERE = f"https://home.test/authorize_interaction?uri={JOAN}"


@pytest.fixture
def out(community):
    """Joan of the fediverse, Rosa of Bluesky, and Kofi of X are out."""
    people = [somebody("joan@quiet.example"), somebody("rosa.example", Network.BLUESKY), somebody("kofi", Network.X)]
    return published(community, people)


@pytest.fixture
def internet(settings):
    """Ada's server, which names its page."""
    with Internet() as there:
        settings.FF_CA_FILE = str(there.ca_file)
        template = "https://home.test/authorize_interaction?uri={uri}"
        said = {"subject": "acct:ada@home.test", "links": [{"rel": REL, "template": template}]}
        there.serve("home.test", lambda _: Reply(200, json.dumps(said).encode()))
        there.serve("mute.test", lambda _: Reply(404))
        yield there


def ask(typed, client=None):
    return (client or Client()).post(PAGE, {"mastodon": typed})


def text(answer):
    return unescape(answer.content.decode())


def leads_on(answer):
    """Where the page goes by itself."""
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', answer.content.decode())
    return unescape(found[1]) if found else ""


def test_a_persons_page_leads_to_where_one_follows_on_each_network(out):
    def person(address):
        return Client().get(address).content.decode()

    assert f'href="{PAGE}"' in person("/p/mastodon/joan@quiet.example/")
    assert 'href="https://bsky.app/profile/rosa.example"' in person("/p/bluesky/rosa.example/")
    assert 'href="https://x.com/intent/follow?screen_name=kofi"' in person("/p/x/kofi/")
    assert follow_url(Handle(Network.MASTODON, "joan", "quiet.example")) == "https://quiet.example/@joan"


def test_an_edition_leads_there_one_by_one(out):
    page = Client().get("/c/custserv/editions/1/").content.decode()

    assert "One by one" in page
    for address in (PAGE, "https://bsky.app/profile/rosa.example", "https://x.com/intent/follow?screen_name=kofi"):
        assert f'href="{address}"' in page


@pytest.mark.parametrize("typed", ["home.test", "@ada@home.test", "ada@home.test", "https://home.test/", " HOME.test "])
def test_an_address_or_a_server_leads_to_ones_own_page_for_it(out, internet, typed):
    answer = ask(typed)

    assert answer.status_code == 200
    assert leads_on(answer) == THERE
    assert THERE in text(answer)


def test_it_is_a_page_and_no_redirect(out, internet):
    answer = ask("home.test")

    assert "Location" not in answer
    assert "On to home.test" in re.sub("<.?bdi>", "", text(answer))
    assert 'rel="noopener noreferrer"' in text(answer)
    assert "no-store" in answer["Cache-Control"]


def test_a_server_that_names_no_page_is_not_gone_to_by_itself(out, internet):
    answer = ask("mute.test")

    assert leads_on(answer) == ""
    assert f"https://mute.test/authorize_interaction?uri={JOAN}" in text(answer)
    assert "did not tell us" in text(answer)
    assert "server" not in answer.cookies


def test_a_server_that_is_not_there_is_told_of(out, internet):
    answer = ask("nowhere.test")

    assert leads_on(answer) == ""
    assert "nowhere.test cannot be reached." in text(answer)


def test_a_server_is_asked_once_a_day(out, internet, monkeypatch):
    ask("home.test")
    monkeypatch.setattr(networks, "subscribe_template", lambda *_: pytest.fail("asked again"))

    assert leads_on(ask("home.test")) == THERE


def test_the_server_is_remembered_and_no_more_than_that(out, internet):
    client = Client()
    answer = ask("@ada@home.test", client)

    cookie = answer.cookies["server"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("home.test", True, "Lax")
    assert "Follow from home.test" in text(client.get(PAGE))
    assert leads_on(ask("home.test", client)) == THERE


@pytest.mark.parametrize("kept", ["", "localhost", "evil.example/x", "<script>", "a" * 5_000, "\x00", "127.0.0.1"])
def test_a_cookie_that_is_no_server_is_nothing(out, kept):
    client = Client()
    client.cookies["server"] = kept

    page = client.get(PAGE)

    assert page.status_code == 200
    assert "as last time" not in text(page)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "localhost", "127.0.0.1", "http://169.254.169.254/", "[::1]", "home.test:8443", "ada", "@ada@localhost",
     "javascript:alert(1)", "https://home.test@evil.test/", "//home.test", "home.test\r\nSet-Cookie: a=b", "\x00"],
)  # fmt: skip
def test_what_is_no_server_is_said_and_still_there(out, internet, typed):
    answer = ask(typed)

    assert answer.status_code == 422
    assert "server" not in answer.cookies
    assert leads_on(answer) == ""
    assert 'name="mastodon"' in text(answer)
    assert "error" in text(answer)


@pytest.mark.parametrize("part", range(10))
def test_whatever_is_typed_there_is_a_page(out, monkeypatch, part):
    monkeypatch.setattr("accounts.asking.ratelimit.consume", lambda *_, **__: True)
    monkeypatch.setattr(networks, "subscribe_template", lambda *_: "")
    client = Client()

    answers = {ask(typed, client).status_code for typed in TEXTS[part::10]}

    assert answers <= {200, 400, 422}


def test_a_private_network_is_refused(out, internet, monkeypatch):
    internet.serve("sly.test", lambda _: Reply(302, headers={"Location": "https://localhost/.well-known/webfinger"}))

    answer = ask("sly.test")

    assert answer.status_code == 422
    assert "not on the open internet" in text(answer)


def test_it_takes_a_token(out, internet):
    assert Client(enforce_csrf_checks=True).post(PAGE, {"mastodon": "home.test"}).status_code == 403


def test_a_script_is_slowed_down(out, monkeypatch):
    monkeypatch.setattr(networks, "subscribe_template", lambda *_: "")

    answers = [ask(f"s{number}.example.com") for number in range(25)]

    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert "s24.example.com" in text(answers[-1])


@pytest.mark.parametrize(
    "address", ["/p/bluesky/rosa.example/follow/", "/p/x/kofi/follow/", "/p/mastodon/nobody@quiet.example/follow/"]
)
def test_elsewhere_there_is_no_such_page(out, address):
    assert Client().get(address).status_code == 404


def test_who_does_not_wish_to_be_recommended_is_not_followed_from_here(out):
    Profile.objects.filter(name="joan").update(word="declined")

    assert Client().get(PAGE).status_code == 404
    assert ask("home.test").status_code == 404


def test_who_is_known_by_a_handle_alone_is_followed_by_it(out, internet):
    Profile.objects.filter(name="joan").update(uri=None)

    assert leads_on(ask("home.test")).endswith("uri=joan%40quiet.example")
