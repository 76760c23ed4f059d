// <heat-wall>: the tiles of all cameras, laid out over the whole screen, one of them large on demand.

import { bestGrid, placeTiles, typicalAspect } from "./layout.js";
import { HeatTile } from "./tile.js";

/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").Connection} Connection */
/** @typedef {import("./words.js").Tier} Tier */

/** A short look at one camera leaves the others running. */
const PAUSE_OTHERS_MS = 1500;
/** As long as the stylesheet's transition. */
const MOVE_MS = 220;
/** A shorter way of the finger is a tap. */
const SWIPE_PX = 60;

/** The wall; dispatches `wall-tiers` when the slots shall show something else. */
export class HeatWall extends HTMLElement {
  /** @type {CameraStatus[]} */
  #cameras = [];
  /** @type {Map<string, HeatTile>} */
  #tiles = new Map();
  /** @type {string | null} */
  #focus = null;
  #areOthersPaused = false;
  #columns = 1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pauseTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #moveTimer;
  #life = new AbortController();
  #resize = new ResizeObserver(() => this.#arrange());
  /** @type {{x: number, y: number} | null} */
  #touch = null;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.dataset["connection"] ??= "connecting";
    this.#resize.observe(this);
    this.addEventListener("tile-toggle", (event) => this.#toggled(event), { signal });
    document.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.addEventListener("touchstart", (event) => this.#touched(event), { signal, passive: true });
    this.addEventListener("touchend", (event) => this.#swiped(event), { signal, passive: true });
  }

  disconnectedCallback() {
    this.#life.abort();
    this.#resize.disconnect();
    clearTimeout(this.#pauseTimer);
    clearTimeout(this.#moveTimer);
  }

  /** @param {Connection} connection */
  set connection(connection) {
    this.dataset["connection"] = connection;
  }

  /** The camera that fills the wall; null while all are shown. */
  get focused() {
    return this.#focus;
  }

  /** What each camera's slot shall show. @returns {Map<string, Tier | null>} */
  get tiers() {
    return new Map([...this.#tiles].map(([id, tile]) => [id, tile.tier]));
  }

  /**
   * How the pictures stand on this page.
   *
   * @returns {"playing" | "waiting" | "stalled"}
   */
  get health() {
    const tiles = [...this.#tiles.values()];
    if (tiles.some((tile) => tile.isStalled)) return "stalled";
    return tiles.some((tile) => ["waiting", "late"].includes(tile.picture)) ? "waiting" : "playing";
  }

  /**
   * Shows these cameras, in this order.
   *
   * @param {CameraStatus[]} cameras
   * @param {Date} now
   */
  update(cameras, now) {
    const before = [...this.#tiles.keys()].join("\n");
    this.#cameras = cameras;
    this.#keepTilesOf(cameras);
    if (this.#focus !== null && !this.#tiles.has(this.#focus)) this.show(null);
    for (const camera of cameras) {
      this.#tiles.get(camera.id)?.update(camera, camera.id === this.#focus, now);
    }
    this.dataset["cameras"] = String(cameras.length);
    this.#arrange();
    if ([...this.#tiles.keys()].join("\n") !== before) this.#applyTiers();
  }

  /** Looks at the age of all pictures. @param {Date} now */
  tick(now) {
    for (const tile of this.#tiles.values()) tile.tick(now);
  }

  /** @param {string} camera @param {MediaStream | null} stream */
  attach(camera, stream) {
    this.#tiles.get(camera)?.attach(stream);
  }

  /**
   * Makes one camera large, or shows all again.
   *
   * @param {string | null} camera
   */
  show(camera) {
    const next = camera !== null && this.#tiles.has(camera) ? camera : null;
    if (next === this.#focus) return;
    // From one large camera to the next there is no way to show.
    if (next === null || this.#focus === null) this.#move(next ?? this.#focus);
    this.#focus = next;
    if (next === null) delete this.dataset["focus"];
    else this.dataset["focus"] = next;
    const now = new Date();
    for (const status of this.#cameras) {
      this.#tiles.get(status.id)?.update(status, status.id === next, now);
    }
    clearTimeout(this.#pauseTimer);
    if (next === null) this.#areOthersPaused = false;
    else this.#pauseTimer = setTimeout(() => this.#pauseOthers(), PAUSE_OTHERS_MS);
    this.#applyTiers();
    this.dispatchEvent(new CustomEvent("wall-focus"));
  }

  #pauseOthers() {
    this.#areOthersPaused = true;
    this.#applyTiers();
  }

  #applyTiers() {
    const other = this.#areOthersPaused ? null : "tile";
    for (const [id, tile] of this.#tiles) tile.tier = id === this.#focus ? "focus" : other;
    this.dispatchEvent(new CustomEvent("wall-tiers"));
  }

  /** @param {CameraStatus[]} cameras */
  #keepTilesOf(cameras) {
    const ids = new Set(cameras.map(({ id }) => id));
    for (const [id, tile] of this.#tiles) {
      if (ids.has(id)) continue;
      tile.remove();
      this.#tiles.delete(id);
    }
    for (const { id } of cameras) {
      if (this.#tiles.has(id)) continue;
      const tile = new HeatTile();
      this.#tiles.set(id, tile);
      this.append(tile);
    }
  }

  #arrange() {
    const { width, height } = this.getBoundingClientRect();
    const count = this.#cameras.length;
    if (count === 0 || width === 0 || height === 0) return;
    const screen = { width, height, pixelRatio: devicePixelRatio };
    const aspect = typicalAspect(this.#cameras);
    const grid = bestGrid(count, screen, aspect);
    const places = placeTiles(count, grid, screen, aspect);
    this.#columns = grid.columns;
    this.dataset["layout"] = `${grid.columns}x${grid.rows}`;
    this.#cameras.forEach(({ id }, index) => {
      const tile = this.#tiles.get(id);
      const place = places[index];
      if (!tile || !place) return;
      tile.style.setProperty("--left", `${place.left}px`);
      tile.style.setProperty("--top", `${place.top}px`);
      tile.style.setProperty("--width", `${place.width}px`);
      tile.style.setProperty("--height", `${place.height}px`);
    });
  }

  /**
   * Lets the stylesheet move the tiles once; resizing the window moves nothing.
   *
   * @param {string | null} moving The camera above the others meanwhile.
   */
  #move(moving) {
    clearTimeout(this.#moveTimer);
    this.toggleAttribute("data-moving", true);
    for (const [id, tile] of this.#tiles) tile.toggleAttribute("data-above", id === moving);
    this.#moveTimer = setTimeout(() => {
      this.toggleAttribute("data-moving", false);
      for (const tile of this.#tiles.values()) tile.toggleAttribute("data-above", false);
    }, MOVE_MS);
  }

  /** @param {Event} event */
  #toggled(event) {
    if (!(event.target instanceof HeatTile)) return;
    this.show(event.target.camera === this.#focus ? null : event.target.camera);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") this.show(null);
    else if (event.key === "ArrowRight") this.#step(1);
    else if (event.key === "ArrowLeft") this.#step(-1);
    else if (event.key === "ArrowDown") this.#step(this.#focus === null ? this.#columns : 1);
    else if (event.key === "ArrowUp") this.#step(this.#focus === null ? -this.#columns : -1);
  }

  /**
   * Goes to a camera further on: the large one, or the one under the keyboard's focus.
   *
   * @param {number} by
   */
  #step(by) {
    const ids = this.#cameras.map(({ id }) => id);
    if (ids.length === 0) return;
    const active = document.activeElement?.closest("heat-tile");
    const current = this.#focus ?? (active instanceof HeatTile ? active.camera : null);
    const start = by > 0 ? 0 : ids.length - 1;
    const at = current === null ? start : ids.indexOf(current) + by;
    const next = ids[(at + ids.length) % ids.length];
    if (next === undefined) return;
    if (this.#focus !== null) this.show(next);
    this.#tiles.get(next)?.focus();
  }

  /** @param {TouchEvent} event */
  #touched(event) {
    const [touch] = event.touches;
    this.#touch = touch && event.touches.length === 1 ? { x: touch.clientX, y: touch.clientY } : null;
  }

  /** @param {TouchEvent} event */
  #swiped(event) {
    const [touch] = event.changedTouches;
    if (!touch || !this.#touch || this.#focus === null) return;
    const [x, y] = [touch.clientX - this.#touch.x, touch.clientY - this.#touch.y];
    if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) this.#step(x < 0 ? 1 : -1);
  }
}

customElements.define("heat-wall", HeatWall);
