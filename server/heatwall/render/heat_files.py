"""The heat of a rendering as a picture and as numbers."""

from __future__ import annotations

import io

import cv2
import numpy as np

from heatwall.analysis.reading import HeatReading
from heatwall.analysis.spec import HeatStyle
from heatwall.heat_words import SO_FAR, meaning
from heatwall.overlay import HeatInk, HeatLayer, Planes
from heatwall.painting import heat_ink
from heatwall.render.legend import Legend
from heatwall.render.settings import RenderSettings
from heatwall.scale import HeatScale, levels

_WHOLE = "of the video's time"
"""What a share of a heat that does not fade is of, at the end of a video."""

_SETTLED_S = 1e6
"""So long after its first look a scale that follows the heat has come to rest."""


def heat_png(reading: HeatReading, background: Planes, style: HeatStyle, ink: HeatInk) -> bytes:
    """Return the heat over a picture, with its legend, as a PNG.

    Args:
        reading: The heat.
        background: Y, U and V of the picture, even sides; it is painted into.
        style: Its scale, which holds here too unless it is `auto`, and its gamma.
        ink: Its colours.
    """
    height, width = background[0].shape
    scale = file_scale(reading, style)
    layer = HeatLayer(width, height)
    layer.prepare(levels(reading.share, scale, style.gamma), ink)
    layer.blend(background)
    words = meaning(reading.half_life_s, reading.class_name)
    if reading.half_life_s is None:
        words = words.replace(SO_FAR, _WHOLE)
    Legend(ink, style.gamma, words, height).draw(background, scale)
    flat = np.concatenate([plane.reshape(-1) for plane in background])
    picture = cv2.cvtColor(flat.reshape(height * 3 // 2, width), cv2.COLOR_YUV2BGR_I420)
    return bytes(cv2.imencode(".png", picture)[1])


def heat_npy(reading: HeatReading) -> bytes:
    """Return the heat as an NPY file: float32 (rows, columns), share of time, C order."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(reading.share, np.float32), allow_pickle=False)
    return file.getvalue()


def file_scale(reading: HeatReading, style: HeatStyle) -> float:
    """Return the share at full colour in the PNG."""
    scale = HeatScale(style.scale)
    scale.follow(reading.share, 0)
    return scale.follow(reading.share, _SETTLED_S)


def video_legend(settings: RenderSettings, height: int) -> Legend | None:
    """Return the legend of the heat in a video, or None where none is asked for.

    Args:
        settings: How the video is rendered.
        height: Of its pictures, pixels.
    """
    if not settings.has_legend:
        return None
    style = settings.analysis.style
    words = meaning(style.shown_s, style.shown_class)
    return Legend(heat_ink(settings.ink), style.gamma, words, height)
