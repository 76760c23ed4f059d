"""The values that travel between rooms, all frozen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from heatwall.redaction import hide_in_url
from heatwall.redaction import redact as redact  # for those who print a value

FloatArray = npt.NDArray[np.float32]
"""An array of float32."""
ByteArray = npt.NDArray[np.uint8]
"""An array of uint8."""
DoubleArray = npt.NDArray[np.float64]
"""An array of float64."""

_FARTHEST = 2.0
"""No normalised box of something in the picture reaches as far; boxes in pixels do."""


@dataclass(frozen=True, slots=True, repr=False)
class SecretUrl:
    """A URL that hides its credentials wherever it is printed.

    Attributes:
        secret: The whole URL, credentials included; only adapters that open it may read this.
    """

    secret: str

    def __str__(self) -> str:
        """Return the URL with `***` in place of its secrets, and without a fragment."""
        scheme, mark, rest = self.secret.partition("://")
        if not mark:
            return hide_in_url(scheme)
        return scheme + mark + hide_in_url(rest).partition("#")[0]

    def __repr__(self) -> str:
        """Return the redacted form, so that a dump of an object holds no password."""
        return f"SecretUrl({str(self)!r})"


class Tier(StrEnum):
    """A rendition of one camera's overlaid picture, encoded once for all its viewers.

    From the smallest to the largest.
    """

    PREVIEW = "preview"
    """Smaller and slower still, for a viewer whose path loses packets."""
    TILE = "tile"
    """Small, for the wall."""
    FOCUS = "focus"
    """Source size up to 1080p, for one camera in focus."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One access unit of an encoded tier, as it came from the encoder.

    Attributes:
        camera: The camera's id.
        tier: Which rendition.
        annexb: H.264 in Annex B byte-stream form; an IDR carries its SPS and PPS.
        rtp_time: Capture time on the monotonic clock in 1/90000 s, not wrapped.
        is_key: True for an IDR, from which a decoder can start.
    """

    camera: str
    tier: Tier
    annexb: bytes
    rtp_time: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class Detections:
    """What the detector found in one frame.

    Example:
        >>> import numpy as np
        >>> import heatwall
        >>> box = np.array([[0.45, 0.3, 0.55, 0.8]], np.float32)
        >>> found = heatwall.Detections(box, np.array([0.9], np.float32), np.zeros(1, np.int32))
        >>> len(found)
        1

    Attributes:
        xyxy: float32 (n, 4), left, top, right, bottom, normalised to 0–1 of the picture.
        confidence: float32 (n,), 0 to 1.
        class_id: int32 (n,), index into the model's class names.
    """

    xyxy: FloatArray
    confidence: FloatArray
    class_id: npt.NDArray[np.int32]

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for array in (self.xyxy, self.confidence, self.class_id):
            array.flags.writeable = False

    def __len__(self) -> int:
        """Return the number of detections."""
        return len(self.confidence)


@dataclass(frozen=True, slots=True)
class Tracks:
    """The confirmed tracks of one camera at one instant.

    Example:
        From boxes in pixels of a picture of 640×360, as most trackers give them; the foot is the
        bottom centre of each box.

        >>> import numpy as np
        >>> import heatwall
        >>> boxes_px = np.array([[288, 90, 352, 270]])
        >>> tracks = heatwall.Tracks.of(12.5, boxes_px / [640, 360, 640, 360], [7])
        >>> len(tracks), tracks.foot.tolist()
        (1, [[0.5, 0.75]])

    Attributes:
        time_s: Capture time, monotonic seconds.
        track_id: int32 (n,), unique within the camera for the life of the server, from 1.
        xyxy: float32 (n, 4), normalised to 0–1 of the picture.
        confidence: float32 (n,), 0 to 1.
        class_id: int32 (n,), index into the model's class names.
        begun_s: float64 (n,), since when each track is known to have been there, monotonic
            seconds: a tracker reports a track from its second sighting on. None where the
            first report of a track is its beginning.
    """

    time_s: float
    track_id: npt.NDArray[np.int32]
    xyxy: FloatArray
    confidence: FloatArray
    class_id: npt.NDArray[np.int32]
    begun_s: DoubleArray | None = None

    @classmethod
    def of(
        cls,
        time_s: float,
        xyxy: npt.ArrayLike,
        track_id: npt.ArrayLike,
        *,
        confidence: npt.ArrayLike | None = None,
        class_id: npt.ArrayLike | None = None,
    ) -> Tracks:
        """Return tracks from plain arrays or lists, which are copied.

        Args:
            time_s: Capture time, seconds on any clock that does not go back.
            xyxy: (n, 4), left, top, right, bottom, in parts of the picture from 0 to 1.
            track_id: (n,), whole numbers.
            confidence: (n,), 0 to 1; None for 1.
            class_id: (n,), whole numbers; None for 0.

        Raises:
            ValueError: A shape does not fit, a number is not whole, or boxes are in pixels.
        """
        ids = _whole("track_id", track_id, None)
        count = len(ids)
        boxes = np.array(xyxy, np.float32)
        if boxes.size == 0:
            boxes = boxes.reshape(0, 4)
        if boxes.shape != (count, 4):
            raise ValueError(f"xyxy is {boxes.shape}; allowed: {(count, 4)}, as track_id has")
        if (boxes > _FARTHEST).any():
            raise ValueError(
                f"xyxy goes up to {np.nanmax(boxes):g}; allowed: parts of the picture from 0 to 1: "
                "divide x by its width and y by its height"
            )
        scores = np.ones(count, np.float32) if confidence is None else np.array(confidence)
        if scores.shape != (count,):
            raise ValueError(f"confidence is {scores.shape}; allowed: {(count,)}")
        classes = np.zeros(count, np.int32)
        if class_id is not None:
            classes = _whole("class_id", class_id, count)
        return cls(float(time_s), ids, boxes, scores.astype(np.float32), classes)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for array in (self.track_id, self.xyxy, self.confidence, self.class_id, self.begun_s):
            if array is not None:
                array.flags.writeable = False

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.track_id)

    @property
    def foot(self) -> FloatArray:
        """float32 (n, 2): the bottom centre of each box, normalised x and y."""
        return np.stack([(self.xyxy[:, 0] + self.xyxy[:, 2]) / 2, self.xyxy[:, 3]], axis=1)

    def where(self, mask: npt.NDArray[np.bool_]) -> Tracks:
        """Return the tracks for which `mask`, bool (n,), is True, in their order."""
        return Tracks(
            self.time_s,
            self.track_id[mask],
            self.xyxy[mask],
            self.confidence[mask],
            self.class_id[mask],
            None if self.begun_s is None else self.begun_s[mask],
        )


def _whole(name: str, numbers: npt.ArrayLike, count: int | None) -> npt.NDArray[np.int32]:
    """Return whole numbers as int32 (n,), a copy; trackers give theirs as floats."""
    array = np.array(numbers)
    if array.ndim != 1 or len(array) != (len(array) if count is None else count):
        allowed = "(n,)" if count is None else f"{(count,)}"
        raise ValueError(f"{name} is {array.shape}; allowed: {allowed}")
    if array.size and not (array.dtype.kind in "iuf" and (array == np.trunc(array)).all()):
        raise ValueError(f"{name} is {array.tolist()}; allowed: whole numbers")
    return array.astype(np.int32)
