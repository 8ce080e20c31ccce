"""What machines and other sites read: robots, sitemaps, the manifest, structured data, embeds and oEmbed."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client

from recommendations.models import Channel, Delivery, Profile
from tests.recommendations.readers import published, somebody

EDITION = "/c/custserv/editions/1/"
SITE = "http://localhost:8000"
HOSTILE = '</script><img src=x onerror=alert(1)>"&'


@pytest.fixture
def out(community):
    """Joan, Alan (for members only) and somebody with a hostile name."""
    people = [
        somebody("joan@quiet.example"),
        somebody("alan@bletchley.example", members_only=True),
        somebody("eve@bad.example", display_name=HOSTILE),
    ]
    return published(community, people)


def get(address, **query):
    return Client().get(address, query)


def links(page, rel):
    tags = re.findall(r"<link [^>]*>", page.content.decode())
    return [unescape(re.search(r'href="([^"]*)"', tag)[1]) for tag in tags if f'rel="{rel}"' in tag]


def test_crawlers_are_told_what_to_leave_alone_and_where_the_sitemap_is(db):
    told = get("/robots.txt").content.decode()

    assert f"Sitemap: {SITE}/sitemap.xml" in told
    assert {"Disallow: /me/", "Disallow: /desk/", "Disallow: /search/"} <= set(told.splitlines())


def addresses(address):
    return [each.text for each in ElementTree.fromstring(get(address).content).iter() if each.tag.endswith("loc")]


def test_the_sitemap_leads_to_every_page_that_everybody_may_read(out):
    Profile.objects.filter(name="eve").update(word="declined")

    found = [page for part in addresses("/sitemap.xml") for page in addresses(urlsplit(part).path)]

    paths = {urlsplit(page).path for page in found}
    always = {"/", "/c/", "/feeds/", "/how-we-rank/"}
    assert paths == always | {"/c/custserv/", EDITION, "/p/mastodon/joan@quiet.example/"}
    assert {get(path).status_code for path in paths} == {200}


def test_the_site_can_be_put_on_a_phone(db):
    (address,) = links(get("/"), "manifest")
    told = get(address)

    assert told["Content-Type"] == "application/manifest+json"
    assert {icon["sizes"] for icon in told.json()["icons"]} == {"any", "180x180"}


def test_search_engines_read_the_list_and_nobody_breaks_out_of_it(out):
    page = get(EDITION).content.decode()

    (told,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    items = json.loads(told)["itemListElement"]
    assert [(each["position"], each["item"]["name"]) for each in items] == [(1, "Joan"), (3, HOSTILE)]
    assert items[0]["item"]["url"] == f"{SITE}/p/mastodon/joan@quiet.example/"


def test_the_fediverse_learns_whose_it_is(out, community):
    assert "fediverse:creator" not in get(EDITION).content.decode()
    channel = Channel.objects.create(
        community=community, network="mastodon", uri="https://s.example/users/us", name="us", host="s.example",
        sealed_secret="x", limits={}, limits_at=out.published_at,
    )  # fmt: skip
    Delivery.objects.create(edition=out, channel=channel, rehearsal=False)

    assert '<meta name="fediverse:creator" content="@us@s.example">' in get(EDITION).content.decode()


def test_any_site_may_frame_an_edition_and_nothing_runs_there(out):
    page = get(f"{EDITION}embed/")

    assert "X-Frame-Options" not in page.headers
    assert "frame-ancestors *" in page["Content-Security-Policy"]
    assert "<script" not in page.content.decode()
    assert "Joan" in page.content.decode()
    assert "Alan" not in page.content.decode()
    assert page.cookies == {}
    assert get(EDITION)["X-Frame-Options"] == "DENY"


def test_who_declines_leaves_the_frame_too(out):
    Profile.objects.filter(name="joan").update(word="declined")

    assert "Joan" not in get(f"{EDITION}embed/").content.decode()


def test_an_edition_says_how_to_show_it_elsewhere(out):
    told_at = next(each for each in links(get(EDITION), "alternate") if "oembed" in each)
    asked = urlsplit(told_at)
    answer = get(asked.path, **{name: value[0] for name, value in parse_qs(asked.query).items()})

    told = answer.json()
    assert (told["version"], told["type"], told["provider_name"]) == ("1.0", "rich", "Follow Friday")
    assert f'src="{SITE}{EDITION}embed/"' in told["html"]
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ({}, (480, 640)),
        ({"maxwidth": "300", "maxheight": "9999"}, (300, 640)),
        ({"maxwidth": "1"}, (240, 640)),
        ({"maxwidth": "-5", "maxheight": "9" * 50}, (480, 640)),
        ({"maxwidth": "٣٠٠"}, (300, 640)),
    ],
)
def test_the_frame_is_as_small_as_is_asked(out, asked, got):
    told = get("/oembed", url=f"{SITE}{EDITION}", **asked).json()

    assert (told["width"], told["height"]) == got
    assert f'width="{got[0]}" height="{got[1]}"' in told["html"]


@pytest.mark.parametrize(
    "url",
    ["", "x", SITE, f"{SITE}/c/custserv/", f"{SITE}/c/custserv/editions/99/", f"https://evil.example{EDITION}", "http://["],
)  # fmt: skip
def test_of_other_addresses_there_is_nothing_to_tell(out, url):
    assert get("/oembed", url=url).status_code == 404


def test_it_is_told_as_json_only(out):
    assert get("/oembed", url=f"{SITE}{EDITION}", format="xml").status_code == 501


def test_a_hostile_title_stays_within_the_frames_title(out):
    type(out).objects.update(title=HOSTILE)

    told = get("/oembed", url=f"{SITE}{EDITION}").json()

    assert told["title"].startswith(HOSTILE)
    assert "<img" not in told["html"]
    assert told["html"].count('"') == 14
