"""From "Found one" to the first nomination: how many pages and fields that takes, with JavaScript and without."""

import pytest
from playwright.sync_api import Page, expect

from recommendations.models import Community, Nomination
from tests.browser.conftest import Visit
from tests.browser.tour import GARDEN

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
MOST_PAGES, MOST_FIELDS = 3, 4
REQUIRED = "main :is(input, textarea, select)[required]"


class Way:
    """Counts the pages somebody comes through, and the fields each of them wants filled in."""

    def __init__(self, page: Page) -> None:
        self.pages: list[str] = []
        self.fields: list[str] = []
        self._page = page

    def look(self) -> None:
        self.pages.append(self._page.url)
        self.fields += self._page.locator(REQUIRED).evaluate_all("fields => fields.map(field => field.name)")


@both
def test_from_found_one_to_the_first_nomination_in_three_pages_and_four_fields(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    way = Way(page)
    page.goto("/")
    page.get_by_role("link", name="Found one").click()

    way.look()
    page.get_by_label("Name").fill("Night shift")
    page.get_by_role("button", name="Found it").click()
    way.look()
    page.get_by_role("link", name="Nominate somebody").click()
    way.look()
    page.get_by_label("Who should we follow?", exact=True).fill("fumiko@garden.example")
    page.get_by_label("And why?", exact=True).fill(GARDEN)
    page.get_by_role("button", name="Recommend them").click()

    expect(page.locator("article.card")).to_have_count(1)
    assert Nomination.objects.get(edition__community__slug="night-shift").reason == GARDEN
    assert Community.objects.get(slug="night-shift").hashtag == "NightShift"
    assert len(set(way.pages)) <= MOST_PAGES, way.pages
    assert 1 <= len(way.fields) <= MOST_FIELDS, way.fields


@both
def test_the_first_steps_are_taken_as_they_are_proposed_each_by_one_press(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    page.goto("/c/new/")
    page.get_by_label("Name").fill("Night shift")
    page.get_by_role("button", name="Found it").click()

    for press, done in (("Take these", 1), ("That suits us", 2), ("Make a link for ten people", 3),
                        ("Page and feeds are enough", 4)):  # fmt: skip
        page.get_by_role("button", name=press).click()
        expect(page.get_by_text(f"{done} of 5 done")).to_be_visible()
    expect(page.get_by_text("/c/night-shift/join/")).to_be_visible()
    page.goto("/desk/night-shift/")
    expect(page.get_by_text("4 of 5 done")).to_be_visible()
    page.get_by_role("link", name="See what is left").click()
    page.get_by_role("button", name="Put these steps away").click()

    expect(page.get_by_role("heading", name="The desk")).to_be_visible()
    expect(page.get_by_text("of 5 done")).to_have_count(0)


def test_address_and_hashtag_are_proposed_while_the_name_is_typed_and_what_one_typed_stays(
    demo: Community, enter: Visit
) -> None:
    page = enter("curator")
    page.goto("/c/new/")
    address, hashtag = page.get_by_label("Address"), page.get_by_label("Hashtag")

    page.get_by_label("Name").press_sequentially("Customer service")
    expect(address).to_have_value("customer-service")
    hashtag.fill("custservice")
    page.get_by_label("Name").fill("Night shift, 庭")
    expect(address).to_have_value("night-shift")
    expect(hashtag).to_have_value("custservice")
    page.get_by_label("Name").fill("庭の写真")
    expect(address).to_have_value("")
    page.get_by_role("button", name="Found it").click()

    expect(page.get_by_role("alert")).to_contain_text("letters from a to z")
    expect(page.get_by_label("Name")).to_have_value("庭の写真")
    expect(page.get_by_label("Hashtag")).to_have_value("custservice")
