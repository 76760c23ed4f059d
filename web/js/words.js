// The words of the server, as types: cameras, their states, and what a slot shows.

/**
 * @typedef {"connecting" | "live" | "stalled" | "retrying" | "refused" | "unsupported" | "stopped"} CameraState
 */

/**
 * What a slot shows: a small picture, a large one, or nothing.
 *
 * @typedef {"tile" | "focus"} Tier
 */

/**
 * One stop of the legend's gradient.
 *
 * @typedef {object} LegendStop
 * @property {number} at Position from 0 (no heat) to 1 (full colour).
 * @property {string} color `#rrggbb`.
 * @property {number} alpha 0 to 1.
 */

/**
 * The heat that a camera's picture shows now.
 *
 * @typedef {object} HeatStatus
 * @property {boolean} is_shown
 * @property {number | null} half_life_s Seconds; null for a lifetime sum.
 * @property {(number | null)[]} half_lives_s
 * @property {string | null} shown_class The class whose heat it is; null for all that count.
 * @property {string} colormap
 * @property {number} opacity Of the hottest heat, 0 to 1.
 * @property {number} scale Share of recent time at full colour, 0 to 1.
 * @property {boolean} is_auto_scale
 * @property {number} peak
 * @property {string} unit What the numbers mean, for people.
 * @property {LegendStop[]} legend
 */

/**
 * One camera as `/api/cameras` and `/api/live` tell it.
 *
 * @typedef {object} CameraStatus
 * @property {string} id
 * @property {string} name
 * @property {CameraState} state
 * @property {number} state_since Seconds since 1970 UTC.
 * @property {string | null} state_reason
 * @property {number | null} width Source pixels.
 * @property {number | null} height Source pixels.
 * @property {string | null} codec
 * @property {{decoded: number, detected: number, shown: number}} fps
 * @property {number | null} frame_age_s
 * @property {number | null} people_now
 * @property {Record<string, number>} counts
 * @property {number} viewers
 * @property {string[]} tiers
 * @property {HeatStatus | null} heat
 * @property {string[]} notices What is not as it should be while the camera is live.
 * @property {number} total_tracks Different people since the counts began.
 * @property {Record<string, LineStatus>} lines By name.
 * @property {Record<string, ZoneStatus>} zones By name.
 * @property {string | null} [encoder] What makes the pictures; missing from an older server.
 * @property {string | null} [decoder]
 * @property {number} [detect_fps] Detections a second that the config asks for.
 */

/**
 * What a counting line has counted.
 *
 * @typedef {object} LineStatus
 * @property {number} in_count
 * @property {number} out_count
 */

/**
 * What happens in a zone.
 *
 * @typedef {object} ZoneStatus
 * @property {number | null} people_now
 * @property {number} in_count
 * @property {number} out_count
 * @property {number} person_s
 * @property {{visits: number, mean_s: number | null, median_s: number | null, p90_s: number | null}} dwell
 */

/**
 * Cameras that somebody wants to see together.
 *
 * @typedef {object} Group
 * @property {string} id
 * @property {string} name
 * @property {string[]} cameras Ids.
 */

/**
 * What became of the config file; only operators are told.
 * @typedef {object} ConfigStatus
 * @property {string | null} error Why it is not used.
 * @property {number | null} since Seconds since 1970 UTC.
 * @property {string[]} needs_restart Keys that only a restart takes over.
 */

/**
 * What the one who looks at this page may do.
 *
 * @typedef {object} Rights
 * @property {"viewer" | "operator" | "admin"} role
 * @property {boolean} can_operate Change what is drawn, reset, set lines and zones for this run.
 * @property {boolean} can_save Write lines and zones into the config file.
 */

/**
 * What is drawn over a camera's picture, in the words of the config.
 *
 * @typedef {object} OverlaySettings
 * @property {boolean} show_heat
 * @property {boolean} show_boxes
 * @property {boolean} show_labels
 * @property {boolean} show_conf
 * @property {boolean} show_trails
 * @property {boolean} show_lines
 * @property {boolean} show_zones
 * @property {boolean} show_in
 * @property {boolean} show_out
 * @property {string} colormap
 * @property {number} opacity
 * @property {number | "auto"} scale
 * @property {number} gamma
 * @property {number} line_width
 * @property {string} shown A half-life, "30s", or "none" for a lifetime sum.
 * @property {string | null} shown_class
 */

/** Two ends and the side that is in. @typedef {{from: [number, number], to: [number, number], inside: "above" | "below" | "left" | "right"}} Line */
/** A part of the floor. @typedef {{polygon: [number, number][]}} Zone */
/** A camera's lines and zones by name; positions are shares of the picture. @typedef {{lines: Record<string, Line>, zones: Record<string, Zone>}} Regions */

/**
 * The last hour of a camera, oldest first.
 *
 * @typedef {object} History
 * @property {number} interval_s
 * @property {{at: number, people: number | null, most: number | null, in: number, out: number}[]} minutes
 *   `at` is when each began, seconds since 1970 UTC; people are null where nobody looked.
 */

/**
 * How well this page's session is served.
 *
 * @typedef {object} Quality
 * @property {boolean} is_reduced It gets smaller pictures than it asked for.
 * @property {string | null} reason Why, for people.
 */

/**
 * What the server says over the WebSocket.
 *
 * @typedef {object} CamerasMessage
 * @property {"cameras"} type
 * @property {number} at Seconds since 1970 UTC.
 * @property {CameraStatus[]} cameras
 * @property {Quality} [quality] Missing from an older server.
 * @property {Group[]} [groups] The same.
 * @property {Rights} [rights] The same.
 * @property {ConfigStatus} [config] The same.
 */

/** What `/api/cameras` answers. @typedef {Pick<CamerasMessage, "cameras" | "groups" | "rights" | "config">} Cameras */

/**
 * One slot of a session, as `PATCH /whep/sessions/{sid}` takes it.
 *
 * @typedef {object} SlotChange
 * @property {number} slot
 * @property {string | null} camera
 * @property {Tier} tier
 */

/** Where the page's own link to the server stands; mirrored in `data-connection`.
 * @typedef {"connecting" | "up" | "lost"} Connection
 */

/**
 * Reads one text message of the WebSocket.
 *
 * @param {unknown} text
 * @returns {CamerasMessage | null} null for what this page does not know, so that a newer server may say more.
 */
export function readCamerasMessage(text) {
  if (typeof text !== "string") return null;
  /** @type {unknown} */
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  const list = readCameras(message);
  return list && /** @type {{type?: unknown}} */ (message).type === "cameras"
    ? /** @type {CamerasMessage} */ (message)
    : null;
}

/**
 * @param {unknown} body Of `/api/cameras`, or of a message with the same list.
 * @returns {Cameras | null} null for what is no such list.
 */
export function readCameras(body) {
  if (typeof body !== "object" || body === null) return null;
  const { cameras } = /** @type {{cameras?: unknown}} */ (body);
  return Array.isArray(cameras) ? /** @type {Cameras} */ (body) : null;
}
