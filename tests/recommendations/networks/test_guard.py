"""The outbound guard: which addresses we go to, and that we go where we looked."""

import httpcore
import pytest

from recommendations.networks.guard import Forbidden, Guard, addresses_of, is_public
from tests.clock import Clock
from tests.waiting import PATIENCE

CLOCK = Clock()

PUBLIC = [
    "93.184.215.14",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82b::200e",
    "::ffff:93.184.215.14",
    "64:ff9b::5db8:d70e",
    "2002:5db8:d70e::1",
]

NOT_PUBLIC = [
    # IPv4
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.88.99.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    # IPv6
    "::",
    "::1",
    "::2",
    "100::1",
    "2001:db8::1",
    "2001:10::1",
    "3fff:1::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "4000::1",
    "5f00::1",
    "64:ff9b:1::1",
    # IPv4 dressed up as IPv6: mapped, compatible, 6to4, NAT64, Teredo
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:100.64.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:6440:1::1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::6440:1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:0:7f00:1::",
    # no address at all
    "",
    "localhost",
    "0x7f.1",
    "127.1",
    "2130706433",
]


class Recorder(httpcore.NetworkBackend):
    """Connects to nothing and writes down where it was sent; `dead` addresses refuse."""

    def __init__(self, dead=()):
        self.dead = dead
        self.went = []

    def connect_tcp(self, host, port, timeout=None, *_):
        self.went.append((host, port, timeout))
        if host in self.dead:
            raise httpcore.ConnectError(f"{host} refuses")
        return httpcore.MockStream([])


def guard(*answers, dead=(), is_open=lambda *_: False):
    plain = Recorder(dead)
    given = iter(answers)
    return Guard(is_open, lambda _: next(given), plain, CLOCK), plain


def soon(seconds=PATIENCE):
    return CLOCK() + seconds


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_gone_to(address):
    outbound, plain = guard([address])

    outbound.connect_tcp("ada.example", 443, soon())

    assert is_public(address)
    assert [where[:2] for where in plain.went] == [(address, 443)]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_any_other_address_is_refused_before_a_connection_is_made(address):
    outbound, plain = guard([address])

    with pytest.raises(Forbidden, match=r"ada\.example"):
        outbound.connect_tcp("ada.example", 443, soon())

    assert not is_public(address)
    assert plain.went == []


@pytest.mark.parametrize("order", [1, -1])
def test_one_inner_address_among_public_ones_refuses_the_name(order):
    outbound, plain = guard(["93.184.215.14", "10.0.0.1"][::order])

    with pytest.raises(Forbidden):
        outbound.connect_tcp("ada.example", 443, soon())

    assert plain.went == []


def test_an_inner_address_behind_many_public_ones_is_noticed():
    outbound, plain = guard([f"93.184.215.{n}" for n in range(50)] + ["127.0.0.1"])

    with pytest.raises(Forbidden):
        outbound.connect_tcp("ada.example", 443, soon())

    assert plain.went == []


def test_a_name_whose_address_changes_is_connected_to_the_address_that_was_checked():
    outbound, plain = guard(["93.184.215.14"], ["127.0.0.1"])

    outbound.connect_tcp("rebind.example", 443, soon())
    with pytest.raises(Forbidden):
        outbound.connect_tcp("rebind.example", 443, soon())

    assert [where[0] for where in plain.went] == ["93.184.215.14"]


def test_a_dead_address_leaves_the_next_one_its_share_of_the_time():
    outbound, plain = guard(["2606:4700::1", "93.184.215.14"], dead={"2606:4700::1"})

    outbound.connect_tcp("ada.example", 443, soon(4.0))

    assert [where[0] for where in plain.went] == ["2606:4700::1", "93.184.215.14"]
    assert plain.went[0][2] == pytest.approx(2.0)
    assert plain.went[1][2] == pytest.approx(4.0)


def test_no_more_than_three_addresses_are_tried():
    addresses = [f"93.184.215.{n}" for n in range(9)]
    outbound, plain = guard(addresses, dead=set(addresses))

    with pytest.raises(httpcore.ConnectError, match="refuses"):
        outbound.connect_tcp("ada.example", 443, soon())

    assert len(plain.went) == 3


def test_a_name_without_an_address_cannot_be_connected_to():
    outbound, _ = guard([])

    with pytest.raises(httpcore.ConnectError, match="no address"):
        outbound.connect_tcp("ada.example", 443, soon())


def test_an_opened_host_may_have_any_address():
    outbound, plain = guard(["127.0.0.1"], is_open=lambda *where: where == ("pds.test", 2583))

    outbound.connect_tcp("pds.test", 2583, soon())

    assert [where[:2] for where in plain.went] == [("127.0.0.1", 2583)]


def test_without_a_deadline_there_is_no_time():
    outbound, _ = guard(["93.184.215.14"])

    with pytest.raises(httpcore.ConnectTimeout):
        outbound.connect_tcp("ada.example", 443)


def test_the_systems_resolver_gives_addresses_once_each():
    found = addresses_of("localhost")

    assert found
    assert set(found) <= {"127.0.0.1", "::1"}
    assert len(found) == len(set(found))
