"""Random faults in a shop of eight cameras with three viewers: whom they strike, and whom not."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from heatwall.capacity.trial import percentile
from support.chaos import FAULTS, FPS, NOTHING, Held, Outcome, Shop, open_shop
from support.eventually import eventually_async
from support.soak import amount, is_soak, tell

RUN_S = amount(75, 600)
QUIET_S = amount(5, 30)

HOLDS_S = (2.0, 7.0)
"""How long a fault lasts."""

HANG_S = 12.0
"""The same for a model, whose hanging is noticed within nine seconds."""

BACK_S = 10.0
"""Within which a camera is back on screen in the old session; on a machine that has time."""

SPARE_S = 20.0
"""What a busy machine may add."""

MISSING = 0.005
"""Share of the other cameras' frames that may be missing beside those that the server left out for
a busy machine, and counted: the cameras of this test have one machine with it."""

GROWTH_MB = 60
"""Of main: threads of models that hung, and what allocators keep."""


async def quiet(shop: Shop) -> list[float]:
    """Return the latency of all pictures in a while without faults, seconds; looked at as often."""
    return (await shop.strike(NOTHING, "", QUIET_S)).latency_s


def check(outcome: Outcome) -> None:
    """Check that a fault cost the other cameras nothing, and that all was well again."""
    assert outcome.lost == 0, outcome
    assert outcome.restarts == 0, outcome
    assert outcome.missing - outcome.late <= MISSING * outcome.pictures, outcome
    assert outcome.recovered_s < BACK_S + SPARE_S, outcome


def check_nothing_leaked(before: Held, after: Held) -> None:
    assert after.workers == before.workers
    assert after.main_mb < before.main_mb + GROWTH_MB
    assert after.worker_mb < before.worker_mb * 1.5 + 20
    assert after.descriptors <= before.descriptors + 8
    assert after.threads <= before.threads + 4


@pytest.mark.timeout(RUN_S + 500)
async def test_whatever_breaks_the_others_lose_nothing_and_it_comes_back(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32) if is_soak() else 7
    chance = random.Random(seed)
    outcomes: list[Outcome] = []
    async with open_shop(tmp_path) as shop:
        calm = await quiet(shop)
        before = shop.held()
        loop = asyncio.get_running_loop()
        end_s = loop.time() + RUN_S
        deck: list[str] = []
        while loop.time() < end_s:
            deck = deck or chance.sample(FAULTS, len(FAULTS))
            what, camera = deck.pop(), chance.choice(shop.names)
            hold_s = HANG_S if what == "model-hangs" else chance.uniform(*HOLDS_S)
            outcome = await shop.strike(what, camera, hold_s)
            tell(str(outcome))
            check(outcome)
            outcomes.append(outcome)
        await eventually_async(lambda: shop.held().workers == before.workers, timeout_s=30)
        after, rest = shop.held(), await quiet(shop)
    rough = [at for outcome in outcomes for at in outcome.latency_s]
    p95 = {
        name: round(1000 * percentile(times, 0.95))
        for name, times in (("quiet", calm), ("chaos", rough), ("after", rest))
    }
    tell(f"seed {seed}: {len(outcomes)} faults at {FPS} fps; p95 of the healthy, ms: {p95}")
    tell(f"before {before}\nafter  {after}")
    check_nothing_leaked(before, after)
