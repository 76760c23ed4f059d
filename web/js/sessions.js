// Keeps one WHEP session alive for the cameras of the wall.

import { IceServers } from "./ice.js";
import { makePeer, WhepSession } from "./whep.js";

/** @typedef {import("./whep.js").Shown} Shown */
/** @typedef {import("./words.js").Tier} Tier */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;
/** A camera without pictures costs all the others a short break, so that ever rarer tries follow. */
const FIRST_PATIENCE_MS = 5000;
const LONGEST_PATIENCE_MS = 60000;
/** As many as the server answers in one offer. */
const MOST_SLOTS = 64;
/** The camera of a slot whose camera was removed. */
const NOBODY = "";

/**
 * @typedef {object} SessionsHandlers
 * @property {() => void} onOffer A session begins.
 * @property {(camera: string, stream: MediaStream | null) => void} onStream null: keep the last picture.
 * @property {(sid: string) => void} onSession Its transport is connected.
 * @property {(reason: string, end: import("./whep.js").End) => void} onLost It failed; another one is tried soon.
 */

/** What the browser knows of one camera's stream. @typedef {{inbound: RTCInboundRtpStreamStats, rttS: number | null}} Inbound */

/** Makes sessions, one after the other, as long as somebody watches. */
export class Sessions {
  /** @type {"stopped" | "idle" | "open" | "waiting"} */
  #state = "stopped";
  /** @type {WhepSession | null} */
  #session = null;
  #openedAt = 0;
  /** Camera of each slot of the session. @type {string[]} */
  #slots = [];
  /** Stream of each slot of the session. @type {MediaStream[]} */
  #streams = [];
  /** What each camera of the wall shall show; null: nothing. @type {Map<string, Tier | null>} */
  #wanted = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #waitMs = FIRST_WAIT_MS;
  #patienceMs = FIRST_PATIENCE_MS;
  /** Made while the cameras are not known yet. @type {RTCPeerConnection | null} */
  #peer = null;
  /** Whether the last session failed, so that the next one leaves nothing untried. */
  #hasFailed = false;
  #endpoint;
  #iceServers;
  #handlers;

  /**
   * @param {URL} endpoint The server's `/whep`.
   * @param {URL} ice The server's `/api/ice`.
   * @param {SessionsHandlers} handlers
   */
  constructor(endpoint, ice, handlers) {
    this.#endpoint = endpoint;
    this.#iceServers = new IceServers(ice);
    this.#handlers = handlers;
  }

  /** The session's name at the server; null while there is none. */
  get sid() {
    return this.#session?.sid ?? null;
  }

  /**
   * Opens a session as soon as there are cameras.
   *
   * @param {boolean} [leavesNothingUntried] Already in the first offer, which takes longer.
   */
  start(leavesNothingUntried = false) {
    if (this.#state !== "stopped") return;
    this.#state = "idle";
    this.#waitMs = FIRST_WAIT_MS;
    this.#patienceMs = FIRST_PATIENCE_MS;
    this.#hasFailed = leavesNothingUntried;
    this.#open();
    if (this.#state !== "idle") return;
    void this.#iceServers.get(); // there when the cameras are known
    this.#peer ??= makePeer();
  }

  /** Ends the session; the tiles keep their last pictures. */
  stop() {
    this.#state = "stopped";
    this.#peer?.close();
    this.#peer = null;
    this.#drop();
  }

  /**
   * Sets the cameras of the wall and what each shall show.
   *
   * @param {Map<string, Tier | null>} wanted
   */
  show(wanted) {
    this.#wanted = wanted;
    if (this.#state === "idle") this.#open();
    else if (this.#state === "open" && !this.#seat()) this.#open();
    else this.#session?.show(this.#shown());
  }

  /** Asks the server whether it still knows the session, after it was out of reach. */
  confirm() {
    this.#session?.confirm();
  }

  /** Makes a new session because pictures are missing, if the last one had time enough. */
  renew() {
    if (this.#state !== "open" || performance.now() - this.#openedAt < this.#patienceMs) return;
    this.#patienceMs = Math.min(this.#patienceMs * 2, LONGEST_PATIENCE_MS);
    this.#open();
  }

  /** Says that all pictures arrive: the next missing one is acted on quickly again. */
  settled() {
    this.#patienceMs = FIRST_PATIENCE_MS;
  }

  /**
   * Asks the browser once for all cameras.
   *
   * @returns {Promise<Map<string, Inbound>>} Of those that have got something; empty without a session.
   */
  async stats() {
    const session = this.#session;
    const report = await session?.stats();
    /** @type {Map<string, Inbound>} */
    const found = new Map();
    // Asking takes a moment, in which another session may have begun.
    if (!report || session !== this.#session) return found;
    const cameras = new Map(this.#streams.map((stream, slot) => [stream.getTracks()[0]?.id, this.#slots[slot]]));
    /** @type {number | null} */
    let rttS = null;
    for (const entry of report.values()) {
      if (entry.type === "candidate-pair" && entry.nominated) rttS = entry.currentRoundTripTime ?? null;
    }
    for (const entry of report.values()) {
      if (entry.type !== "inbound-rtp") continue;
      const inbound = /** @type {RTCInboundRtpStreamStats} */ (entry);
      const camera = cameras.get(inbound.trackIdentifier);
      if (camera) found.set(camera, { inbound, rttS });
    }
    return found;
  }

  /** Gives each camera that shall be seen a slot; false when there are not enough of them. */
  #seat() {
    if (this.#slots.length < Math.min(this.#wanted.size, MOST_SLOTS)) return false;
    // One that was removed and comes back has another tile, which gets its stream anew.
    this.#slots = this.#slots.map((camera) => {
      if (this.#wanted.has(camera)) return camera;
      if (camera) this.#handlers.onStream(camera, null);
      return NOBODY;
    });
    const isSeen = (/** @type {string} */ camera) => (this.#wanted.get(camera) ?? null) !== null;
    const slots = this.#slots.flatMap((camera, slot) => (isSeen(camera) ? [] : [slot]));
    // First the slots of cameras that are gone, then of those that rest.
    const free = slots.sort((a, b) => Number(this.#isKnown(a)) - Number(this.#isKnown(b)));
    for (const camera of [...this.#wanted.keys()].filter(isSeen)) {
      if (this.#slots.includes(camera)) continue;
      const slot = free.shift();
      if (slot === undefined) break;
      const before = this.#slots[slot];
      if (before) this.#handlers.onStream(before, null);
      this.#slots[slot] = camera;
      const stream = this.#streams[slot];
      if (stream) this.#handlers.onStream(camera, stream);
    }
    return true;
  }

  /** @param {number} slot @returns {boolean} Whether the slot's camera is still there. */
  #isKnown(slot) {
    return this.#wanted.has(this.#slots[slot] ?? "");
  }

  /** @returns {Shown[]} */
  #shown() {
    return this.#slots.map((camera) => {
      const tier = this.#wanted.get(camera) ?? null;
      return { camera: tier && camera, tier: tier ?? "tile" };
    });
  }

  #open() {
    this.#drop();
    this.#state = "idle";
    if (this.#wanted.size === 0) return;
    this.#state = "open";
    this.#openedAt = performance.now();
    // Those that are seen first, where there are more cameras than slots.
    const [seen, resting] = [[...this.#wanted].filter(([, tier]) => tier), [...this.#wanted].filter(([, tier]) => !tier)];
    const order = this.#wanted.size > MOST_SLOTS ? [...seen, ...resting] : [...this.#wanted];
    this.#slots = order.slice(0, MOST_SLOTS).map(([camera]) => camera);
    const peer = this.#peer ?? makePeer();
    this.#peer = null;
    const session = new WhepSession(this.#endpoint, this.#shown().map(({ camera }) => camera), peer, {
      onStreams: (streams) => this.#deliver(streams),
      onUp: (sid) => this.#up(sid),
      onEnd: (reason, end) => this.#lost(reason, end),
    });
    this.#session = session;
    this.#handlers.onOffer();
    session.show(this.#shown());
    void session.open(this.#hasFailed, this.#iceServers.get());
  }

  /** @param {MediaStream[]} streams */
  #deliver(streams) {
    this.#streams = streams;
    streams.forEach((stream, slot) => {
      const camera = this.#slots[slot];
      if (camera !== undefined) this.#handlers.onStream(camera, stream);
    });
  }

  /** @param {string} sid */
  #up(sid) {
    this.#hasFailed = false;
    this.#waitMs = FIRST_WAIT_MS;
    this.#handlers.onSession(sid);
  }

  /** @param {string} reason @param {import("./whep.js").End} end */
  #lost(reason, end) {
    this.#session = null;
    this.#hasFailed = true;
    this.#drop();
    this.#state = "waiting";
    this.#timer = setTimeout(() => this.#open(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    // Last, since whoever hears it may stop all this.
    this.#handlers.onLost(reason, end);
  }

  #drop() {
    clearTimeout(this.#timer);
    for (const camera of this.#slots) this.#handlers.onStream(camera, null);
    this.#session?.close();
    this.#session = null;
    this.#slots = [];
    this.#streams = [];
  }
}
