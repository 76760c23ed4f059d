// Counts the frames that a video element really presents.

/** The look at the element's own figures where the browser does not call back per frame. */
const POLL_MS = 250;

/** When a frame was sent and shown, page time. @typedef {VideoFrameCallbackMetadata & {captureTime?: number, receiveTime?: number}} Timing */

/**
 * Calls `onFrame` for each presented frame until `signal` is aborted.
 *
 * Browsers present no frames of a hidden page, so that silence means something only while visible.
 *
 * @param {HTMLVideoElement} video
 * @param {(timing?: Timing) => void} onFrame
 * @param {AbortSignal} signal
 */
export function watchFrames(video, onFrame, signal) {
  if (!("requestVideoFrameCallback" in video)) {
    pollFrames(video, onFrame, signal);
    return;
  }
  let handle = 0;
  const presented = (/** @type {number} */ _now, /** @type {Timing} */ timing) => {
    handle = video.requestVideoFrameCallback(presented);
    onFrame(timing);
  };
  handle = video.requestVideoFrameCallback(presented);
  signal.addEventListener("abort", () => video.cancelVideoFrameCallback(handle), { once: true });
}

/**
 * @param {HTMLVideoElement} video
 * @param {() => void} onFrame
 * @param {AbortSignal} signal
 */
function pollFrames(video, onFrame, signal) {
  let seen = 0;
  const timer = setInterval(() => {
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    if (totalVideoFrames !== seen) onFrame();
    seen = totalVideoFrames;
  }, POLL_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
