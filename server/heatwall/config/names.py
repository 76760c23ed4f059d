"""What a key that is not known may have been meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

_GEOMETRY = "lines (two points) or zones (three and more)"

_GROUPS = "groups, beside cameras, with the cameras of each"

_CALLED_HERE = {
    "alpha": "overlay.opacity",
    "color_map": "overlay.colormap",
    "confidence": "conf",
    "begin": "from",
    "count_reg_pts": _GEOMETRY,
    "counting_region": _GEOMETRY,
    "decay": "heat.half_life",
    "decay_factor": "heat.half_life",
    "direction": "inside",
    "draw_tracks": "overlay.show_trails",
    "end": "to",
    "halflife": "heat.half_life",
    "heatmap": "overlay.show_heat",
    "group": _GROUPS,
    "groups": _GROUPS,
    "heatmap_alpha": "overlay.opacity",
    "line_thickness": "overlay.line_width",
    "points": "polygon",
    "path": "url",
    "polygon": "zones",
    "radius": "heat.person_width",
    "reg_pts": _GEOMETRY,
    "region": _GEOMETRY,
    "region_thickness": "overlay.line_width",
    "regions": _GEOMETRY,
    "rtsp": "url",
    "shape": "heat.footprint",
    "show_track": "overlay.show_trails",
    "show_tracks": "overlay.show_trails",
    "side": "inside",
    "source": "url",
    "start": "from",
    "stream": "url",
    "thickness": "overlay.line_width",
    "track_thickness": "overlay.line_width",
    "tracks": "overlay.show_trails",
    "vid_stride": "detect.fps",
    "view_in_counts": "overlay.show_in",
    "view_out_counts": "overlay.show_out",
    "weights": "model.path",
}
"""What Ultralytics' heatmaps and others call a key, and where it stands here."""

_NOT_NEEDED = {
    **dict.fromkeys(("imw", "imh"), "heat fits pictures of any size"),
    **dict.fromkeys(("show", "view_img"), "the wall in the browser shows every camera"),
    **dict.fromkeys(
        (
            "bg_color",
            "count_bg_color",
            "count_color",
            "count_reg_color",
            "count_txt_color",
            "region_color",
            "track_color",
            "txt_color",
        ),
        "the colours of what is drawn are fixed",
    ),
    "classes_names": "the model knows its classes",
    "persist": "tracks go on from picture to picture",
    "verbose": "heatwall logs what changes",
}
"""Keys of Ultralytics' heatmaps that have no counterpart, and why."""

_MODEL = ("batch", "device", "half", "imgsz", "iou", "max_det")
"""Ultralytics takes these with each stream; here one model serves all cameras."""


def hint_for(
    key: str, keys: Collection[str], inner: Mapping[str, Collection[str]], here: str
) -> str:
    """Return how the message of an unknown key goes on, "" when nothing is known of it.

    Args:
        key: The key that is not known.
        keys: Those that are, in the same map.
        inner: Those of the maps below it, by the key of each map.
        here: The key of the map that it stands in.
    """
    word = key.lower()
    if f"show_{word}" in keys:
        return f"; here it is called show_{word}"
    if word in _NOT_NEEDED and word not in {one for below in inner.values() for one in below}:
        return f"; it is not needed: {_NOT_NEEDED[word]}"
    called = _CALLED_HERE.get(word)
    if called is not None:
        return f"; here it is called {called.removeprefix(f'{here}.')}"
    better = nearest(word, keys) or _elsewhere(word, inner)
    return f"; did you mean {better}?" if better else ""


def nearest(word: str, known: Collection[str]) -> str | None:
    """Return the known word that looks most like `word`, None when none does."""
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.7)
    return near[0] if near else None


def _elsewhere(word: str, inner: Mapping[str, Collection[str]]) -> str | None:
    """Return where `word` stands in the maps below, or beside all cameras."""
    for section, keys in inner.items():
        for name in (word, f"show_{word}"):
            if name in keys:
                return f"{section}.{name}"
    return f"model.{word}" if word in _MODEL else None
