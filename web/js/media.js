// Brings a whole page's pictures as MP4 over a WebSocket, where WebRTC finds no way.

import { missingForMp4, Reel } from "./reel.js";

export { missingForMp4 };

/** @typedef {import("./words.js").SlotChange} SlotChange */
/** @typedef {import("./words.js").Tier} Tier */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;
/** A link on which nothing came for so long may be dead, whatever TCP says. */
const SILENCE_MS = 5000;
/** A camera is asked to begin anew at most so often: each time costs the server an IDR. */
const GAP_MS = 2000;
/** As many as the server has for a page. */
const MOST_SLOTS = 64;
/** Slot and kind stand before each segment. */
const HEAD_BYTES = 2;
const INIT = 0;

/**
 * @typedef {object} MediaHandlers
 * @property {(camera: string, reel: Reel | null) => void} onReel null: keep the last picture.
 * @property {() => void} onUp
 * @property {(reason: string) => void} onLost It is tried again soon.
 */

/** What one slot of the link is for, as long as the link lasts. */
class Slot {
  /** What the server was told. @type {Tier | null} */
  tier = null;
  /** When its camera was asked to begin anew. */
  askedAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;

  /** @param {string} camera @param {Reel} reel */
  constructor(camera, reel) {
    this.camera = camera;
    this.reel = reel;
  }
}

/** A link to `/api/media` that keeps itself open between `start` and `stop`. */
export class MediaLink {
  /** @type {"stopped" | "connecting" | "up" | "waiting"} */
  #state = "stopped";
  /** @type {WebSocket | null} */
  #socket = null;
  #listeners = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #waitMs = FIRST_WAIT_MS;
  #heardAt = 0;
  /**
   * A slot keeps its camera, so that no segment that is still on its way can be taken for another's.
   *
   * @type {Slot[]}
   */
  #slots = [];
  /** @type {Map<string, Reel>} */
  #reels = new Map();
  /** What each camera of the wall shall show; null: nothing. @type {Map<string, Tier | null>} */
  #wanted = new Map();
  #url;
  #handlers;

  /**
   * @param {URL} url `ws:` or `wss:`.
   * @param {MediaHandlers} handlers
   */
  constructor(url, handlers) {
    this.#url = url;
    this.#handlers = handlers;
  }

  /** Connects, and connects again after every loss. */
  start() {
    if (this.#state !== "stopped") return;
    this.#waitMs = FIRST_WAIT_MS;
    this.#connect();
  }

  /** Closes the link; the tiles keep their last pictures. */
  stop() {
    this.#state = "stopped";
    this.#drop();
    for (const [camera, reel] of this.#reels) this.#forget(camera, reel);
  }

  /** Connects anew at once, unless pictures came just now. */
  confirm() {
    const isSilent = performance.now() - this.#heardAt > SILENCE_MS;
    if (this.#state === "waiting" || (this.#state === "up" && isSilent)) this.#connect();
  }

  /**
   * Sets the cameras of the wall and what each shall show.
   *
   * @param {Map<string, Tier | null>} wanted
   */
  show(wanted) {
    this.#wanted = new Map(wanted);
    for (const [camera, reel] of this.#reels) {
      if (!wanted.has(camera)) this.#forget(camera, reel);
    }
    if (this.#state === "up") this.#tell();
  }

  /** @returns {Map<string, Reel>} What each camera has come as so far. */
  get reels() {
    return this.#reels;
  }

  #connect() {
    this.#drop();
    this.#state = "connecting";
    this.#heardAt = performance.now();
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost("the server does not answer"), SILENCE_MS);
    socket.addEventListener("open", () => this.#opened(), { signal });
    socket.addEventListener("message", ({ data }) => this.#heard(data), { signal });
    socket.addEventListener("close", ({ reason }) => this.#lost(reason), { signal });
  }

  #opened() {
    clearTimeout(this.#timer);
    this.#state = "up";
    this.#handlers.onUp();
    this.#tell();
  }

  /** Tells the server what differs from what it was told. */
  #tell() {
    const seen = [...this.#wanted].filter(([, tier]) => tier !== null);
    const newcomers = seen.filter(([camera]) => !this.#slots.some((slot) => slot.camera === camera));
    if (this.#slots.length > 0 && this.#slots.length + newcomers.length > MOST_SLOTS) {
      this.#connect(); // all slots are free there
      return;
    }
    for (const [camera] of newcomers.slice(0, MOST_SLOTS)) this.#slots.push(new Slot(camera, this.#reelOf(camera)));
    /** @type {SlotChange[]} */
    const slots = [];
    this.#slots.forEach((slot, index) => {
      const tier = this.#wanted.get(slot.camera) ?? null;
      if (tier === slot.tier) return;
      slot.tier = tier;
      slots.push({ slot: index, camera: tier && slot.camera, tier: tier ?? "tile" });
    });
    this.#send(slots);
  }

  /** @param {string} camera @returns {Reel} */
  #reelOf(camera) {
    const known = this.#reels.get(camera);
    if (known) return known;
    const reel = new Reel(() => this.#beginAnew(camera));
    this.#reels.set(camera, reel);
    this.#handlers.onReel(camera, reel);
    return reel;
  }

  /** @param {string} camera @param {Reel} reel */
  #forget(camera, reel) {
    this.#handlers.onReel(camera, null);
    reel.leave();
    this.#reels.delete(camera);
  }

  /** Lets a camera begin with an IDR again, which the server does when a slot shows something else. @param {string} camera */
  #beginAnew(camera) {
    const index = this.#slots.findIndex((slot) => slot.camera === camera);
    const slot = this.#slots[index];
    if (!slot || slot.tier === null) return;
    clearTimeout(slot.timer);
    const waitMs = slot.askedAt + GAP_MS - performance.now();
    if (waitMs > 0) {
      slot.timer = setTimeout(() => this.#beginAnew(camera), waitMs);
      return;
    }
    slot.askedAt = performance.now();
    this.#send([{ slot: index, camera: null, tier: slot.tier }]);
    this.#send([{ slot: index, camera, tier: slot.tier }]);
  }

  /** @param {SlotChange[]} slots */
  #send(slots) {
    if (slots.length > 0 && this.#state === "up") this.#socket?.send(JSON.stringify({ slots }));
  }

  /** @param {unknown} message */
  #heard(message) {
    if (!(message instanceof ArrayBuffer) || message.byteLength < HEAD_BYTES) return;
    this.#heardAt = performance.now();
    this.#waitMs = FIRST_WAIT_MS;
    const bytes = new Uint8Array(message);
    const [index = 0, kind = 0, length = 0] = bytes;
    const slot = this.#slots[index];
    if (!slot || slot.tier === null) return;
    if (kind !== INIT) {
      slot.reel.push(kind, bytes.subarray(HEAD_BYTES), "");
      return;
    }
    const start = HEAD_BYTES + 1;
    const codec = new TextDecoder("ascii").decode(bytes.subarray(start, start + length));
    slot.reel.push(kind, bytes.subarray(start + length), codec);
  }

  /** @param {string} reason The server's own words, where it said some. */
  #lost(reason) {
    this.#drop();
    this.#state = "waiting";
    // Half of the wait is left to chance, so that many walls do not come back in the same moment.
    const waitMs = this.#waitMs * (0.5 + Math.random() / 2);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.#connect(), waitMs);
    this.#handlers.onLost(reason || "the server is out of reach");
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#listeners.abort();
    this.#socket?.close();
    this.#socket = null;
    for (const { timer } of this.#slots) clearTimeout(timer);
    this.#slots = [];
  }
}
