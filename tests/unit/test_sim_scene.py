from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from heatwall.simulator.scene import CART, PERSON, Scene
from heatwall.simulator.scene_actor import Hiding
from heatwall.simulator.scene_backdrop import Occluder
from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.shopper_crowd import PER_SHOPPER, person_id
from heatwall.simulator.shopper_look import random_look
from heatwall.simulator.shopper_pose import Joint, Pose, joints, stride_m
from heatwall.simulator.shopper_visit import SAMPLE_HZ, Halt, walk
from heatwall.simulator.store_views import mirrored, random_view, store_view

SIZE = (320, 180)
LOOP_S = 16.0


@pytest.fixture(
    scope="module", params=range(4), ids=("entrance", "aisles", "checkout", "promotion")
)
def scene(request: pytest.FixtureRequest) -> Scene:
    return store_view(int(request.param), *SIZE).scene(LOOP_S)


def changed(scene: Scene, time_s: float) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    picture, _ = scene.picture(time_s)
    return np.asarray(cv2.absdiff(picture, scene.backdrop.picture).max(axis=2) > 70)


def test_a_floor_place_is_found_again_where_the_camera_projects_it() -> None:
    camera = FloorCamera(3.1, 21.0, 7.0, 76.0, 640, 360)
    x, y, is_floor = camera.floor_grid()
    for row, column in ((200, 100), (350, 600), (120, 320)):
        assert is_floor[row, column]
        place = camera.project(np.array([[x[row, column], y[row, column], 0.0]]))[0]
        assert place[:2] == pytest.approx((column + 0.5, row + 0.5), abs=0.01)


def test_what_is_above_the_horizon_is_no_floor() -> None:
    _, _, is_floor = FloorCamera(3.0, 10.0, 0.0, 76.0, 640, 360).floor_grid()
    assert not is_floor[0].any()
    assert is_floor[-1].all()


def test_the_same_seed_paints_the_same_picture(scene: Scene) -> None:
    again = Scene(scene.layout, store_view(0).palette, LOOP_S, seed=5)
    once_more = Scene(scene.layout, store_view(0).palette, LOOP_S, seed=5)
    first, first_seen = again.picture(3.2)
    second, second_seen = once_more.picture(3.2)
    assert np.array_equal(first, second)
    assert first_seen == second_seen


def test_the_loop_has_no_seam(scene: Scene) -> None:
    step = 1 / 15
    before, start = scene.picture(LOOP_S - step)[0], scene.picture(0.0)[0]
    across = float(cv2.absdiff(before, start).mean())
    inside = [
        float(cv2.absdiff(scene.picture(t)[0], scene.picture(t + step)[0]).mean())
        for t in (1.0, 3.0, 5.0, 7.0, 9.0, 11.0)
    ]
    assert across <= 2 * max(inside) + 0.05


def test_everybody_at_the_end_of_the_loop_stands_in_the_same_place_at_its_start(
    scene: Scene,
) -> None:
    end = {
        (p.person - 1) // PER_SHOPPER: p.shopper.visit.pose(p.since_s, 1.3)
        for p in scene.crowd.at(LOOP_S - 1e-6)
    }
    start = {
        (p.person - 1) // PER_SHOPPER: p.shopper.visit.pose(p.since_s, 1.3)
        for p in scene.crowd.at(0.0)
    }
    shared = end.keys() & start.keys()
    assert shared
    last = {p.person for p in scene.crowd.at(LOOP_S - 1e-6)}
    first = {p.person for p in scene.crowd.at(0.0)}
    continued = {person + 1 for person in last} & first
    places = {p.person: p.shopper.visit.pose(p.since_s, 1.3) for p in scene.crowd.at(LOOP_S - 1e-6)}
    for present in scene.crowd.at(0.0):
        if present.person in continued:
            was = places[present.person - 1]
            now = present.shopper.visit.pose(present.since_s, 1.3)
            assert (now.x, now.y) == pytest.approx((was.x, was.y), abs=0.01)


def test_what_moves_in_the_picture_lies_in_a_box_of_the_truth(scene: Scene) -> None:
    for time_s in (2.0, 9.5):
        moving = changed(scene, time_s)
        covered = np.zeros_like(moving)
        for seen in scene.picture(time_s)[1]:
            left, top, right, bottom = (
                round(edge * size) for edge, size in zip(seen.box, SIZE * 2, strict=True)
            )
            covered[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = True
        assert moving.sum() > 50
        assert (moving & ~covered).sum() <= 0.04 * moving.sum()


def test_a_box_of_the_truth_is_tight_around_what_moves(scene: Scene) -> None:
    picture, sightings = scene.picture(6.0)
    difference = cv2.absdiff(picture, scene.backdrop.picture).max(axis=2) > 12
    for seen in sightings:
        if seen.visible < 0.98 or seen.kind != PERSON:
            continue
        left, top, right, _ = (
            round(edge * size) for edge, size in zip(seen.box, SIZE * 2, strict=True)
        )
        assert difference[top : top + 3, left:right].any()


def test_boxes_lie_in_the_picture_and_ids_are_single(scene: Scene) -> None:
    for time_s in np.arange(0, LOOP_S, 1.7):
        _, sightings = scene.picture(float(time_s))
        ids = [seen.thing for seen in sightings]
        assert len(ids) == len(set(ids))
        for seen in sightings:
            left, top, right, bottom = seen.box
            assert 0 <= left < right <= 1
            assert 0 <= top < bottom <= 1
            assert 0 < seen.visible <= 1
            assert seen.whole[0] <= left < right <= seen.whole[2]
            assert seen.whole[1] <= top < bottom <= seen.whole[3] <= 1
            assert seen.thing % 2 == (1 if seen.kind == PERSON else 0)


def test_a_wholly_visible_person_stands_at_the_lower_edge_of_the_box(scene: Scene) -> None:
    checked = 0
    for time_s in np.arange(0, LOOP_S, 1.0):
        for seen in scene.picture(float(time_s))[1]:
            if seen.kind == PERSON and seen.visible > 0.99 and seen.box[3] < 0.97:
                height = seen.box[3] - seen.box[1]
                assert abs(seen.foot[1] - seen.box[3]) < 0.17 * height
                assert abs(seen.foot[0] - (seen.box[0] + seen.box[2]) / 2) < 0.13
                checked += 1
    assert checked > 5


def test_nobody_walks_through_furniture(scene: Scene) -> None:
    solids = [s for s in scene.layout.solids if s.z[0] < 1.0 and s.is_occluder]
    for shopper in scene.crowd.shoppers:
        for solid in solids:
            x, y = shopper.visit.x, shopper.visit.y
            inside = (x > solid.x[0]) & (x < solid.x[1]) & (y > solid.y[0]) & (y < solid.y[1])
            assert not inside.any(), (solid.x, solid.y)


def test_nobody_jumps_or_runs(scene: Scene) -> None:
    for shopper in scene.crowd.shoppers:
        step = np.hypot(np.diff(shopper.visit.x), np.diff(shopper.visit.y)) * SAMPLE_HZ
        assert step.max() < 2.2
        assert np.abs(np.diff(shopper.visit.facing)).max() * SAMPLE_HZ < 9


def test_a_person_behind_a_counter_is_cut_off_at_its_top() -> None:
    scene = store_view(0, 640, 360).scene(LOOP_S)
    clerk = next(seen for seen in scene.picture(1.0)[1] if seen.thing == 1)
    desk = next(s for s in scene.layout.solids if s.z[1] == 1.05)
    edge = scene.layout.camera.project(np.array([[desk.x[0], desk.y[1], desk.z[1]]]))[0, 1] / 360
    assert clerk.visible < 0.8
    assert clerk.box[3] == pytest.approx(edge, abs=0.03)
    assert clerk.foot[1] > clerk.box[3] + 0.02
    assert clerk.whole[3] == pytest.approx(clerk.foot[1], abs=0.02)


def test_only_what_stands_between_camera_and_person_hides() -> None:
    counter = Occluder((-1.0, 1.0, 4.0, 5.0), (0, 0, 1, 1), np.zeros((1, 1), np.uint8))
    hiding = Hiding((counter,))
    assert hiding.before((0.0, 7.0)) == (counter,)
    assert hiding.before((0.0, 3.0)) == ()
    assert hiding.before((4.0, 7.0)) == ()
    assert hiding.before((-1.1, 7.0)) == (counter,)


def test_sixteen_cameras_show_sixteen_pictures() -> None:
    pictures = [
        cv2.resize(store_view(i, *SIZE).scene(4.0).backdrop.picture, (40, 22)).astype(int)
        for i in range(16)
    ]
    for i, first in enumerate(pictures):
        for second in pictures[:i]:
            assert np.abs(first - second).mean() > 3
    names = [store_view(i).key for i in range(16)]
    assert len(set(names)) == 16
    assert names[:4] == ["entrance", "aisles", "checkout", "promotion"]


def test_a_mirrored_layout_has_its_lines_and_places_on_the_other_side() -> None:
    layout = store_view(3).layout
    twice = mirrored(mirrored(layout))
    assert twice.lines == layout.lines
    assert twice.solids == layout.solids
    assert mirrored(layout).routes[0].stops[0].at[0] == -layout.routes[0].stops[0].at[0]


def test_lines_and_zones_lie_in_the_picture() -> None:
    for index in range(12):
        view = store_view(index)
        assert view.lines
        assert view.zones
        places = [end for line in view.lines for end in (line.start, line.end)]
        places += [corner for zone in view.zones for corner in zone.polygon]
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places)


def test_training_shops_are_none_of_the_demo() -> None:
    seeds = {store_view(i).seed for i in range(64)}
    assert max(seeds) < 1000
    assert random_view(1_000_000, *SIZE).layout.camera != store_view(0, *SIZE).layout.camera


def test_a_standing_foot_is_on_the_floor_and_a_head_at_body_height() -> None:
    look = replace(random_look(np.random.default_rng(1), has_cart=False), height_m=1.8)
    place = joints(look, Pose(1.0, 5.0, 0.3, 0.0, 0.0, 0.0, 0.0))
    assert place[Joint.ANKLE_L, 2] == pytest.approx(0.07, abs=0.04)
    assert place[Joint.HEAD, 2] + 0.06 * 1.8 == pytest.approx(1.8, abs=0.1)


def test_a_planted_foot_does_not_slide_much() -> None:
    look = replace(random_look(np.random.default_rng(1), has_cart=False), height_m=1.75, stride=1.0)
    visit = walk(
        [Halt((0, 2), 0, None), Halt((0, 8), 0, None), Halt((0, 14), 0, None)],
        1.2,
        np.random.default_rng(1),
    )
    times = np.arange(3.0, 5.0, 1 / 30)
    feet = [joints(look, visit.pose(float(t), stride_m(look))) for t in times]
    ankles = np.array([[f[Joint.ANKLE_L], f[Joint.ANKLE_R]] for f in feet])
    lowest = ankles[:-1, :, 2].argmin(axis=1)
    speed = np.abs(np.diff(ankles[:, :, 1], axis=0))[np.arange(len(lowest)), lowest] * 30
    assert np.median(speed) < 0.45


def test_a_pausing_shopper_faces_what_is_looked_at() -> None:
    halts = [
        Halt((-3.0, 5.0), 0, None),
        Halt((0.0, 5.0), 4.0, (0.0, 9.0)),
        Halt((3.0, 5.0), 0, None),
    ]
    visit = walk(halts, 1.0, np.random.default_rng(0))
    middle = visit.pose(3.4 + 2.0, 1.3)
    assert (middle.x, middle.y) == pytest.approx((0.0, 5.0), abs=0.05)
    assert np.cos(middle.facing - np.pi / 2) > 0.98
    assert middle.gait < 0.05


def test_carts_are_pushed_ahead() -> None:
    scene = store_view(2, *SIZE).scene(LOOP_S)
    sightings = [seen for t in range(int(LOOP_S)) for seen in scene.picture(float(t))[1]]
    assert any(seen.kind == CART for seen in sightings)
    for present in scene.crowd.at(2.0):
        if present.shopper.cart is not None:
            pose = present.shopper.visit.pose(present.since_s, 1.3)
            place, _ = present.shopper.visit.cart_at(present.since_s)
            assert np.hypot(place[0] - pose.x, place[1] - pose.y) == pytest.approx(0.78, abs=0.1)


def test_nobody_appears_or_vanishes_in_sight(scene: Scene) -> None:
    for number, shopper in enumerate(scene.crowd.shoppers):
        if shopper.is_staff:
            continue
        for moment in (shopper.arrival_s, shopper.arrival_s + shopper.visit.duration_s - 1e-6):
            turn = int(moment // LOOP_S)
            ids = {(person_id(number, turn)) * 2 - 1, person_id(number, turn) * 2}
            seen = [s for s in scene.picture(moment % LOOP_S)[1] if s.thing in ids]
            assert all(s.visible < 0.08 for s in seen), seen
