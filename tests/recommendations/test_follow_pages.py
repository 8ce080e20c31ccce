"""Follow them all, over HTTP: choose, be asked by one's network, come back, and see how it goes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from accounts.models import LinkedHandle, User
from recommendations import tasks
from recommendations.handles import Network
from recommendations.models import Community, Edition, Following, Profile
from tests.accounts.conftest import Visitor
from tests.fakes.internet import Internet
from tests.fakes.mastodon_reader import ReadersMastodon
from tests.recommendations.readers import PEOPLE, published, somebody

pytestmark = pytest.mark.django_db

HOST = "mastodon.test"


@pytest.fixture(scope="module")
def internet() -> Iterator[Internet]:
    with Internet() as internet:
        yield internet


@pytest.fixture
def there(internet: Internet, settings: Any) -> ReadersMastodon:
    """Ada's server, which has met everybody; Joan decides who follows her."""
    settings.FF_CA_FILE = str(internet.ca_file)
    there = ReadersMastodon(HOST)
    for acct in PEOPLE:
        there.follows.add_person(acct, locked=acct.startswith("joan"))
    internet.serve(HOST, there.respond)
    return there


@pytest.fixture
def out(community: Community) -> Edition:
    """Three people on Mastodon, one on Bluesky, one on X."""
    fediverse = [somebody(acct) for acct in PEOPLE]
    return published(
        community, [*fediverse, somebody("edsger.example", Network.BLUESKY), somebody("barbara", Network.X)]
    )


@pytest.fixture
def visitor(grace: User) -> Visitor:
    """Grace, signed in here; on Mastodon she is Ada."""
    visitor = Visitor()
    visitor.force_login(grace)
    return visitor


CHOOSE = "/c/custserv/editions/1/follow/"


def wish(edition: Edition, **more: Any) -> dict[str, Any]:
    """What the form sends when nothing was changed."""
    people = list(edition.entries.filter(profile__network="mastodon").values_list("profile", flat=True))
    return {"network": "mastodon", "person": people, "as": "follow", "mastodon": HOST} | more


def begun(visitor: Visitor, there: ReadersMastodon, edition: Edition, **more: Any) -> Following:
    """All the way to the network and back."""
    asked = visitor.post(CHOOSE, wish(edition, **more))
    landed = visitor.get(there.oauth.consent(visitor.onward(asked), "ada"), follow=True)
    assert landed.status_code == 200
    return Following.objects.latest("pk")


def work(times: int = 2) -> None:
    """What workers do meanwhile."""
    for _ in range(times):
        for pk in Following.objects.due(timezone.now()).values_list("pk", flat=True):
            tasks.follow_one(pk)


def test_whoever_is_not_signed_in_is_asked_to(out: Edition) -> None:
    answer = Visitor().get(CHOOSE)

    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={CHOOSE}")


def test_the_page_offers_everybody_by_network(visitor: Visitor, out: Edition) -> None:
    page = visitor.get(CHOOSE).content.decode()

    assert re.findall(r"<h2 id=\"on-\w+\">(.*?)</h2>", page) == ["3 on Mastodon", "1 on Bluesky", "1 on X"]
    assert page.count('name="person"') == page.count(" checked> <bdi>") == 4
    assert 'href="https://web.example/@barbara"' in page


def test_ones_proven_handle_is_there_already(visitor: Visitor, grace: User, out: Edition) -> None:
    LinkedHandle.objects.create(user=grace, network="mastodon", name="grace", host=HOST, proven_at=timezone.now())

    assert f'value="@grace@{HOST}"' in visitor.get(CHOOSE).content.decode()


def test_the_crew_is_followed_in_the_same_way(visitor: Visitor, there: ReadersMastodon, out: Edition) -> None:
    assert 'href="/c/custserv/crew/follow/"' in visitor.get("/c/custserv/crew/").content.decode()
    assert 'href="/c/custserv/editions/1/follow/"' in visitor.get("/c/custserv/editions/1/").content.decode()

    asked = visitor.post("/c/custserv/crew/follow/", wish(out))
    visitor.get(there.oauth.consent(visitor.onward(asked), "ada"), follow=True)
    work()

    job = Following.objects.get()
    assert (job.state, job.edition, str(job)) == ("finished", None, "The crew of Customer Service on Mastodon")


def test_one_follows_all_and_sees_what_came_of_each(
    visitor: Visitor, there: ReadersMastodon, out: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    job = begun(visitor, there, out)
    before = visitor.get(job.get_absolute_url()).content.decode()
    work()
    after = visitor.get(job.get_absolute_url()).content.decode()

    assert "0 of 3" in before
    assert 'hx-trigger="every' in before
    assert "3 of 3" in after
    assert "2 followed" in after
    assert "1 asked" in after
    assert "hx-trigger" not in after
    assert there.follows.followed("ada") == {PEOPLE[0]: "following", PEOPLE[1]: "requested", PEOPLE[2]: "following"}
    assert not any(grant["as"] for grant in there.oauth.tokens.values()), "what was granted is given back"
    assert f'<a href="{job.get_absolute_url()}">How it went' in visitor.get(CHOOSE).content.decode()


def test_only_the_chosen_are_followed(visitor: Visitor, there: ReadersMastodon, out: Edition) -> None:
    one = Profile.objects.get(name="grace").pk
    begun(visitor, there, out, person=[one, 999_999, "x"])
    work()

    assert there.follows.followed("ada") == {PEOPLE[0]: "following"}


def test_as_a_list(visitor: Visitor, there: ReadersMastodon, out: Edition) -> None:
    job = begun(visitor, there, out, **{"as": "list"})
    work()

    assert there.follows.list_of("ada") == {"Customer Service No. 1": list(PEOPLE)}
    assert "Your list on Mastodon" in visitor.get(job.get_absolute_url()).content.decode()


def test_htmx_gets_the_progress_alone(visitor: Visitor, there: ReadersMastodon, out: Edition) -> None:
    job = begun(visitor, there, out)

    page = visitor.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()

    assert page.startswith('<div id="progress"')
    assert "<html" not in page
    signed_out = Visitor().get(job.get_absolute_url(), headers={"HX-Request": "true"})
    assert signed_out["HX-Redirect"] == f"/accounts/login/?next={job.get_absolute_url()}"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"person": []}, "Choose at least one person."),
        ({"mastodon": ""}, "This field is required."),
        ({"mastodon": "not a server"}, "does not look like a server"),
        ({"mastodon": "nowhere.test"}, "nowhere.test cannot be"),
        ({"mastodon": "\x00\u202e@" * 5_000}, 'role="alert"'),
        ({"person": ["9" * 5_000, "-1", "\u00b2"]}, "Choose at least one person."),
    ],
)
def test_what_does_not_work_out_is_said_in_the_form(
    visitor: Visitor, there: ReadersMastodon, out: Edition, form: dict[str, Any], words: str
) -> None:
    answer = visitor.post(CHOOSE, wish(out) | form)

    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize("network", ["x", "", "gopher", "\x00"])
def test_nobody_can_be_followed_elsewhere(visitor: Visitor, out: Edition, network: str) -> None:
    assert visitor.post(CHOOSE, wish(out, network=network)).status_code == 404


def test_who_says_no_finds_nothing_begun(visitor: Visitor, there: ReadersMastodon, out: Edition) -> None:
    asked = visitor.post(CHOOSE, wish(out))
    landed = visitor.get(there.oauth.consent(visitor.onward(asked), "ada", agree=False), follow=True)

    page = landed.content.decode()
    assert "You said no there" in page
    assert "has not said yes, so nothing has begun" in page
    job = Following.objects.get()
    again = visitor.post(f"{job.get_absolute_url()}again/")
    assert again["Location"] == CHOOSE


def test_stopped_it_is_stopped_and_can_go_on(visitor: Visitor, there: ReadersMastodon, out: Edition) -> None:
    job = begun(visitor, there, out)

    stopped = visitor.post(f"{job.get_absolute_url()}stop/", follow=True).content.decode()
    work()
    asked = visitor.post(f"{job.get_absolute_url()}again/")

    assert "3 left out" in stopped
    assert there.follows.followed("ada") == {}
    visitor.get(there.oauth.consent(visitor.onward(asked), "ada"), follow=True)
    work()
    assert len(there.follows.followed("ada")) == 3
    assert not any(grant["as"] for grant in there.oauth.tokens.values())


def test_the_failed_ones_are_tried_again(visitor: Visitor, there: ReadersMastodon, out: Edition) -> None:
    there.follows.people[PEOPLE[0]].refuses = 422
    job = begun(visitor, there, out)
    work()
    page = visitor.get(job.get_absolute_url()).content.decode()
    assert "1 not followed" in page
    assert "You have reached the limit" in page

    there.follows.people[PEOPLE[0]].refuses = 0
    asked = visitor.post(f"{job.get_absolute_url()}again/")
    visitor.get(there.oauth.consent(visitor.onward(asked), "ada"), follow=True)
    work()

    assert set(there.follows.followed("ada")) == set(PEOPLE)
    assert there.follows.effective_follows() == {PEOPLE[0]: 2, PEOPLE[1]: 1, PEOPLE[2]: 1}


def test_while_it_runs_the_failed_ones_are_tried_again_at_once(
    visitor: Visitor, there: ReadersMastodon, out: Edition
) -> None:
    job = begun(visitor, there, out)
    job.follows.filter(profile__name="grace").update(state="done", outcome="refused")
    assert "Try the failed ones again" in visitor.get(job.get_absolute_url()).content.decode()

    visitor.post(f"{job.get_absolute_url()}again/")

    assert job.follows.failed().count() == 0


def test_who_was_being_followed_when_it_stopped_is_not_said_to_be_followed(
    visitor: Visitor, there: ReadersMastodon, out: Edition
) -> None:
    job = begun(visitor, there, out)
    job.follows.filter(profile__name="grace").update(state="doing")
    assert "being followed" in visitor.get(job.get_absolute_url()).content.decode()

    visitor.post(f"{job.get_absolute_url()}stop/")

    page = visitor.get(job.get_absolute_url()).content.decode()
    assert "not known: look there" in page
    assert "3 left out" in page


def test_an_account_of_which_no_name_is_known_leads_back_to_the_choice_for_the_crew(
    visitor: Visitor, there: ReadersMastodon, out: Edition
) -> None:
    visitor.post("/c/custserv/crew/follow/", wish(out))
    job = Following.objects.get()

    assert visitor.post(f"{job.get_absolute_url()}again/")["Location"] == "/c/custserv/crew/follow/"


def test_pages_ask_the_database_as_often_however_many_people_there_are(
    visitor: Visitor, there: ReadersMastodon, out: Edition, django_assert_max_num_queries: Any
) -> None:
    job = begun(visitor, there, out)

    with django_assert_max_num_queries(11):
        visitor.get(CHOOSE)
    with django_assert_max_num_queries(8):
        visitor.get(job.get_absolute_url())


def test_another_account_cannot_go_on_with_it(visitor: Visitor, there: ReadersMastodon, out: Edition) -> None:
    job = begun(visitor, there, out)
    visitor.post(f"{job.get_absolute_url()}stop/")
    Following.objects.update(uri="https://mastodon.test/users/somebody-else")

    asked = visitor.post(f"{job.get_absolute_url()}again/")
    landed = visitor.get(there.oauth.consent(visitor.onward(asked), "ada"), follow=True)

    assert "with the same account" in str([str(each) for each in get_messages(landed.wsgi_request)]) + (
        landed.content.decode()
    )
    assert not any(grant["as"] for grant in list(there.oauth.tokens.values())[1:])


def test_nobody_else_sees_or_steers_it(visitor: Visitor, there: ReadersMastodon, out: Edition, ada: User) -> None:
    job = begun(visitor, there, out)
    another = Visitor()
    another.force_login(ada)

    assert another.get(job.get_absolute_url()).status_code == 404
    assert [another.post(f"{job.get_absolute_url()}{deed}/").status_code for deed in ("stop", "again")] == [404] * 2
    assert Visitor().get(job.get_absolute_url()).status_code == 302
    job.refresh_from_db()
    assert job.state == "running"


def test_there_are_two_deeds_and_both_are_posts(visitor: Visitor, there: ReadersMastodon, out: Edition) -> None:
    job = begun(visitor, there, out)

    assert visitor.post(f"{job.get_absolute_url()}delete/").status_code == 404
    assert visitor.get(f"{job.get_absolute_url()}stop/").status_code == 405
    visitor.post(f"{job.get_absolute_url()}stop/")
    assert "not under way" in visitor.post(f"{job.get_absolute_url()}stop/", follow=True).content.decode()


def test_who_declines_meanwhile_is_neither_followed_nor_named(
    visitor: Visitor, there: ReadersMastodon, out: Edition
) -> None:
    job = begun(visitor, there, out)
    Profile.objects.filter(name="alan").update(word="declined")
    work()

    page = visitor.get(job.get_absolute_url()).content.decode()
    assert PEOPLE[2] not in there.follows.followed("ada")
    assert "Alan" not in page
    assert "bletchley" not in page
    assert "Somebody who does not wish to be listed" in page


def test_who_may_not_be_seen_is_not_offered(visitor: Visitor, out: Edition) -> None:
    Profile.objects.filter(name="alan").update(word="declined")

    assert "bletchley" not in visitor.get(CHOOSE).content.decode()
    alan = Profile.objects.get(name="alan").pk
    assert visitor.post(CHOOSE, wish(out, person=[alan])).status_code == 422


def test_an_edition_of_nobody_says_so(visitor: Visitor, community: Community) -> None:
    published(community, [])

    assert "There is nobody here" in visitor.get(CHOOSE).content.decode()
    assert visitor.get("/c/custserv/editions/7/follow/").status_code == 404
