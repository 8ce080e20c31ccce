"""The HTTP client against real servers: what it sends, what it takes, and what it will not put up with."""

import gzip
import itertools
import json
import ssl
import threading
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from recommendations.networks.base import Options, OutcomeUnknown, Rejected, Unavailable
from recommendations.networks.guard import Forbidden
from recommendations.networks.http import MAX_BYTES, Client, Response, client
from tests.clock import Clock
from tests.recommendations.networks.servers import web, wire
from tests.recommendations.networks.slow import (
    NEVER,
    OK,
    SlowNetwork,
    drip_body,
    drip_head,
    drip_hints,
    say_nothing,
    send_elsewhere,
)
from tests.waiting import PATIENCE


@pytest.fixture
def site():
    with web() as running:
        yield running


@pytest.fixture
def opened(site):
    """A client that may reach the site."""
    made = Client(Options(user_agent="FollowFriday tests", open_hosts=(site.host,)))
    yield made
    made.close()


@pytest.fixture
def reach():
    """Make a client that may reach the given hosts."""
    made = []

    def make(*hosts, **more):
        made.append(Client(Options(open_hosts=hosts), **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def never(host):
    raise AssertionError(f"{host} was looked up")


# What is sent and what comes back


def test_a_page_is_fetched(site, opened):
    site.answer("/who", b'{"name": "Ada"}', Content_Type="application/json", X_Thing="1")

    answer = opened.get(site.url("/who"), params={"q": "ä&b"}, headers={"Accept": "application/json"})

    assert answer.status == 200
    assert answer.json() == {"name": "Ada"}
    assert answer.text == '{"name": "Ada"}'
    assert answer.headers["x-thing"] == "1"
    assert answer.url == site.url("/who?q=%C3%A4%26b")
    assert answer.host == "127.0.0.1"
    (asked,) = site.asked
    assert asked.path == "/who?q=%C3%A4%26b"
    assert asked.headers["user-agent"] == "FollowFriday tests"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["host"] == site.host
    assert "cookie" not in asked.headers


def test_parameters_join_those_in_the_url(site, opened):
    opened.get(site.url("/who?a=1"), params={"b": "2"})

    assert site.asked[0].path == "/who?a=1&b=2"


@pytest.mark.parametrize("status", [201, 204, 304, 400, 404, 410, 429, 500, 503])
def test_any_other_status_is_handed_to_the_caller(site, opened, status):
    site.answer("/", status=status)

    assert opened.get(site.url()).status == status


@pytest.mark.parametrize(
    ("body", "sent", "media_type"),
    [
        ({"json": {"a": True, "b": "ä"}}, '{"a":true,"b":"ä"}'.encode(), "application/json"),
        ({"data": {"a": "1 2", "b": "ä"}}, b"a=1+2&b=%C3%A4", "application/x-www-form-urlencoded"),
        ({"content": b"\x00\xff", "headers": {"Content-Type": "image/png"}}, b"\x00\xff", "image/png"),
    ],
    ids=["json", "form", "bytes"],
)
def test_what_is_posted_arrives(site, opened, body, sent, media_type):
    site.answer("/", b"done")

    posted = opened.post(site.url(), **body)
    put = opened.put(site.url(), **body)

    assert (posted.content, put.content) == (b"done", b"done")
    assert [each.method for each in site.asked] == ["POST", "PUT"]
    for asked in site.asked:
        assert asked.body == sent
        assert asked.headers["content-type"] == media_type


def test_a_header_of_the_caller_replaces_ours_in_any_case(site, opened):
    opened.get(site.url(), headers={"user-agent": "Ada"})

    assert site.asked[0].headers["user-agent"] == "Ada"


def test_cookies_are_forgotten(site, opened):
    site.answer("/", Set_Cookie="session=1; Path=/")

    opened.get(site.url())
    opened.get(site.url())

    assert "cookie" not in site.asked[1].headers


def test_proxies_of_the_environment_are_not_used(site, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.answer("/", b"straight")

    answer = Client(Options(open_hosts=(site.host,))).get(site.url())

    assert answer.content == b"straight"


def test_connections_are_reused(site, opened):
    for _ in range(5):
        opened.get(site.url())

    assert len(site.asked) == 5
    assert site.connections == 1


def test_a_connection_the_server_closed_in_between_is_made_anew(site, opened):
    site.answer("/", Connection="close")

    answers = [opened.get(site.url()).status for _ in range(3)]

    assert answers == [200, 200, 200]
    assert site.connections == 3


def test_many_threads_share_one_client(site, opened):
    for n in range(40):
        site.answer(f"/{n}", str(n).encode() * 1_000)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: opened.get(site.url(f"/{n}")).text, range(40)))

    assert answers == [str(n) * 1_000 for n in range(40)]
    assert site.connections <= 16


def test_one_client_is_kept_per_options():
    assert client(Options(user_agent="a")) is client(Options(user_agent="a"))
    assert client(Options(user_agent="a")) is not client(Options(user_agent="b"))


@respx.mock
def test_respx_can_stand_in_for_the_network():
    respx.get("https://ada.example/who", params={"q": "1"}).respond(json={"name": "Ada"})

    answer = Client(Options(), resolve=never).get("https://ada.example/who", params={"q": "1"})

    assert answer.json() == {"name": "Ada"}


# Where we do not go


@pytest.mark.parametrize(
    "url",
    [
        "http://ada.example/",
        "https://ada.example:8443/",
        "https://ada.example:80/",
        "http://ada.example:443/",
        "https://ada@ada.example/",
        "https://ada:secret@ada.example/",
        "ftp://ada.example/",
        "file:///etc/passwd",
        "gopher://ada.example/",
        "//ada.example/",
        "/who",
        "",
        "https://",
        "https:///who",
        "https://ada.example:port/",
        "https://ada.example:99999/",
        "https://[::1/",
        "https://ad\x00a.example/",
        "https://ada.example/\ud800",
        "https://\ud800.example/",
        "https://xn--\u0301.example/",
        "https://" + "a" * 100_000,
    ],
    ids=lambda url: ascii(url[:40]),
)
def test_only_https_on_its_usual_port_is_spoken(reach, url):
    with pytest.raises(Forbidden):
        reach(resolve=never).get(url)
    with pytest.raises(Forbidden):
        reach(resolve=never).post(url)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://ada.example/", "127.0.0.1"),
        ("https://ada.example/", "::ffff:100.64.0.1"),
        ("https://ada.example/", "64:ff9b::a9fe:a9fe"),
        ("https://ada.example:443/", "2002:7f00:1::"),
        ("https://127.0.0.1/", "127.0.0.1"),
        ("https://2130706433/", "127.0.0.1"),
        ("https://0x7f.1/", "127.0.0.1"),
        ("https://[::1]/", "::1"),
        ("https://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"),
        ("https://localhost/", "127.0.0.1"),
        ("https://bücher.example/", "fec0::1"),
    ],
)
def test_inner_addresses_are_refused(reach, url, address):
    with pytest.raises(Forbidden, match="not on the open internet"):
        reach(resolve=lambda _: [address]).get(url)


@pytest.mark.parametrize("host", ["xn--999999999.example", "xn--i-7iq.example", "xn--.example"])
def test_malformed_punycode_and_emoji_are_hosts_like_others(reach, host):
    with pytest.raises(Forbidden, match="not on the open internet"):
        reach(resolve=lambda _: ["127.0.0.1"]).get(f"https://{host}/")


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://0x7f.1/"])
def test_the_systems_own_answers_are_refused_too(reach, url):
    with pytest.raises((Forbidden, Unavailable)):  # a machine without IPv6 does not know [::1]
        reach().get(url)


def test_a_host_is_opened_with_its_port_or_whole(reach, site):
    site.answer("/", b"in")

    for entry in (site.host, "127.0.0.1"):
        assert reach(entry).get(site.url()).content == b"in"
    with pytest.raises(Forbidden):
        reach("127.0.0.1:1").get(site.url())
    with pytest.raises(Forbidden):
        reach("127.0.0.2").get(site.url())


def test_an_opened_name_is_found_in_any_case_and_an_ipv6_address_in_brackets(reach):
    local = reach("PDS.test:2583", "[::1]:2583", resolve=lambda _: [])

    for url in ("http://pds.TEST:2583/", "http://[::1]:2583/"):
        with pytest.raises(Unavailable):
            local.get(url)


# Redirects


def test_three_redirects_are_followed(site, opened):
    site.answer("/a", status=301, Location="/b")
    site.answer("/b", status=302, Location="c")
    site.answer("/c", status=308, Location=site.url("/d"))
    site.answer("/d", b"there")

    answer = opened.get(site.url("/a"), headers={"Authorization": "Bearer 1"})

    assert answer.content == b"there"
    assert answer.url == site.url("/d")
    assert [each.headers["authorization"] for each in site.asked] == ["Bearer 1"] * 4


def test_a_fourth_redirect_is_too_many(site, opened):
    for here, there in itertools.pairwise("abcde"):
        site.answer(f"/{here}", status=307, Location=f"/{there}")
    site.answer("/e", b"too late")

    with pytest.raises(Rejected, match="from one address to the next"):
        opened.get(site.url("/a"))

    assert [each.path for each in site.asked] == ["/a", "/b", "/c", "/d"]


def test_a_loop_of_redirects_ends(site, opened):
    site.answer("/", status=302, Location="/")

    with pytest.raises(Rejected):
        opened.get(site.url())

    assert len(site.asked) == 4


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "http://ada.example/",
        "https://ada.example:8443/",
        "https://inner.example/",
        "file:///etc/passwd",
        "https://ada@inner.example/",
        "https://[",
        "https://ada.example:port/",
        "//inner.example:1/",
    ],
)
def test_a_redirect_is_checked_like_any_other_address(site, reach, location):
    site.answer("/", status=302, Location=location)

    inner = reach(site.host, resolve=lambda host: ["127.0.0.1" if host == "127.0.0.1" else "169.254.169.254"])
    with pytest.raises(Forbidden):
        inner.get(site.url())


def test_a_redirect_to_another_origin_carries_no_secrets(site):
    with web() as other:
        both = Client(Options(open_hosts=(site.host, other.host)))
        site.answer("/", status=302, Location=other.url("/there"))
        other.answer("/there", b"there")

        both.get(site.url(), headers={"Authorization": "Bearer 1", "X-Key": "2", "ACCEPT": "text/html"})
        both.close()

    (asked,) = other.asked
    assert "authorization" not in asked.headers
    assert "x-key" not in asked.headers
    assert asked.headers["accept"] == "text/html"


def test_a_redirect_without_an_address_is_an_answer(site, opened):
    site.answer("/", status=302)

    assert opened.get(site.url()).status == 302


def test_what_is_written_follows_no_redirect(site, opened):
    site.answer("/", status=307, Location="/elsewhere")

    assert opened.post(site.url(), json={}).status == 307
    assert [each.path for each in site.asked] == ["/"]


# Size


def test_a_body_at_the_limit_is_taken_and_one_byte_more_is_not(site, opened):
    site.answer("/fits", b"a" * MAX_BYTES)
    site.answer("/over", b"a" * (MAX_BYTES + 1))

    assert len(opened.get(site.url("/fits")).content) == MAX_BYTES
    with pytest.raises(Rejected, match="more than anybody would read"):
        opened.get(site.url("/over"))


def test_an_endless_body_is_cut_short():
    def pour(connection, over):
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        while not over.is_set():
            connection.sendall(b"10000\r\n" + b"a" * 65_536 + b"\r\n")

    with wire(pour) as host, pytest.raises(Rejected, match="more than"):
        Client(Options(open_hosts=(host,))).get(f"http://{host}/")


def test_gzip_is_unpacked(site, opened):
    site.answer("/", gzip.compress(b"Ada " * 10_000), Content_Encoding="gzip")

    assert opened.get(site.url()).content == b"Ada " * 10_000
    assert site.asked[0].headers["accept-encoding"] == "gzip"


def test_an_empty_gzip_is_empty(site, opened):
    site.answer("/", b"", Content_Encoding="gzip")

    assert opened.get(site.url()).content == b""


def test_a_gzip_bomb_does_not_go_off(site, opened):
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()
    site.answer("/", bomb, Content_Encoding="gzip")
    assert len(bomb) < MAX_BYTES

    tracemalloc.start()
    with pytest.raises(Rejected, match="more than"):
        opened.get(site.url())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10 * MAX_BYTES


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"not gzip at all"),
        ("gzip", gzip.compress(b"Ada " * 10_000)[:-20]),
        ("br", b"\x8b\x00\x80Ada\x03"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"Ada"))),
        ("deflate", zlib.compress(b"Ada")),
    ],
    ids=["no gzip", "cut short", "brotli", "twice", "deflate"],
)
def test_a_body_that_cannot_be_unpacked_is_useless(site, opened, coding, body):
    site.answer("/", body, Content_Encoding=coding)

    with pytest.raises(Rejected, match=r"broken gzip|did not ask for"):
        opened.get(site.url())
    with pytest.raises(OutcomeUnknown, match=r"broken gzip|did not ask for"):
        opened.post(site.url())


def test_huge_headers_are_refused():
    def boast(connection, over):
        connection.sendall(OK + b"X-Long: " + b"a" * 1_000_000 + b"\r\nContent-Length: 0\r\n\r\n")

    with wire(boast) as host:
        with pytest.raises(Unavailable):
            Client(Options(open_hosts=(host,))).get(f"http://{host}/")
        with pytest.raises(OutcomeUnknown):
            Client(Options(open_hosts=(host,))).put(f"http://{host}/")


# Time and accidents


SECONDS = 30.0


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def slow(reach, clock):
    """Make a client of ada.example, which is as slow as the arguments say."""

    def make(says, **more):
        plain = SlowNetwork(clock, says, **more)
        return reach("ada.example", resolve=lambda _: ["127.0.0.1"], plain=plain, clock=clock)

    return make


def say_nothing_at_all(connection, over):
    over.wait()


def hang_up(connection, over):
    pass


def hang_up_half_way(connection, over):
    connection.sendall(OK + b"Content-Length: 1000\r\n\r\nhalf")


def babble(connection, over):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n" * 10)


@pytest.mark.parametrize("says", [drip_body, drip_head, drip_hints, say_nothing])
@pytest.mark.parametrize(
    ("method", "trouble"), [("get", Unavailable), ("post", OutcomeUnknown), ("put", OutcomeUnknown)]
)
def test_the_whole_exchange_keeps_to_its_time(slow, clock, says, method, trouble):
    began = clock.now

    with pytest.raises(trouble, match="did not answer in time"):
        getattr(slow(says), method)("http://ada.example/", timeout=SECONDS)

    assert clock.now - began == pytest.approx(SECONDS, abs=2)


def test_a_server_that_is_slow_within_its_time_is_waited_for(slow, clock):
    def says():
        yield 25.0, OK + b"Content-Length: 3\r\n\r\n"
        yield 4.0, b"Ada"

    assert slow(says).get("http://ada.example/", timeout=SECONDS).text == "Ada"


def test_a_real_connection_on_which_nothing_comes_is_given_up(reach):
    with wire(say_nothing_at_all) as host, pytest.raises(Unavailable):
        reach(host).get(f"http://{host}/", timeout=0.05)


@pytest.mark.parametrize("speak", [hang_up, hang_up_half_way, babble])
@pytest.mark.parametrize(
    ("method", "trouble"), [("get", Unavailable), ("post", OutcomeUnknown), ("put", OutcomeUnknown)]
)
def test_a_lost_answer_to_a_write_leaves_the_outcome_unknown(reach, speak, method, trouble):
    with wire(speak) as host, pytest.raises(trouble):
        getattr(reach(host), method)(f"http://{host}/", timeout=PATIENCE)


def test_redirects_share_the_time_of_the_whole(slow, clock):
    began = clock.now

    with pytest.raises(Unavailable):
        slow(send_elsewhere).get("http://ada.example/", timeout=SECONDS)

    assert clock.now - began == pytest.approx(SECONDS)


def test_a_request_nobody_reads_ends_in_time(slow, clock):
    began = clock.now

    with pytest.raises(OutcomeUnknown):
        slow(say_nothing, write=2.0).post("http://ada.example/", content=b"a" * 3_000_000, timeout=SECONDS)

    assert clock.now - began == pytest.approx(SECONDS)


def test_a_real_connection_that_takes_nothing_is_given_up(reach):
    with wire(say_nothing_at_all) as host, pytest.raises((OutcomeUnknown, Unavailable)):
        reach(host).post(f"http://{host}/", content=b"a" * 30_000_000, timeout=0.2)


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_without_time_nothing_is_sent(site, opened, method):
    with pytest.raises(Unavailable):
        getattr(opened, method)(site.url(), timeout=0)

    assert site.asked == []


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_where_nobody_listens_nothing_was_carried_out(reach, method):
    with wire(hang_up) as host:
        pass

    with pytest.raises(Unavailable, match="cannot be reached"):
        getattr(reach(host), method)(f"http://{host}/")


@pytest.mark.parametrize("trouble", [OSError("no such name"), UnicodeError("label too long")])
@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_a_name_nobody_knows_cannot_be_reached(reach, method, trouble):
    def resolve(host):
        raise trouble

    with pytest.raises(Unavailable, match=r"ada\.example cannot be reached"):
        getattr(reach(resolve=resolve), method)("https://ada.example/")


def test_a_slow_resolver_is_not_waited_for(reach):
    over, answered = threading.Event(), threading.Event()

    def resolve(host):
        over.wait(PATIENCE)
        answered.set()
        return ["93.184.215.14"]

    with pytest.raises(Unavailable):
        reach(resolve=resolve).get("https://ada.example/", timeout=0.05)

    assert not answered.is_set()
    over.set()


@pytest.mark.parametrize("headers", [{"X-Bad": "a\r\nX-Smuggled: b"}, {"X-Bad\n": "a"}, {"X-Bad": "ä\ud800"}])
def test_a_header_that_cannot_be_sent_is_refused(site, opened, headers):
    with pytest.raises(Rejected, match="cannot be sent"):
        opened.get(site.url(), headers=headers)

    assert site.asked == []


def test_a_body_that_cannot_be_encoded_is_refused(site, opened):
    with pytest.raises(Rejected, match="cannot be sent"):
        opened.post(site.url(), json={"text": "\ud800"})

    assert site.asked == []


# TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for ada.example, and contexts for both sides."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("ada.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path_factory.mktemp("tls") / "both.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=pem)


def test_the_name_is_kept_for_tls_and_host_while_the_address_is_gone_to(reach, authority):
    server, trust = authority
    names = []
    server.sni_callback = lambda _, name, __: names.append(name)

    with web(server) as site:
        site.answer("/", b"in private")
        host = f"ada.example:{site.port}"
        answer = reach(host, resolve=lambda _: ["127.0.0.1"], tls=trust).get(f"https://{host}/")

    assert answer.content == b"in private"
    assert names == ["ada.example"]
    assert site.asked[0].headers["host"] == host


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_certificate_for_another_name_is_refused(reach, authority, method):
    server, trust = authority
    with web(server) as site:
        host = f"grace.example:{site.port}"
        wary = reach(host, resolve=lambda _: ["127.0.0.1"], tls=trust)
        with pytest.raises(Unavailable, match="cannot be reached"):
            getattr(wary, method)(f"https://{host}/")

    assert site.asked == []


def test_a_certificate_from_nowhere_is_refused(reach, authority):
    server, _ = authority
    with web(server) as site:
        host = f"ada.example:{site.port}"
        wary = reach(host, resolve=lambda _: ["127.0.0.1"])
        with pytest.raises(Unavailable):
            wary.get(f"https://{host}/")

    assert site.asked == []


def test_a_handshake_nobody_answers_ends_in_time(slow, clock):
    began = clock.now

    with pytest.raises(Unavailable):
        slow(say_nothing, handshake=NEVER).post("https://ada.example/", timeout=SECONDS)

    assert clock.now - began == pytest.approx(SECONDS)


# Reading answers


def response(content=b"", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(200, named, content, "https://ada.example/who")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"{",
        b"[]",
        b'"Ada"',
        b"null",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"a": ' + b"1" * 5_000 + b"}",
        b'{"a": "\xff"}',
    ],
    ids=lambda content: ascii(content[:12]),
)
def test_what_is_no_json_object_is_rejected(content):
    with pytest.raises(Rejected, match=r"ada\.example"):
        response(content).json()


def test_other_shapes_are_given_when_asked_for():
    assert response(b"[1]").json(list) == [1]
    assert response(b'{"a": 1}').json(object) == {"a": 1}
    assert response(json.dumps({"a": "\ud800"}).encode()).json() == {"a": "\ud800"}
    with pytest.raises(Rejected):
        response(b"{}").json(list)


def test_text_is_read_whatever_it_is():
    assert response(b"Ad\xff").text == "Ad\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "90"}, 90),
        ({"retry_after": " 0 "}, 0),
        ({"retry_after": "99999999"}, 86_400),
        ({"retry_after": "{later:%a, %d %b %Y %H:%M:%S} GMT"}, 90),
        ({"x_ratelimit_reset": "{later:%Y-%m-%dT%H:%M:%S.%f}+00:00"}, 90),
        ({"x_ratelimit_reset": "{later:%Y-%m-%dT%H:%M:%S}.123Z"}, 90),
        ({"x_ratelimit_reset": "{later:%Y-%m-%dT%H:%M:%S}"}, 90),
        ({"ratelimit_reset": "{since_1970}"}, 90),
        ({"ratelimit_reset": "1000000000"}, 0),
        ({"ratelimit_reset": "9" * 50}, None),
        ({"retry_after": "soon", "ratelimit_reset": "90"}, 90),
        ({"x_ratelimit_reset": "9999-12-31T23:59:59Z"}, 86_400),
        ({"x_ratelimit_reset": "0001-01-01T00:00:00+23:59"}, 0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "Fri, 99 Foo 2026 25:61:61 GMT"}, None),
        ({"retry_after": ""}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_server_says_when_to_come_back(headers, seconds):
    before = datetime.now(UTC)
    later = before + timedelta(seconds=90)  # told to the second, or a fraction of one: which may be a second off
    when = {"later": later, "since_1970": int(later.timestamp())}

    moment = response(**{name: value.format(**when) for name, value in headers.items()}).retry_at

    if seconds is None:
        assert moment is None
    else:
        assert moment is not None
        off = timedelta(seconds=1)
        assert before - off <= moment - timedelta(seconds=seconds) <= datetime.now(UTC) + off


def test_httpx_still_has_the_pool_we_replace():
    with httpx.HTTPTransport() as transport:
        assert hasattr(transport, "_pool")
