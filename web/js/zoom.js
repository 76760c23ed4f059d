// Zoom of the large picture: by wheel, pinch, double click and keys; moved about by dragging.

/** @typedef {import("./tile.js").HeatTile} HeatTile */
/** @typedef {import("./wall.js").HeatWall} HeatWall */

/**
 * How a picture lies in its frame.
 *
 * @typedef {object} Pose
 * @property {number} scale 1: the whole picture.
 * @property {number} x Where its left edge is, in widths of the frame; 0 or less.
 * @property {number} y Where its upper edge is, in heights of the frame; 0 or less.
 */

/** A place in the frame, in its widths and heights. @typedef {{x: number, y: number}} Place */

/** @type {Pose} */
export const WHOLE = { scale: 1, x: 0, y: 0 };
/** Further in there is nothing but the pixels of the camera. */
export const MOST = 8;
/** What a double click goes to. */
const DOUBLE = 2;
/** Less than that is meant as the whole picture. */
const NEARLY_WHOLE = 1.04;
/** Of one press of a key. */
const KEY_STEP = 1.5;
/** Share of the frame that a key moves the picture. */
const KEY_WAY = 0.12;
/** A notch of a wheel, 100 px, zooms by about a fifth. */
const WHEEL_RATE = 0.0019;
/** Trackpads tell a pinch as a wheel with Ctrl, in far smaller steps. */
const PINCH_RATE = 0.011;
/** `deltaMode` counts pixels, lines or pages. */
const WHEEL_UNITS_PX = [1, 33, 400];
/** One turn of a wheel, however fast. */
const LONGEST_TURN_PX = 240;
/** A shorter way of the pointer is a click. */
const DRAG_PX = 5;
/** A second click comes within that, or it is a click of its own. */
const DOUBLE_MS = 260;
/** As far apart as two clicks of one double click can be. */
const DOUBLE_PX = 24;

/**
 * Returns a pose in which the picture covers the whole frame.
 *
 * @param {Pose} pose
 * @returns {Pose}
 */
function covering({ scale, x, y }) {
  const edge = (/** @type {number} */ at) => Math.min(0, Math.max(1 - scale, at));
  return { scale, x: edge(x), y: edge(y) };
}

/**
 * Returns the pose with another scale, in which what is at a place stays there.
 *
 * @param {Pose} pose
 * @param {number} scale
 * @param {Place} at
 * @returns {Pose}
 */
export function zoomed(pose, scale, at) {
  const to = Math.min(MOST, Math.max(1, scale));
  const ratio = to / pose.scale;
  return covering({ scale: to, x: at.x - (at.x - pose.x) * ratio, y: at.y - (at.y - pose.y) * ratio });
}

/**
 * @param {Pose} pose
 * @param {Place} by
 * @returns {Pose} Moved as far as the picture goes.
 */
export function moved({ scale, x, y }, by) {
  return covering({ scale, x: x + by.x, y: y + by.y });
}

/** The zoom of whatever camera is large; dispatches `zoom-change`. */
export class Zoom extends EventTarget {
  /** @type {Pose} */
  #pose = WHOLE;
  /** @type {HeatTile | null} */
  #tile = null;
  /** Where the fingers are, or the mouse with its button down. @type {Map<number, Place>} */
  #pointers = new Map();
  /** @type {Place | null} */
  #pressedAt = null;
  #isDragging = false;
  /** The click that ends a drag or a pinch is none. */
  #swallowsClick = false;
  /** @type {{at: number, x: number, y: number} | null} */
  #lastClick = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;
  #focusedAt = 0;
  #wall;

  /** @param {HeatWall} wall */
  constructor(wall) {
    super();
    this.#wall = wall;
    wall.addEventListener("wall-focus", () => this.#follow());
    wall.addEventListener("wheel", (event) => this.#turned(event), { passive: false });
    wall.addEventListener("pointerdown", (event) => this.#pressed(event));
    wall.addEventListener("pointermove", (event) => this.#dragged(event));
    wall.addEventListener("pointerup", (event) => this.#released(event));
    wall.addEventListener("pointercancel", (event) => this.#released(event));
    wall.addEventListener("click", (event) => this.#clicked(event), { capture: true });
    this.#follow();
    this.#focusedAt = 0; // the click that loaded this module is long over
  }

  /** 1: the whole picture. */
  get scale() {
    return this.#pose.scale;
  }

  /** In by a step, or out. @param {1 | -1} steps */
  step(steps) {
    const scale = this.scale * KEY_STEP ** steps;
    this.#glide(zoomed(this.#pose, scale < NEARLY_WHOLE ? 1 : scale, { x: 0.5, y: 0.5 }));
  }

  /** Looks further to a side. @param {-1 | 0 | 1} right @param {-1 | 0 | 1} down */
  look(right, down) {
    this.#glide(moved(this.#pose, { x: -right * KEY_WAY, y: -down * KEY_WAY }));
  }

  /** Shows the whole picture. */
  reset() {
    this.#glide(WHOLE);
  }

  #follow() {
    const tile = this.#wall.focused === null ? null : this.#wall.tile(this.#wall.focused);
    if (tile === this.#tile) return;
    clearTimeout(this.#leaving);
    this.#show(WHOLE);
    this.#endDrag();
    this.#pointers.clear();
    if (this.#tile === null) this.#focusedAt = performance.now();
    this.#tile = tile;
    this.#lastClick = null;
  }

  /** By a step that is shown on its way. @param {Pose} pose */
  #glide(pose) {
    this.#tile?.toggleAttribute("data-gliding", true);
    this.#show(pose, true);
  }

  /** @param {Pose} pose */
  #show(pose, isGliding = false) {
    const tile = this.#tile;
    if (!tile) return;
    if (!isGliding) tile.toggleAttribute("data-gliding", false);
    const { scale, x, y } = pose;
    if (scale === this.#pose.scale && x === this.#pose.x && y === this.#pose.y) return;
    this.#pose = pose;
    const isZoomed = scale > 1;
    // In shares, so that it holds when the frame changes its size.
    const transform = `translate(${(x * 100).toFixed(3)}%, ${(y * 100).toFixed(3)}%) scale(${scale.toFixed(4)})`;
    tile.scene.style.transform = isZoomed ? transform : "";
    tile.toggleAttribute("data-zoomed", isZoomed);
    this.dispatchEvent(new Event("zoom-change"));
  }

  /** @param {{clientX: number, clientY: number}} event @returns {Place} */
  #placeOf({ clientX, clientY }) {
    const box = this.#tile?.frame.getBoundingClientRect() ?? new DOMRect();
    return { x: (clientX - box.left) / (box.width || 1), y: (clientY - box.top) / (box.height || 1) };
  }

  /** @param {WheelEvent} event */
  #turned(event) {
    if (!this.#tile) return;
    event.preventDefault();
    const turn = event.deltaY * (WHEEL_UNITS_PX[event.deltaMode] ?? 1);
    const way = Math.max(-LONGEST_TURN_PX, Math.min(LONGEST_TURN_PX, turn));
    const factor = Math.exp(-way * (event.ctrlKey ? PINCH_RATE : WHEEL_RATE));
    const scale = this.scale * factor;
    const isWhole = factor < 1 && scale < NEARLY_WHOLE;
    this.#show(zoomed(this.#pose, isWhole ? 1 : scale, this.#placeOf(event)));
  }

  /** @param {PointerEvent} event */
  #pressed(event) {
    if (!isOnPicture(event) || !this.#tile || event.button !== 0) return;
    // Whoever draws does so with one finger, and zooms with two.
    if (this.#wall.isEditing && event.pointerType === "mouse") return;
    if (event.isPrimary) {
      this.#pointers.clear();
      this.#swallowsClick = false;
      this.#pressedAt = { x: event.clientX, y: event.clientY };
    }
    if (this.#pointers.size < 2) this.#pointers.set(event.pointerId, this.#placeOf(event));
    if (this.#pointers.size === 2) this.#beginDrag();
  }

  /** @param {PointerEvent} event */
  #dragged(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before || !this.#tile) return;
    if (!this.#isDragging) {
      if (this.#wall.isEditing) return;
      const { x, y } = this.#pressedAt ?? { x: event.clientX, y: event.clientY };
      if (this.scale === 1 || Math.hypot(event.clientX - x, event.clientY - y) < DRAG_PX) return;
      this.#beginDrag();
    }
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    const now = this.#placeOf(event);
    this.#pointers.set(event.pointerId, now);
    if (!other) return this.#show(moved(this.#pose, { x: now.x - before.x, y: now.y - before.y }));
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    const shifted = moved(this.#pose, { x: (now.x - before.x) / 2, y: (now.y - before.y) / 2 });
    const factor = this.#apart(now, other) / (this.#apart(before, other) || 1);
    this.#show(zoomed(shifted, this.scale * factor, middle));
  }

  /** @param {Place} one @param {Place} other @returns {number} Pixels between them. */
  #apart(one, other) {
    const { width, height } = this.#tile?.frame.getBoundingClientRect() ?? new DOMRect();
    return Math.hypot((one.x - other.x) * width, (one.y - other.y) * height);
  }

  /** @param {PointerEvent} event */
  #released(event) {
    if (!this.#pointers.delete(event.pointerId) || this.#pointers.size > 0) return;
    this.#endDrag();
    if (this.scale < NEARLY_WHOLE) this.#show(WHOLE);
  }

  #beginDrag() {
    this.#isDragging = true;
    this.#swallowsClick = true;
    this.#tile?.toggleAttribute("data-panning", true);
    // A pointer that leaves the picture, or the window, still moves it.
    for (const id of this.#pointers.keys()) this.#wall.setPointerCapture(id);
  }

  #endDrag() {
    this.#isDragging = false;
    this.#tile?.toggleAttribute("data-panning", false);
  }

  /**
   * Tells one click, which leads back to the wall, from two, which zoom.
   *
   * @param {MouseEvent} event
   */
  #clicked(event) {
    const isDragEnd = this.#swallowsClick;
    this.#swallowsClick = false;
    // A press of a key is a click without a count, and means the button.
    if (!this.#tile || this.#wall.isEditing || event.detail === 0) return;
    if (!isOnPicture(event) && !isDragEnd) return;
    event.stopPropagation();
    if (isDragEnd) return;
    clearTimeout(this.#leaving);
    const { timeStamp: at, clientX: x, clientY: y } = event;
    const last = this.#lastClick;
    this.#lastClick = { at, x, y };
    if (last && at - last.at < DOUBLE_MS && Math.hypot(x - last.x, y - last.y) < DOUBLE_PX) {
      this.#lastClick = null;
      const isWhole = this.scale === 1;
      this.#glide(isWhole ? zoomed(WHOLE, DOUBLE, this.#placeOf(event)) : WHOLE);
    } else if (this.scale === 1 && !(event.detail > 1 && performance.now() - this.#focusedAt < 2 * DOUBLE_MS)) {
      // The second click of a double click on the wall is no way back.
      this.#leaving = setTimeout(() => this.#wall.show(null), DOUBLE_MS);
    }
  }
}

/** @param {Event} event @returns {boolean} Not on a button that stands on it. */
function isOnPicture({ target }) {
  return target instanceof Element && target.closest("heat-tile") !== null && !target.closest(".focus-bar");
}
