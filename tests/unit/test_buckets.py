from __future__ import annotations

import pytest

from heatwall.buckets import Bucket, Buckets, Rate, household

RATE = Rate(burst=3, per_s=2.0)


def test_a_full_bucket_gives_its_burst_and_then_says_how_long_to_wait() -> None:
    bucket = Bucket(RATE, 100.0)
    assert [bucket.take(100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert bucket.take(100.25) == pytest.approx(0.25)
    assert bucket.take(100.5) == 0.0


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    bucket = Bucket(RATE, 0.0)
    taken = [bucket.take(1_000_000.0) for _ in range(4)]
    assert taken == [0.0, 0.0, 0.0, 0.5]


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    bucket = Bucket(RATE, 100.0)
    assert bucket.take(50.0) == 0.0
    assert bucket.take(50.0) == 0.0


def test_one_address_does_not_empty_the_bucket_of_another() -> None:
    buckets = Buckets(RATE)
    for _ in range(5):
        buckets.take("192.0.2.1", 0.0)
    assert buckets.take("192.0.2.1", 0.0) > 0
    assert buckets.take("192.0.2.2", 0.0) == 0.0


def test_all_addresses_of_one_ipv6_network_share_one_bucket() -> None:
    buckets = Buckets(RATE)
    taken = [buckets.take(f"2001:db8:0:1::{at:x}", 0.0) for at in range(4)]
    assert taken[-1] > 0
    assert buckets.take("2001:db8:0:2::1", 0.0) == 0.0


def test_so_many_addresses_are_remembered_and_no_more() -> None:
    buckets = Buckets(RATE, most=10)
    for _ in range(4):
        buckets.take("192.0.2.1", 0.0)
    for last in range(100):
        buckets.take(f"198.51.100.{last}", 0.0)
        assert buckets.take("192.0.2.1", 0.0) > 0  # who goes on asking is not forgotten
    assert len(buckets) == 10


@pytest.mark.parametrize(
    ("address", "known_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_a_household_is_an_ipv4_address_or_a_network_of_64_bits(
    address: str, known_as: str
) -> None:
    assert household(address) == known_as
