// One WHEP session: many slots on one peer connection, each of which can change what it shows.

/** @typedef {import("./words.js").SlotChange} SlotChange */
/** @typedef {import("./words.js").Tier} Tier */

/** Host candidates are there at once; what takes longer is not needed on a local network. */
const GATHER_MS = 300;
/** For a second try where there are STUN and TURN servers: one of them may be far, or need TCP. */
const GATHER_FROM_SERVERS_MS = 1500;
/** The one format that is served; without all the others an offer is a quarter as long. */
const SERVED = /packetization-mode=1.*profile-level-id=42e01f|profile-level-id=42e01f.*packetization-mode=1/i;
const HTTP_MS = 8000;
/** From the answer to a connected transport; a firewall that drops UDP shows itself here. */
const CONNECT_MS = 10000;
/** The same while something is left untried: a second offer shall be made before a page gives up WebRTC. */
const FIRST_CONNECT_MS = 3000;
const PATCH_RETRY_MS = 1000;
const NO_WAY = "no way through the network for the pictures (UDP)";

/**
 * What a slot shows.
 *
 * @typedef {object} Shown
 * @property {string | null} camera null: nothing.
 * @property {Tier} tier
 */

/**
 * @typedef {object} SessionHandlers
 * @property {(streams: MediaStream[]) => void} onStreams One per slot, as soon as the answer is in.
 * @property {(sid: string) => void} onUp The pictures' transport is connected.
 * @property {(reason: string, end: End) => void} onEnd At most once, when the session ended by itself.
 */

/**
 * What an end says of the next try: another session may do, or none will, since browser and server do
 * not agree, or nothing else would, since the server can't be reached or serves nobody else now.
 *
 * @typedef {"broke" | "no agreement" | "out of reach"} End
 */

/** An offer that came to nothing. */
class OfferError extends Error {
  /** @param {string} message @param {End} end */
  constructor(message, end) {
    super(message);
    this.end = end;
  }
}

/**
 * Makes a connection that has nothing to show yet. The first one of a page takes a while, which is
 * better spent before the cameras are known.
 */
export function makePeer() {
  // No ICE servers of anybody's: page and server mostly share a network. Those that the server names
  // are added before the offer.
  return new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
}

/** A session from its offer to its end; it is used once. */
export class WhepSession {
  /** @type {"new" | "opening" | "answered" | "up" | "ended"} */
  #state = "new";
  #life = new AbortController();
  #peer;
  /** @type {URL | null} */
  #resource = null;
  /** @type {Shown[]} */
  #applied;
  /** @type {Shown[]} */
  #wanted;
  #isPatching = false;
  #endpoint;
  #handlers;

  /**
   * @param {URL} endpoint The server's `/whep`.
   * @param {(string | null)[]} cameras Camera of each slot, in order, which starts with its tile; null: nothing yet.
   * @param {RTCPeerConnection} peer Fresh; closed with the session.
   * @param {SessionHandlers} handlers
   */
  constructor(endpoint, cameras, peer, handlers) {
    this.#endpoint = endpoint;
    this.#peer = peer;
    this.#handlers = handlers;
    this.#applied = cameras.map((camera) => ({ camera, tier: "tile" }));
    this.#wanted = this.#applied;
  }

  /** The server's name for this session; null before its answer. */
  get sid() {
    return this.#resource?.pathname.split("/").pop() ?? null;
  }

  /**
   * Offers, connects and stays; every failure is told to `onEnd`.
   *
   * The server learns this page's address from its first packet, and need not be told before. Only
   * where a firewall keeps that packet out must the server begin, and know the address. Where the
   * server names STUN or TURN servers there is such a firewall or NAT, as likely as not.
   *
   * @param {boolean} tellsAddress Whether the offer waits for this page's own addresses.
   * @param {Promise<RTCIceServer[]>} iceServers What helps to find a way.
   */
  async open(tellsAddress, iceServers) {
    const peer = this.#peer;
    const { signal } = this.#life;
    this.#state = "opening";
    peer.addEventListener("connectionstatechange", () => this.#watch(), { signal });
    try {
      this.#addSlots();
      const servers = await iceServers;
      signal.throwIfAborted();
      const hasServers = servers.length > 0;
      if (hasServers) peer.setConfiguration({ ...peer.getConfiguration(), iceServers: servers });
      await peer.setLocalDescription();
      const isGathered = () => !(tellsAddress || hasServers) || peer.iceGatheringState === "complete";
      const gatherMs = tellsAddress && hasServers ? GATHER_FROM_SERVERS_MS : GATHER_MS;
      await until(peer, "icegatheringstatechange", isGathered, gatherMs, signal);
      const answer = await this.#post(peer.localDescription?.sdp ?? "");
      signal.throwIfAborted();
      await peer.setRemoteDescription({ type: "answer", sdp: answer });
      signal.throwIfAborted();
      this.#answered();
      const isConnected = () => peer.connectionState === "connected";
      const patienceMs = tellsAddress ? CONNECT_MS : FIRST_CONNECT_MS;
      if (!(await until(peer, "connectionstatechange", isConnected, patienceMs, signal))) {
        throw new OfferError(NO_WAY, "broke");
      }
      this.#state = "up";
      this.#handlers.onUp(this.sid ?? "");
    } catch (error) {
      const end = error instanceof OfferError ? error.end : "no agreement";
      this.#end(error instanceof Error ? error.message : String(error), end);
    }
  }

  /**
   * Sets what the slots show; the newest call wins, and only differences are sent.
   *
   * @param {Shown[]} slots One per slot.
   */
  show(slots) {
    this.#wanted = slots;
    void this.#patch();
  }

  /** Tells the server all slots again, which ends the session if the server no longer knows it. */
  confirm() {
    if (!this.#resource) return; // a server that is still being asked need not be asked twice
    this.#applied = [];
    void this.#patch();
  }

  /** What the browser knows of the connection. @returns {Promise<RTCStatsReport>} */
  stats() {
    return this.#peer.getStats();
  }

  /** Ends the session here and on the server; `onEnd` is not called. */
  close() {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#life.abort();
    this.#peer.close();
    this.#forget();
  }

  #addSlots() {
    const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
    const served = codecs.filter(
      ({ mimeType, sdpFmtpLine }) => mimeType.toLowerCase() === "video/h264" && SERVED.test(sdpFmtpLine ?? ""),
    );
    const repairs = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === "video/rtx");
    for (const _ of this.#applied) {
      const transceiver = this.#peer.addTransceiver("video", { direction: "recvonly" });
      // A browser that has not got it says so with its whole offer, and the server why that fails.
      if (served.length > 0) transceiver.setCodecPreferences?.([...served, ...repairs]);
    }
  }

  /**
   * @param {string} offer
   * @returns {Promise<string>} The answer.
   */
  async #post(offer) {
    const url = new URL(this.#endpoint);
    for (const { camera } of this.#applied) url.searchParams.append("camera", camera ?? "");
    url.searchParams.set("tier", "tile");
    // Not bound to this session's life: a session that the server made must also be ended there.
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: offer,
      signal: AbortSignal.timeout(HTTP_MS),
    }).catch((error) => {
      const isSlow = error instanceof DOMException && error.name === "TimeoutError";
      throw new OfferError(isSlow ? "the server does not answer" : "the server is out of reach", "out of reach");
    });
    if (response.status !== 201) {
      const { code, message } = await errorOf(response);
      throw new OfferError(message, endOf(response.status, code));
    }
    const location = response.headers.get("Location");
    if (!location) throw new Error("the server named no session");
    this.#resource = new URL(location, response.url);
    if (this.#life.signal.aborted) this.#forget();
    return response.text();
  }

  #answered() {
    this.#state = "answered";
    const receivers = this.#peer.getTransceivers().map(({ receiver }) => receiver);
    for (const receiver of receivers) {
      // A wall is watched live: no delay is bought for smoothness. Not in every browser.
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    }
    this.#handlers.onStreams(receivers.map(({ track }) => new MediaStream([track])));
    void this.#patch();
  }

  #watch() {
    const { connectionState } = this.#peer;
    if (connectionState === "failed" || connectionState === "closed") {
      this.#end(this.#state === "up" ? "the connection for the pictures broke" : NO_WAY, "broke");
    }
  }

  /** Brings the server's slots to what is wanted, one request at a time. */
  async #patch() {
    const { signal } = this.#life;
    if (this.#isPatching || !this.#resource || signal.aborted) return;
    this.#isPatching = true;
    try {
      while (!signal.aborted) {
        const wanted = this.#wanted;
        const slots = changes(this.#applied, wanted);
        if (slots.length === 0) return;
        const status = await this.#sendSlots(this.#resource, slots);
        if (status === 404) this.#end("the server no longer knows this session", "broke");
        else if (status < 500) this.#applied = wanted;
        else await pause(PATCH_RETRY_MS, signal);
      }
    } finally {
      this.#isPatching = false;
    }
  }

  /**
   * @param {URL} resource
   * @param {SlotChange[]} slots
   * @returns {Promise<number>} HTTP status; 599 when the server was not reached.
   */
  async #sendSlots(resource, slots) {
    try {
      const response = await fetch(resource, {
        method: "PATCH",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ slots }),
        signal: AbortSignal.any([this.#life.signal, AbortSignal.timeout(HTTP_MS)]),
      });
      return response.status;
    } catch {
      return 599;
    }
  }

  /** @param {string} reason @param {End} end */
  #end(reason, end) {
    if (this.#state === "ended") return;
    this.close();
    this.#handlers.onEnd(reason, end);
  }

  /** Ends the session on the server; `keepalive` lets it go out while the page is being closed. */
  #forget() {
    if (!this.#resource) return;
    fetch(this.#resource, { method: "DELETE", keepalive: true }).catch(() => {
      // The server is away: it ends sessions without a WebSocket by itself.
    });
  }
}

/**
 * @param {Shown[]} before
 * @param {Shown[]} after
 * @returns {SlotChange[]} The slots of `after` that differ.
 */
function changes(before, after) {
  return after
    .map(({ camera, tier }, slot) => ({ slot, camera, tier }))
    .filter(({ slot, camera, tier }) => {
      const old = before[slot];
      return old?.camera !== camera || (camera !== null && old.tier !== tier);
    });
}

/**
 * Waits until `isTrue`, looked at on each event of `type`.
 *
 * @param {EventTarget} target
 * @param {string} type
 * @param {() => boolean} isTrue
 * @param {number} timeoutMs
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} false when the time was over first.
 * @throws {DOMException} AbortError, when `signal` was aborted first.
 */
function until(target, type, isTrue, timeoutMs, signal) {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const finish = (/** @type {boolean} */ isInTime) => {
      clearTimeout(timer);
      done.abort();
      resolve(isInTime);
    };
    const timer = setTimeout(() => finish(isTrue()), timeoutMs);
    const look = () => isTrue() && finish(true);
    const abort = () => {
      finish(false);
      reject(signal.reason);
    };
    target.addEventListener(type, look, { signal: done.signal });
    signal.addEventListener("abort", abort, { signal: done.signal });
    if (signal.aborted) abort();
    else look();
  });
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal Ends the pause at once.
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** @param {number} status Of an answer that refuses. @param {string} code @returns {End} */
function endOf(status, code) {
  // MP4 needs no port and no address of its own.
  if (code === "no_port" || code === "no_address") return "broke";
  // Busy, full or stopping: as much so for pictures that come another way.
  if (status >= 500) return "out of reach";
  // A camera that is no more: the page is about to hear of that.
  return status === 404 ? "broke" : "no agreement";
}

/**
 * @param {Response} response
 * @returns {Promise<{code: string, message: string}>} The server's own words, or the status.
 */
async function errorOf(response) {
  try {
    const { error } = await response.json();
    if (typeof error?.message === "string") return error;
  } catch {
    // Not JSON: something between the page and the server answered.
  }
  return { code: "", message: `the server answered ${response.status}` };
}
