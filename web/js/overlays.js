// What is drawn over the cameras' pictures: read when needed, changed a few at a time and in order.

import { ApiError } from "./api.js";

/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").HeatStatus} HeatStatus */
/** @typedef {import("./words.js").OverlaySettings} OverlaySettings */
/** @typedef {keyof OverlaySettings} Key */
/** Why a value was not taken. @typedef {ApiError | import("./api.js").Fault} Problem */

/** The server has other visitors too. */
const MOST_AT_ONCE = 3;
/** Between two requests for one camera: five a second look live while a slider is dragged. */
const SPACING_MS = 200;
/** The same for many cameras: no more than twenty a second for all of them together. */
const SHARED_SPACING_MS = 50;
/** Until what could not be read is tried again. */
const RETRY_MS = 5000;

/**
 * What is known of one camera; it has one request under way at a time, so that answers come in order.
 *
 * @typedef {object} Entry
 * @property {OverlaySettings | null} told What the server said last; null before that.
 * @property {Partial<OverlaySettings>} sent In the request that is under way.
 * @property {Partial<OverlaySettings>} waiting For the next request: of each key the newest value.
 * @property {boolean} isBusy
 * @property {boolean} isWanted To be read.
 * @property {number} dueAt Page time of the next request.
 * @property {string} seen What the status said when it was last compared.
 * @property {Map<string, Problem>} problems By key.
 * @property {ApiError | null} unread Why it could not be read.
 */

/** The overlays of the cameras that somebody looks at; dispatches `overlays-change`. */
export class Overlays extends EventTarget {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  #running = 0;
  #isClosed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #api;

  /** @param {Pick<import("./api.js").Api, "overlay" | "changeOverlay">} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /**
   * Returns a camera's settings with all changes in them that are still on their way.
   *
   * @param {string} camera
   * @returns {OverlaySettings | null} null while they are not known.
   */
  of(camera) {
    const entry = this.#entries.get(camera);
    return entry?.told ? { ...entry.told, ...entry.sent, ...entry.waiting } : null;
  }

  /** Why a camera's settings are not known. @param {string} camera @returns {ApiError | null} */
  unread(camera) {
    return this.#entries.get(camera)?.unread ?? null;
  }

  /** Why a change was not taken. @param {string} camera @param {Key} key @returns {Problem | null} */
  problem(camera, key) {
    return this.#entries.get(camera)?.problems.get(key) ?? null;
  }

  /** Reads the settings of these cameras where they are not known. @param {string[]} cameras */
  want(cameras) {
    for (const camera of cameras) {
      const entry = this.#entry(camera);
      entry.isWanted ||= entry.told === null;
    }
    this.#pump();
  }

  /** Reads those that are known again: others change them too. */
  reread() {
    for (const entry of this.#entries.values()) entry.isWanted = true;
    this.#pump();
  }

  /**
   * Changes one value of these cameras, and of each nothing else.
   *
   * @template {Key} K
   * @param {string[]} cameras
   * @param {K} key
   * @param {OverlaySettings[K]} value
   */
  change(cameras, key, value) {
    for (const camera of cameras) {
      const entry = this.#entry(camera);
      entry.waiting = { ...entry.waiting, [key]: value };
      entry.problems.delete(key);
    }
    this.#changed();
    this.#pump();
  }

  /** Problems are of no more interest: somebody looks at other cameras. */
  forgive() {
    for (const { problems } of this.#entries.values()) problems.clear();
  }

  /**
   * Compares with what the server says of the heat: somebody else may have changed it.
   *
   * @param {CameraStatus[]} cameras All of them.
   */
  heard(cameras) {
    const heats = new Map(cameras.map(({ id, heat }) => [id, heat]));
    for (const [camera, entry] of this.#entries) {
      const heat = heats.get(camera);
      if (heat === undefined) this.#entries.delete(camera);
      if (!heat || !entry.told || entry.isBusy || hasWork(entry)) continue;
      const seen = JSON.stringify(comparable(heat));
      // A status may be older than our own change: the same one does not speak twice.
      if (seen === entry.seen) continue;
      entry.seen = seen;
      entry.isWanted = isOther(heat, entry.told);
    }
    this.#pump();
  }

  /** What is still to be sent goes out, and nothing else. */
  close() {
    this.#isClosed = true;
    this.#pump();
  }

  /** @param {string} camera @returns {Entry} */
  #entry(camera) {
    const known = this.#entries.get(camera);
    if (known) return known;
    /** @type {Entry} */
    const entry = {
      told: null,
      sent: {},
      waiting: {},
      isBusy: false,
      isWanted: false,
      dueAt: 0,
      seen: "",
      problems: new Map(),
      unread: null,
    };
    this.#entries.set(camera, entry);
    return entry;
  }

  /** Begins what is due. */
  #pump() {
    clearTimeout(this.#timer);
    const now = performance.now();
    let soonest = Infinity;
    for (const [camera, entry] of this.#entries) {
      if (entry.isBusy || !(this.#isClosed ? hasChange(entry) : hasWork(entry))) continue;
      if (this.#running >= MOST_AT_ONCE) return;
      if (entry.dueAt <= now || this.#isClosed) void this.#ask(camera, entry);
      else soonest = Math.min(soonest, entry.dueAt);
    }
    if (soonest < Infinity) this.#timer = setTimeout(() => this.#pump(), soonest - now);
  }

  /** @param {string} camera @param {Entry} entry */
  async #ask(camera, entry) {
    this.#running += 1;
    entry.isBusy = true;
    entry.isWanted = false;
    entry.sent = entry.waiting;
    entry.waiting = {};
    const isChange = Object.keys(entry.sent).length > 0;
    const others = [...this.#entries.values()].filter((one) => one.isBusy || hasChange(one)).length;
    entry.dueAt = performance.now() + Math.max(SPACING_MS, SHARED_SPACING_MS * others);
    try {
      entry.told = isChange ? await this.#api.changeOverlay(camera, entry.sent) : await this.#api.overlay(camera);
      entry.unread = null;
    } catch (reason) {
      const error = reason instanceof ApiError ? reason : new ApiError(599, "unreachable", "");
      if (isChange) refused(entry, error);
      else unread(entry, error);
    }
    entry.sent = {};
    entry.isBusy = false;
    this.#running -= 1;
    this.#changed();
    this.#pump();
  }

  #changed() {
    if (!this.#isClosed) this.dispatchEvent(new Event("overlays-change"));
  }
}

/** @param {Entry} entry */
function hasChange(entry) {
  return Object.keys(entry.waiting).length > 0;
}

/** @param {Entry} entry */
function hasWork(entry) {
  return entry.isWanted || hasChange(entry);
}

/**
 * Takes a refused change back; what the server finds no fault with is sent once more without the rest.
 *
 * @param {Entry} entry
 * @param {ApiError} error
 */
function refused(entry, error) {
  const faults = new Map(error.faults.map((fault) => [fault.key, fault]));
  const keys = Object.keys(entry.sent);
  const isOfSome = keys.some((key) => faults.has(key));
  const again = isOfSome ? Object.entries(entry.sent).filter(([key]) => !faults.has(key)) : [];
  for (const key of keys) {
    if (!isOfSome || faults.has(key)) entry.problems.set(key, faults.get(key) ?? error);
  }
  entry.waiting = { ...Object.fromEntries(again), ...entry.waiting };
  // A server that was too slow may have made the change all the same.
  entry.isWanted = true;
}

/** @param {Entry} entry @param {ApiError} error */
function unread(entry, error) {
  entry.unread = error;
  entry.isWanted = true;
  entry.dueAt = performance.now() + RETRY_MS;
}

/** @param {HeatStatus} heat */
function comparable({ is_shown, colormap, opacity, is_auto_scale, scale, half_life_s, shown_class }) {
  return [is_shown, colormap, opacity, is_auto_scale || scale, half_life_s, shown_class];
}

/** @param {HeatStatus} heat @param {OverlaySettings} told */
function isOther(heat, told) {
  const { show_heat, colormap, opacity, scale, shown, shown_class } = told;
  const said = [show_heat, colormap, opacity, scale === "auto" || scale, halfLifeS(shown), shown_class];
  return JSON.stringify(said) !== JSON.stringify(comparable(heat));
}

/** Seconds of each unit in which the server writes a half-life. @type {Record<string, number>} */
const UNITS_S = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 };

/**
 * Reads a half-life as the server writes it.
 *
 * @param {string} word "30s", "1h30m", or "none".
 * @returns {number | null} Seconds; null for a lifetime sum.
 */
export function halfLifeS(word) {
  if (word === "none") return null;
  const parts = [...word.matchAll(/([\d.]+)(ms|[smhd])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_S[unit ?? ""] ?? 0), 0);
}
