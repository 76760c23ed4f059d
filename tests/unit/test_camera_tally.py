from __future__ import annotations

from heatwall.camera.link import Figures
from heatwall.camera.tally import Tally
from heatwall.values import Tier


def figures(decoded: int, late: int = 0, tile: int = 0) -> Figures:
    return Figures(
        decoded=decoded,
        shown={"tile": tile},
        dropped={"late": late},
        stage_s={"decode": decoded / 100},
        newest_s=1.0,
        width=640,
        height=360,
    )


def test_totals_go_on_over_the_workers_of_a_camera() -> None:
    tally = Tally()
    assert (tally.total("decoded"), tally.totals("dropped"), tally.stage_s()) == (0, {}, {})
    tally.note(figures(100, late=2, tile=50), 0.0)
    tally.close_worker()
    assert tally.newest is None
    assert tally.total("decoded") == 100
    tally.note(figures(10, late=1, tile=5), 1.0)
    assert tally.total("decoded") == 110
    assert tally.totals("dropped") == {"late": 3}
    assert tally.totals("shown") == {"tile": 55}
    assert tally.stage_s() == {"decode": 1.1}


def test_a_worker_that_is_closed_twice_counts_once() -> None:
    tally = Tally()
    tally.note(figures(7), 0.0)
    tally.close_worker()
    tally.close_worker()
    assert tally.total("decoded") == 7


def test_rates_are_of_now_and_the_fastest_tier_is_told() -> None:
    tally = Tally()
    for second in range(6):
        tally.note(figures(25 * second, late=5 * second, tile=15 * second), float(second))
    assert tally.decoded_fps(5.0) == 25.0
    assert tally.late_fps(5.0) == 5.0
    assert tally.shown_fps({Tier.TILE, Tier.FOCUS}, 5.0) == 15.0
    assert tally.shown_fps((), 5.0) == 0.0
