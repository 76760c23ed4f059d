// Figures on every tile: what arrives, how late and how well.

import { el, say } from "./dom.js";
import * as texts from "./texts.js";

/** @typedef {import("./player.js").Arrivals} Arrivals */
/** @typedef {import("./tile.js").HeatTile} HeatTile */

/** Estimates of which the middle one is shown: each is of one moment of the server's and one picture here. */
const ESTIMATES = 7;

/** In the order of the table; the first ones are left where there is room for few. */
const NAMES = /** @type {const} */ ([
  "fps", "latency", "bitrate", "size", "loss", "buffer", "detections", "encoder", "transport",
]);

/** @typedef {typeof NAMES[number]} Name */

/** What was so a moment ago. @typedef {{at: number, frames: number, arrivals: Arrivals | null}} Before */

/** Shows the figures; `tick` once a second while they are wanted. */
export class Figures {
  /** @type {Map<HeatTile, Sheet>} */
  #sheets = new Map();
  #isAsking = false;
  #isShown = false;
  #wall;
  #player;

  /** @param {import("./wall.js").HeatWall} wall @param {import("./player.js").Player} player */
  constructor(wall, player) {
    this.#wall = wall;
    this.#player = player;
  }

  /** Reads the browser's statistics, once for all tiles, and shows them. */
  async tick() {
    this.#isShown = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const arrivals = await this.#player.stats();
      if (this.#isShown) this.#show(arrivals);
    } finally {
      this.#isAsking = false;
    }
  }

  /** Takes them off the tiles. */
  clear() {
    this.#isShown = false;
    for (const sheet of this.#sheets.values()) sheet.remove();
    this.#sheets.clear();
  }

  /** @param {Map<string, Arrivals>} arrivals */
  #show(arrivals) {
    const tiles = new Set(this.#wall.tiles);
    for (const [tile, sheet] of this.#sheets) {
      if (tiles.has(tile) && tile.tier !== null) continue;
      sheet.remove();
      this.#sheets.delete(tile);
    }
    for (const tile of tiles) {
      if (tile.tier === null) continue;
      const sheet = this.#sheets.get(tile) ?? new Sheet(tile);
      this.#sheets.set(tile, sheet);
      sheet.show(arrivals.get(tile.camera) ?? null);
    }
  }
}

/** The figures of one tile. */
class Sheet {
  /** @type {Before | null} */
  #before = null;
  /** The newest estimates of the latency, seconds. @type {number[]} */
  #latenciesS = [];
  /** @type {Map<Name, HTMLElement>} */
  #values = new Map();
  #tile;
  #list;

  /** @param {HeatTile} tile */
  constructor(tile) {
    this.#tile = tile;
    this.#list = el("dl", { class: "figures-list" });
    for (const name of NAMES) {
      const value = el("dd", { "data-figure": name }, texts.NO_FIGURE);
      this.#values.set(name, value);
      this.#list.append(el("div", { class: "figures-row" }, el("dt", {}, texts.FIGURE[name]), value));
    }
    tile.figures.replaceChildren(this.#list, el("p", { class: "figures-note" }, texts.LATENCY_NOTE));
  }

  remove() {
    this.#tile.figures.replaceChildren();
  }

  /** @param {Arrivals | null} arrivals null: none came. */
  show(arrivals) {
    const tile = this.#tile;
    const { status, video } = tile;
    const now = { at: performance.now(), frames: tile.frames, arrivals };
    const before = this.#before;
    this.#before = now;
    const isSame = before?.arrivals?.transport === arrivals?.transport;
    const rates = before && isSame ? ratesOf(before, now) : null;
    const bufferS = arrivals && rates ? rates.bufferS : null;
    this.#say("size", video.videoWidth ? texts.pictureSize(video.videoWidth, video.videoHeight) : null);
    this.#say("fps", rates && texts.perSecond(rates.fps));
    this.#say("bitrate", rates?.bps == null ? null : texts.bitrate(rates.bps));
    this.#say("loss", lossText(arrivals, rates));
    this.#say("buffer", bufferS === null ? null : texts.milliseconds(bufferS));
    this.#say("latency", this.#latency(arrivals, bufferS));
    this.#say("detections", status && texts.detections(status.fps.detected, status.detect_fps ?? null));
    this.#say("encoder", status?.encoder ?? null);
    this.#say("transport", arrivals && texts.TRANSPORT[arrivals.transport]);
  }

  /**
   * How old the picture is when it is seen. No browser is told the capture time of what it only
   * receives, so that it is put together: what the server says of its own part, half of the way there
   * and back, and from the last packet to the screen as the browser measured it.
   *
   * @param {Arrivals | null} arrivals
   * @param {number | null} bufferS
   * @returns {string | null}
   */
  #latency(arrivals, bufferS) {
    const { status, timing, age } = this.#tile;
    const hereS = timing?.receiveTime ? (timing.expectedDisplayTime - timing.receiveTime) / 1000 : bufferS;
    if (!arrivals || hereS === null || status?.frame_age_s == null || age !== "live") {
      this.#latenciesS = [];
      return null;
    }
    // Asked at any moment between two pictures, the newest is half of that time older than at its coming.
    const halfS = status.fps.decoded > 0 ? 0.5 / status.fps.decoded : 0;
    const nowS = Math.max(0, status.frame_age_s - halfS) + (arrivals.rttS ?? 0) / 2 + Math.max(0, hereS);
    this.#latenciesS = [...this.#latenciesS, nowS].slice(-ESTIMATES);
    const inOrder = this.#latenciesS.toSorted((a, b) => a - b);
    return texts.about(texts.milliseconds(inOrder[inOrder.length >> 1] ?? nowS));
  }

  /** @param {Name} name @param {string | null} text null: not known. */
  #say(name, text) {
    const value = this.#values.get(name);
    if (value) say(value, text ?? texts.NO_FIGURE);
  }
}

/**
 * @param {Before} before
 * @param {Before} now
 * @returns {{fps: number, bps: number | null, loss: number | null, dropped: number | null, bufferS: number | null} | null}
 *   null: too little time between them.
 */
function ratesOf(before, now) {
  const seconds = (now.at - before.at) / 1000;
  if (seconds < 0.1) return null;
  const fps = (now.frames - before.frames) / seconds;
  const [old, young] = [before.arrivals, now.arrivals];
  // Another session begins at zero.
  if (!old || !young || young.bytes < old.bytes) return { fps, bps: null, loss: null, dropped: null, bufferS: null };
  const packets = (young.packets ?? 0) - (old.packets ?? 0);
  const lost = (young.lost ?? 0) - (old.lost ?? 0);
  return {
    fps,
    bps: ((young.bytes - old.bytes) * 8) / seconds,
    loss: young.packets === null || packets <= 0 ? null : Math.max(0, lost) / packets,
    dropped: Math.max(0, young.dropped - old.dropped),
    bufferS: bufferOf(old, young),
  };
}

/** @param {Arrivals} old @param {Arrivals} young @returns {number | null} Seconds that a picture waits. */
function bufferOf({ buffer: old }, { buffer: young }) {
  if ("nowS" in young) return young.nowS;
  if ("nowS" in old || young.count <= old.count) return null;
  return (young.sumS - old.sumS) / (young.count - old.count);
}

/** @param {Arrivals | null} arrivals @param {{loss: number | null, dropped: number | null} | null} rates */
function lossText(arrivals, rates) {
  if (!arrivals || !rates) return null;
  // Nothing is lost over TCP; what is too much is left out.
  if (arrivals.transport === "mp4") return rates.dropped === null ? null : texts.leftOut(rates.dropped);
  return rates.loss === null ? null : texts.percent(rates.loss);
}
