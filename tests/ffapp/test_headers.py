"""The headers of a public site's real answers, and whose word about addresses it takes."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.ffapp.booting import ROOT, environment

PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
HERE = {"HTTP_HOST": "ff.example", "wsgi.url_scheme": "https", "HTTP_REFERER": "https://ff.example/"}
SIGN_IN = "/accounts/login/"


def answers(folder, *questions: dict[str, Any], **variables: str) -> list[dict[str, Any]]:
    (folder / "broker").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.ffapp.answering"],
        cwd=ROOT,
        env=environment(FF_BASE_URL="https://ff.example", FF_DATA_DIR=str(folder), **variables),
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def headers(answer: dict[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in answer["headers"] if name.lower() != "set-cookie"}


def cookies(answer: dict[str, Any]) -> list[str]:
    return [value.strip() for name, value in answer["headers"] if name.lower() == "set-cookie"]


@pytest.fixture(scope="module")
def public(tmp_path_factory) -> dict[str, dict[str, Any]]:
    """What a public site answers, by what it was asked."""
    questions = {
        "home": {"path": "/"} | HERE,
        "sign-in page": {"path": SIGN_IN} | HERE,
        "sign-in": {"path": SIGN_IN, "form": {"login": "ada@ff.example"}} | HERE,
        "stylesheet": {"path": "/static/css/site.css"} | HERE,
        "picture": {"path": "/media/avatars/none.webp"} | HERE,
        "API": {"path": "/api/v1/communities"} | HERE,
        "feed": {"path": "/feed.atom"} | HERE,
        "nothing": {"path": "/nothing"} | HERE,
        "over http": {"path": "/c/"} | HERE | {"wsgi.url_scheme": "http"},
        "health over http": {"path": "/healthz", "HTTP_HOST": "127.0.0.1"},
        "another host": {"path": "/"} | HERE | {"HTTP_HOST": "evil.example"},
    }
    given = answers(tmp_path_factory.mktemp("data"), *questions.values())
    return dict(zip(questions, given, strict=True))


def test_it_answers_at_all(public) -> None:
    assert {name: answer["status"] for name, answer in public.items()} == {
        "home": 200,
        "sign-in page": 200,
        "sign-in": 302,
        "stylesheet": 404,  # nothing was collected here
        "picture": 404,
        "API": 200,
        "feed": 200,
        "nothing": 404,
        "over http": 301,
        "health over http": 200,
        "another host": 400,
    }


@pytest.mark.parametrize("name", ["home", "sign-in page", "sign-in", "API", "feed", "nothing"])
def test_every_answer_over_https_is_guarded(public, name: str) -> None:
    found = headers(public[name])

    assert found["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"
    assert found["x-content-type-options"] == "nosniff"
    assert found["x-frame-options"] == "DENY"
    assert found["referrer-policy"] == "strict-origin-when-cross-origin"
    assert found["cross-origin-opener-policy"] == "same-origin"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in found["permissions-policy"]
    assert "access-control-allow-origin" not in found


def policy(answer: dict[str, Any]) -> dict[str, set[str]]:
    directives = (each.split() for each in headers(answer)["content-security-policy"].split(";"))
    return {name: set(sources) for name, *sources in directives}


def test_a_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(public) -> None:
    found = policy(public["home"])

    assert found["default-src"] == found["base-uri"] == found["frame-ancestors"] == {"'none'"}
    assert found["script-src"] == found["style-src"] == found["form-action"] == found["connect-src"] == {"'self'"}
    assert set().union(*found.values()) <= {"'self'", "'none'", "data:"}


def test_pictures_may_stand_elsewhere(public) -> None:
    assert headers(public["picture"])["cross-origin-resource-policy"] == "cross-origin"


def test_cookies_are_bound_to_the_host_and_out_of_scripts_reach(public) -> None:
    given = cookies(public["sign-in page"]) + cookies(public["sign-in"])

    assert {cookie.split("=")[0] for cookie in given} == {"__Host-csrf", "__Host-session"}
    for cookie in given:
        attributes = {each.strip().lower() for each in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
        assert not any(attribute.startswith("domain") for attribute in attributes)


def test_who_only_reads_gets_no_cookie(public) -> None:
    assert cookies(public["home"]) == cookies(public["API"]) == cookies(public["feed"]) == []


def test_http_leads_to_https_but_for_the_health_check(public) -> None:
    assert headers(public["over http"])["location"] == "https://ff.example/c/"
    assert public["health over http"]["body"] == '{"alive": true}'


def test_the_http_observatory_would_give_at_least_130_points(public) -> None:
    assert observatory(public["home"], public["sign-in"]) >= 130


def observatory(page: dict[str, Any], signed_in: dict[str, Any]) -> int:
    """The score by the rules of MDN's HTTP Observatory (developer.mozilla.org, "Tests and scoring").

    Only those modifiers stand here that a site such as this can meet; what would cost points costs 100.
    """
    found, rules, set_cookies = headers(page), policy(page), cookies(signed_in)
    sources = re.findall(r"<script[^>]*\ssrc=\"([^\"]*)\"", page["body"])
    max_age = re.search(r"max-age=(\d+)", found.get("strict-transport-security", ""))
    must = [
        bool(max_age) and int(max_age[1]) >= 15_768_000,
        found.get("x-content-type-options") == "nosniff",
        "access-control-allow-origin" not in found,
        all(source.startswith("/") and not source.startswith("//") for source in sources) and bool(sources),
        not {"'unsafe-inline'", "'unsafe-eval'", "http:", "https:", "*"} & set().union(*rules.values()),
    ]
    bonus = [
        10 * (rules["default-src"] == {"'none'"} and {"base-uri", "form-action", "frame-ancestors"} <= set(rules)),
        5 * (bool(set_cookies) and all("SameSite" in c and "Secure" in c and "HttpOnly" in c for c in set_cookies)),
        5 * (found.get("referrer-policy") in PRIVATE),
        5 * ("frame-ancestors" in rules),
        10 * (found.get("cross-origin-resource-policy") in ("same-origin", "same-site")),
    ]
    return 100 - 100 * must.count(False) + sum(bonus)


FORWARDED = {
    "HTTP_CLIENTADDRESS": "198.51.100.7",
    "HTTP_CLIENTSCHEME": "https",
    "HTTP_X_FORWARDED_FOR": "192.0.2.1",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_HOST": "ff.example",
}


def test_a_trusted_proxy_is_believed_and_nobody_else(tmp_path) -> None:
    from_proxy, from_stranger = answers(
        tmp_path,
        {"path": "/c/", "REMOTE_ADDR": "10.1.2.3"} | FORWARDED,
        {"path": "/c/", "REMOTE_ADDR": "203.0.113.5"} | FORWARDED,
        FF_TRUSTED_PROXIES="10.0.0.0/8,127.0.0.1",
    )

    assert (from_proxy["status"], from_proxy["remote_addr"]) == (200, "198.51.100.7")
    assert (from_stranger["status"], from_stranger["remote_addr"]) == (301, "203.0.113.5")


def test_without_trusted_proxies_nobody_is_believed(tmp_path) -> None:
    (answer,) = answers(tmp_path, {"path": "/c/", "REMOTE_ADDR": "127.0.0.1"} | FORWARDED)

    assert (answer["status"], answer["remote_addr"]) == (301, "127.0.0.1")
