// <heat-wall>: the tiles of all cameras, laid out over the whole screen, one of them large on demand.

import { arrange, typicalAspect } from "./layout.js";
import { letReorder } from "./reorder.js";
import { HeatTile } from "./tile.js";
import { inOrder } from "./view.js";

/** @typedef {import("./layout.js").Place} Place */
/** @typedef {import("./view.js").Layout} Layout */
/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").Connection} Connection */
/** @typedef {import("./words.js").Tier} Tier */

/** A short look at one camera leaves the others running. */
const PAUSE_OTHERS_MS = 1500;
/** As long as the stylesheet's transition. */
const MOVE_MS = 220;
/** A shorter way of the finger is a tap. */
const SWIPE_PX = 60;
/** What only passes by while somebody scrolls is not fetched. */
const SCROLL_REST_MS = 120;
/** Device pixels from which a tile's own tier, 640 wide, is too coarse for a picture shown large. */
const COARSE_PX = 960;

/**
 * The wall; dispatches `wall-tiers` when the slots shall show something else, `wall-focus` when another
 * camera is large, `wall-order` when somebody moved a tile, and `wall-leave`, which can be prevented,
 * before somebody leaves a camera that is being drawn on.
 */
export class HeatWall extends HTMLElement {
  /** @type {CameraStatus[]} */
  #cameras = [];
  /** Those of them that are shown, in the order of the wall. @type {CameraStatus[]} */
  #shown = [];
  /** @type {Map<string, HeatTile>} */
  #tiles = new Map();
  /** @type {Map<string, Place>} */
  #places = new Map();
  /** @type {Layout} */
  #layout = "auto";
  /** @type {string[]} */
  #order = [];
  /** Ids of those that may be shown; null: all. @type {Set<string> | null} */
  #only = null;
  /** @type {string | null} */
  #focus = null;
  /** Under the keyboard's focus, or there last. @type {string | null} */
  #current = null;
  /** The camera that the layout shows large. @type {string | null} */
  #large = null;
  #isEditing = false;
  /** @type {import("./tile.js").Page} */
  #page = { lostAt: null, lack: "" };
  #areOthersPaused = false;
  #columns = 1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pauseTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #moveTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #scrollTimer;
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
    this.addEventListener("focusin", (event) => this.#focused(event), { signal });
    this.addEventListener("scroll", () => this.#scrolled(), { signal, passive: true });
    this.addEventListener("touchstart", (event) => this.#touched(event), { signal, passive: true });
    this.addEventListener("touchend", (event) => this.#swiped(event), { signal, passive: true });
    letReorder(
      this,
      {
        isAllowed: () => this.#focus === null && !this.#isEditing,
        itemOf: (target) => (target instanceof Element ? target.closest("heat-tile") : null),
        onOver: (moved, at) => this.#moveBeside(moved, at),
        onDrop: () => this.#ordered(),
      },
      signal,
    );
  }

  disconnectedCallback() {
    this.#life.abort();
    this.#resize.disconnect();
    for (const timer of [this.#pauseTimer, this.#moveTimer, this.#scrollTimer]) clearTimeout(timer);
  }

  /** @param {Connection} connection */
  set connection(connection) {
    this.dataset["connection"] = connection;
    if (connection === "lost") this.#page.lostAt ??= new Date();
    else if (connection === "up") this.#page.lostAt = null;
    this.tick(new Date());
  }

  /** What the browser would need to show pictures; empty: nothing. @param {string} lack */
  set lack(lack) {
    this.#page.lack = lack;
    this.tick(new Date());
  }

  /** By what the pictures come; null: by nothing. @param {import("./player.js").Transport | null} transport */
  set transport(transport) {
    this.dataset["transport"] = transport ?? "none";
  }

  /** The camera that fills the wall; null while all are shown. */
  get focused() {
    return this.#focus;
  }

  /** The large camera, else the one under the keyboard's focus. */
  get current() {
    return this.#focus ?? this.#current;
  }

  /** Ids of what is shown, in the order of the wall. */
  get order() {
    return this.#shown.map(({ id }) => id);
  }

  /** All cameras, in the order of the wall. */
  get cameras() {
    return inOrder(this.#cameras, this.#order);
  }

  /** What each camera's slot shall show. @returns {Map<string, Tier | null>} */
  get tiers() {
    return new Map([...this.#tiles].map(([id, tile]) => [id, tile.tier]));
  }

  /** @returns {HeatTile[]} */
  get tiles() {
    return [...this.#tiles.values()];
  }

  /** @param {string} camera @returns {HeatTile | null} */
  tile(camera) {
    return this.#tiles.get(camera) ?? null;
  }

  /** Somebody draws on the large camera: a click or a swipe is no longer a way out. @param {boolean} isEditing */
  set isEditing(isEditing) {
    this.#isEditing = isEditing;
    this.toggleAttribute("data-editing", isEditing);
  }

  get isEditing() {
    return this.#isEditing;
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

  /** Whether pictures arrive where some are due. @returns {"none due" | "missing" | "some"} */
  get arrival() {
    const pictures = [...this.#tiles.values()].map(({ picture }) => picture);
    if (pictures.includes("playing")) return "some";
    const isDue = pictures.includes("waiting") || pictures.includes("late");
    return isDue && this.#page.lostAt === null ? "missing" : "none due";
  }

  /**
   * Sets how the cameras are shown.
   *
   * @param {{layout: Layout, order: string[]}} view
   * @param {string[] | null} only Ids of the cameras of a group; null: all.
   */
  arrangeAs({ layout, order }, only) {
    this.#layout = layout;
    this.#order = order;
    this.#only = only === null ? null : new Set(only);
    this.scrollTop = 0;
    this.#choose();
    this.#arrange();
    this.#applyTiers();
  }

  /**
   * Shows these cameras.
   *
   * @param {CameraStatus[]} cameras In the order of the config.
   * @param {Date} now
   */
  update(cameras, now) {
    const before = this.order.join("\n");
    this.#cameras = cameras;
    this.#keepTilesOf(cameras);
    this.#choose();
    if (this.#focus !== null && !this.#tiles.has(this.#focus)) this.show(null);
    for (const camera of cameras) {
      this.#tiles.get(camera.id)?.update(camera, camera.id === this.#focus, now);
    }
    this.dataset["cameras"] = String(cameras.length);
    this.#arrange();
    if (this.order.join("\n") !== before) this.#applyTiers();
  }

  /** Looks at the age of all pictures. @param {Date} now */
  tick(now) {
    for (const tile of this.#tiles.values()) tile.tick(now);
  }

  /** @param {string} camera @param {import("./player.js").Pictures | null} pictures */
  attach(camera, pictures) {
    this.#tiles.get(camera)?.attach(pictures);
  }

  /**
   * Makes one camera large, or shows all again.
   *
   * @param {string | null} camera
   */
  show(camera) {
    const next = camera !== null && this.#tiles.has(camera) ? camera : null;
    if (next === this.#focus || (this.#isEditing && !this.#mayLeave(next))) return;
    // From one large camera to the next there is no way to show.
    if (next === null || this.#focus === null) this.#move(next ?? this.#focus);
    this.#focus = next;
    this.#keepInView();
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

  /** @param {string | null} next */
  #mayLeave(next) {
    // One that was removed has nothing left to be drawn on.
    if (this.#focus === null || !this.#tiles.has(this.#focus)) return true;
    return next === null && this.dispatchEvent(new CustomEvent("wall-leave", { cancelable: true }));
  }

  /**
   * Goes to a camera further on: the large one, or the one under the keyboard's focus.
   *
   * @param {number} by
   */
  step(by) {
    const ids = this.order;
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

  /** Goes a row of tiles up or down; a camera on where one is large. @param {-1 | 1} by */
  stepRow(by) {
    this.step(this.#focus === null ? by * this.#columns : by);
  }

  /** Moves the tile under the keyboard's focus. @param {number} by */
  moveCurrent(by) {
    const ids = this.order;
    const from = this.#current === null ? -1 : ids.indexOf(this.#current);
    const to = from + by;
    if (this.#focus !== null || from < 0 || to < 0 || to >= ids.length) return;
    this.#reorder(from, to);
    this.#ordered();
  }

  #pauseOthers() {
    this.#areOthersPaused = true;
    this.#applyTiers();
  }

  #applyTiers() {
    for (const [id, tile] of this.#tiles) tile.tier = this.#tierOf(id, tile);
    this.dispatchEvent(new CustomEvent("wall-tiers"));
  }

  /** @param {string} id @param {HeatTile} tile @returns {Tier | null} */
  #tierOf(id, tile) {
    if (id === this.#focus) return "focus";
    if (tile.hidden || !tile.isInView || this.#areOthersPaused) return null;
    return id === this.#large && this.#focus === null ? "focus" : "tile";
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
      tile.page = this.#page;
      this.#tiles.set(id, tile);
      this.append(tile);
    }
  }

  /** Chooses the cameras that are shown, and their order. */
  #choose() {
    const only = this.#only;
    const shown = only === null ? this.#cameras : this.#cameras.filter(({ id }) => only.has(id));
    this.#shown = inOrder(shown, this.#order);
    const ids = new Set(this.order);
    for (const [id, tile] of this.#tiles) tile.hidden = !ids.has(id) && id !== this.#focus;
    this.dataset["shown"] = String(ids.size);
    if (this.#current === null || !ids.has(this.#current)) this.#current = this.order[0] ?? null;
    this.#rove();
  }

  #arrange() {
    const { clientWidth: width, clientHeight: height } = this;
    const count = this.#shown.length;
    if (count === 0 || width === 0 || height === 0) return;
    const screen = { width, height, pixelRatio: devicePixelRatio };
    const all = arrange(count, this.#layout, screen, typicalAspect(this.#shown));
    this.#columns = all.columns;
    this.dataset["layout"] = all.name;
    this.toggleAttribute("data-scrolls", all.height > height + 1);
    this.#places.clear();
    this.#shown.forEach(({ id }, index) => {
      const place = all.places[index];
      if (place) this.#places.set(id, place);
    });
    for (const [id, { left, top, width: wide, height: high }] of this.#places) {
      const { style } = /** @type {HeatTile} */ (this.#tiles.get(id));
      style.setProperty("--left", `${left}px`);
      style.setProperty("--top", `${top}px`);
      style.setProperty("--width", `${wide}px`);
      style.setProperty("--height", `${high}px`);
    }
    const first = this.#shown[0]?.id ?? null;
    const isCoarse = (all.places[0]?.width ?? 0) * devicePixelRatio > COARSE_PX;
    const large = all.hasLarge && isCoarse ? first : null;
    const hasChanged = large !== this.#large;
    this.#large = large;
    if (this.#look() || hasChanged) this.#applyTiers();
  }

  /** Looks which tiles are on the screen. @returns {boolean} Whether that changed. */
  #look() {
    const from = this.scrollTop;
    const until = from + this.clientHeight;
    let hasChanged = false;
    for (const [id, tile] of this.#tiles) {
      const place = this.#places.get(id);
      // A pixel more or less is no picture.
      const isInView = !place || (place.top < until - 1 && place.top + place.height > from + 1);
      hasChanged ||= isInView !== tile.isInView;
      tile.isInView = isInView;
    }
    return hasChanged;
  }

  /** A large camera lies over the part of the wall that is scrolled to, so that this part is there afterwards. */
  #keepInView() {
    this.style.setProperty("--scrolled", `${this.scrollTop}px`);
  }

  #scrolled() {
    if (this.#focus !== null) this.#keepInView();
    clearTimeout(this.#scrollTimer);
    this.#scrollTimer = setTimeout(() => this.#look() && this.#applyTiers(), SCROLL_REST_MS);
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

  /** @param {HTMLElement} moved @param {HTMLElement} at */
  #moveBeside(moved, at) {
    if (!(moved instanceof HeatTile) || !(at instanceof HeatTile)) return;
    const ids = this.order;
    const [from, to] = [ids.indexOf(moved.camera), ids.indexOf(at.camera)];
    if (from < 0 || to < 0 || from === to) return;
    this.#move(moved.camera);
    this.#reorder(from, to);
  }

  /** @param {number} from @param {number} to Places among those that are shown. */
  #reorder(from, to) {
    const ids = this.order;
    const [id] = ids.splice(from, 1);
    if (id === undefined) return;
    ids.splice(to, 0, id);
    // The others keep their order behind these, also those of other groups.
    const rest = inOrder(this.#cameras, this.#order).map((camera) => camera.id);
    this.#order = [...ids, ...rest.filter((other) => !ids.includes(other))];
    this.#choose();
    this.#arrange();
  }

  #ordered() {
    this.#applyTiers();
    this.dispatchEvent(new CustomEvent("wall-order", { detail: this.#order }));
  }

  /** @param {Event} event */
  #toggled(event) {
    if (!(event.target instanceof HeatTile) || this.#isEditing) return;
    this.show(event.target.camera === this.#focus ? null : event.target.camera);
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const tile = event.target instanceof Element ? event.target.closest("heat-tile") : null;
    if (!(tile instanceof HeatTile)) return;
    this.#current = tile.camera;
    this.#rove();
  }

  /** One tile can be reached by Tab, the others from there by the arrow keys, in the order seen. */
  #rove() {
    for (const [id, tile] of this.#tiles) tile.isReached = id === (this.#focus ?? this.#current);
  }

  /** @param {TouchEvent} event */
  #touched(event) {
    const [touch] = event.touches;
    this.#touch = touch && event.touches.length === 1 ? { x: touch.clientX, y: touch.clientY } : null;
  }

  /** @param {TouchEvent} event */
  #swiped(event) {
    const [touch] = event.changedTouches;
    if (!touch || !this.#touch || this.#focus === null || this.#isEditing) return;
    if (this.#tiles.get(this.#focus)?.hasAttribute("data-zoomed")) return;
    const [x, y] = [touch.clientX - this.#touch.x, touch.clientY - this.#touch.y];
    if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) this.step(x < 0 ? 1 : -1);
  }
}

customElements.define("heat-wall", HeatWall);
