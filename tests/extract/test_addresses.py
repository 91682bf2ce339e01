"""No spelling of an inside address gets through."""

import pytest

from yuqing_daemon.extract.addresses import literal_address, refuse_reason

INSIDE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = [
    "1.1.1.1",
    "8.8.8.8",
    "114.114.114.114",
    "172.32.0.1",
    "192.167.255.255",
    "2400:3200::1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", INSIDE)
def test_inside_addresses_are_refused(address: str) -> None:
    assert refuse_reason(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_public_addresses_are_not(address: str) -> None:
    assert refuse_reason(address) == ""


def test_what_is_no_address_is_refused() -> None:
    assert refuse_reason("example.com") == "example.com is not an address"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "0x7F.1",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "１２７.0.0.1",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "%31%32%37.0.0.1",
        "[127.0.0.1]",
    ],
)
def test_every_spelling_of_loopback_is_understood(host: str) -> None:
    assert literal_address(host) == "127.0.0.1"


def test_ipv6_literals_are_understood() -> None:
    assert literal_address("[::FFFF:127.0.0.1]") == "::ffff:7f00:1"
    assert literal_address("[fe80::1%25eth0]") == "fe80::1"


@pytest.mark.parametrize(
    "host", ["example.com", "1.example.com", "a1b2", "256.1.1.1", "1.2.3.4.5", "", "08.1", "12::z"]
)
def test_names_are_left_to_be_looked_up(host: str) -> None:
    assert literal_address(host) is None
