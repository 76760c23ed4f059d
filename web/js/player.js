// Brings the pictures: by WebRTC, and as MP4 over a WebSocket where that finds no way.

import { Sessions } from "./sessions.js";

/** @typedef {import("./media.js").MediaLink} MediaLink */
/** @typedef {import("./reel.js").Reel} Reel */
/** @typedef {import("./words.js").Tier} Tier */

/** What a tile plays. @typedef {MediaStream | Reel} Pictures */

/** By what the pictures come. @typedef {"webrtc" | "mp4"} Transport */

/** What a browser lacks. @typedef {"webrtc" | "webrtc-h264" | "mse" | "h264"} Lack */

/** From the offer to the first picture. Most have one within a second. */
const PATIENCE_MS = 5000;
/** How often it is looked for meanwhile. */
const LOOK_MS = 500;
/** WebRTC is tried again behind the pictures: a network that had no way may have one later. */
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 600_000;
/** How long such a try may take until it has pictures. */
const TRY_MS = 8000;
/** A way that held for so long is a good one: after that the waits are short again. */
const STEADY_MS = 120_000;
/** A link without pictures is made anew, ever more rarely. */
const FIRST_RENEWAL_MS = 10_000;
const LONGEST_RENEWAL_MS = 60_000;

/**
 * What is known of how a camera's pictures come; totals since they began to come so.
 *
 * @typedef {object} Arrivals
 * @property {Transport} transport
 * @property {number} bytes
 * @property {number} frames That were decoded.
 * @property {number} dropped That were not shown, or came for nothing.
 * @property {number | null} packets That were to come.
 * @property {number | null} lost Of these.
 * @property {{sumS: number, count: number} | {nowS: number}} buffer How long pictures wait before they are
 *   decoded: over all of them, or now.
 * @property {number | null} rttS To the server and back.
 */

/**
 * @typedef {object} PlayerHandlers
 * @property {(camera: string, pictures: Pictures | null) => void} onPictures null: keep the last picture.
 * @property {(sid: string) => void} onSession
 * @property {(reason: string | null) => void} onProblem Why there are no pictures; null when there are.
 * @property {(transport: Transport | null) => void} onTransport null: nothing can be played here.
 * @property {(lacks: Lack[]) => void} onLack What the browser would need; called if it can play nothing.
 * @property {() => "none due" | "missing" | "some"} look Whether pictures arrive on the wall.
 */

/** Brings pictures by the one way or the other, as long as somebody watches. */
export class Player {
  #isStarted = false;
  /** @type {Transport} */
  #transport = "webrtc";
  /** @type {MediaLink | null} */
  #link = null;
  #sessions;
  /** What WebRTC has brought, whether it is shown or only tried. @type {Map<string, MediaStream>} */
  #streams = new Map();
  /** @type {Map<string, Tier | null>} */
  #wanted = new Map();
  /** Whether WebRTC is being tried behind the pictures. */
  #isTrying = false;
  /** Whether the try began on another network. */
  #isNetworkNew = false;
  /** Unless nothing gets through to the server, or it serves nobody else now. */
  #isMp4Better = true;
  #retryMs = FIRST_RETRY_MS;
  #retryAt = Infinity;
  #switchedAt = -Infinity;
  #renewedAt = 0;
  #renewalMs = FIRST_RENEWAL_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watchTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  #mediaUrl;
  #handlers;

  /**
   * @param {URL} whep The server's `/whep`.
   * @param {URL} ice The server's `/api/ice`.
   * @param {URL} media The server's `/api/media`, `ws:` or `wss:`.
   * @param {PlayerHandlers} handlers
   */
  constructor(whep, ice, media, handlers) {
    this.#mediaUrl = media;
    this.#handlers = handlers;
    this.#sessions = new Sessions(whep, ice, {
      onOffer: () => this.#offered(),
      onStream: (camera, stream) => this.#streamed(camera, stream),
      onSession: (sid) => this.#connected(sid),
      onLost: (reason, end) => this.#failed(reason, end),
    });
    addEventListener("online", () => {
      this.#isNetworkNew = this.#isTrying;
      this.#try();
    });
  }

  /** The session's name at the server; null while there is none. */
  get sid() {
    return this.#sessions.sid;
  }

  /** Begins to bring pictures, by the way that was found last. */
  start() {
    if (this.#isStarted) return;
    this.#isStarted = true;
    if (this.#transport === "mp4" || lacksForWebRtc().length > 0) void this.#fallBack();
    else this.#sessions.start();
  }

  /** Ends it; the tiles keep their last pictures. */
  stop() {
    this.#isStarted = false;
    this.#isTrying = false;
    this.#watchNoMore();
    clearTimeout(this.#retryTimer);
    this.#sessions.stop();
    this.#link?.stop();
  }

  /**
   * Sets the cameras of the wall and what each shall show.
   *
   * @param {Map<string, Tier | null>} wanted
   */
  show(wanted) {
    this.#wanted = wanted;
    this.#sessions.show(wanted);
    this.#link?.show(wanted);
  }

  /** Looks whether the server still knows this page, after it was out of reach. */
  confirm() {
    this.#sessions.confirm();
    this.#link?.confirm();
  }

  /** Asks for all pictures anew because some are missing, if there was time enough. */
  renew() {
    if (this.#transport === "webrtc") {
      this.#sessions.renew();
      return;
    }
    if (performance.now() - this.#renewedAt < this.#renewalMs) return;
    this.#renewedAt = performance.now();
    this.#renewalMs = Math.min(this.#renewalMs * 2, LONGEST_RENEWAL_MS);
    this.#link?.confirm();
  }

  /** Says that all pictures arrive: the next missing one is acted on quickly again. */
  settled() {
    this.#renewalMs = FIRST_RENEWAL_MS;
    this.#sessions.settled();
    if (this.#transport === "webrtc" && performance.now() - this.#switchedAt > STEADY_MS) {
      this.#retryMs = FIRST_RETRY_MS;
    }
  }

  /** @returns {Promise<Map<string, Arrivals>>} Of each camera that is shown. */
  async stats() {
    if (this.#transport === "mp4") {
      return new Map([...(this.#link?.reels ?? [])].map(([camera, reel]) => [camera, reel.arrivals]));
    }
    const found = await this.#sessions.stats();
    return new Map([...found].map(([camera, { inbound, rttS }]) => [camera, arrivalsOf(inbound, rttS)]));
  }

  /** Waits for the first picture, for all tries together: they may follow each other quickly. */
  #offered() {
    if (this.#transport !== "webrtc" || this.#watchTimer !== undefined) return;
    this.#watch();
  }

  /** Looks for the first picture until one is there, or has been due for too long. */
  #watch() {
    clearTimeout(this.#watchTimer);
    let until = performance.now() + PATIENCE_MS;
    const look = () => {
      const now = performance.now();
      const arrival = document.visibilityState === "visible" ? this.#handlers.look() : "none due";
      this.#watchTimer = undefined;
      if (arrival === "some") return;
      if (arrival === "none due") until = now + PATIENCE_MS;
      if (now < until) this.#watchTimer = setTimeout(look, Math.min(LOOK_MS, until - now));
      else if (this.#isMp4Better) void this.#fallBack();
      else this.#watch();
    };
    this.#watchTimer = setTimeout(look, LOOK_MS);
  }

  #watchNoMore() {
    clearTimeout(this.#watchTimer);
    this.#watchTimer = undefined;
  }

  /** @param {string} camera @param {MediaStream | null} stream */
  #streamed(camera, stream) {
    if (stream) this.#streams.set(camera, stream);
    else this.#streams.delete(camera);
    if (this.#transport === "webrtc") this.#handlers.onPictures(camera, stream);
  }

  /** @param {string} sid */
  #connected(sid) {
    this.#handlers.onSession(sid);
    if (this.#transport !== "webrtc") return;
    this.#isMp4Better = true;
    this.#handlers.onProblem(null);
    this.#handlers.onTransport("webrtc");
  }

  /** @param {string} reason @param {import("./whep.js").End} end */
  #failed(reason, end) {
    if (this.#transport === "mp4") {
      this.#giveUpTry();
      return;
    }
    this.#isMp4Better = end !== "out of reach";
    this.#handlers.onProblem(reason);
    if (end === "no agreement") void this.#fallBack();
  }

  /** Takes the way that goes wherever the page itself went. */
  async #fallBack() {
    const media = await import("./media.js").catch(() => null);
    if (!this.#isStarted) return;
    const missing = media?.missingForMp4() ?? null;
    if (!media || missing) {
      this.#stay(missing);
      return;
    }
    this.#sessions.stop();
    this.#watchNoMore();
    this.#transport = "mp4";
    this.#handlers.onTransport("mp4");
    this.#link ??= new media.MediaLink(this.#mediaUrl, {
      onReel: (camera, reel) => this.#handlers.onPictures(camera, reel),
      onUp: () => this.#handlers.onProblem(null),
      onLost: (why) => this.#handlers.onProblem(why),
    });
    this.#renewedAt = performance.now();
    this.#link.show(this.#wanted);
    this.#link.start();
    this.#retryLater(Math.max(0, Math.min(this.#retryMs, this.#retryAt - performance.now())));
  }

  /** Goes on with WebRTC, since there is nothing else. @param {Lack | null} missing What MP4 would need. */
  #stay(missing) {
    const lacks = lacksForWebRtc();
    if (lacks.length === 0) this.#watch();
    else if (missing) {
      this.#handlers.onTransport(null);
      this.#handlers.onLack([...lacks, missing]);
    } else this.#retryTimer = setTimeout(() => void this.#fallBack(), PATIENCE_MS);
  }

  /** @param {number} ms */
  #retryLater(ms) {
    clearTimeout(this.#retryTimer);
    this.#retryAt = performance.now() + ms;
    this.#retryTimer = setTimeout(() => this.#try(), ms);
  }

  /** Tries WebRTC behind the pictures. */
  #try() {
    if (!this.#isStarted || this.#isTrying || this.#transport !== "mp4") return;
    this.#isTrying = true;
    clearTimeout(this.#retryTimer);
    // Some browsers fetch their decoder only when they are first started.
    if (lacksForWebRtc().length > 0) {
      this.#giveUpTry();
      return;
    }
    const until = performance.now() + TRY_MS;
    this.#sessions.start(true);
    const look = async () => {
      const found = await this.#sessions.stats();
      if (!this.#isTrying) return;
      if ([...found.values()].some(({ inbound }) => (inbound.framesDecoded ?? 0) > 1)) this.#switchBack();
      else if (performance.now() > until) this.#giveUpTry();
      else this.#retryTimer = setTimeout(look, LOOK_MS);
    };
    this.#retryTimer = setTimeout(look, LOOK_MS);
  }

  #giveUpTry() {
    if (!this.#isTrying) return;
    this.#isTrying = false;
    this.#sessions.stop();
    if (!this.#isNetworkNew) this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    this.#retryLater(this.#isNetworkNew ? LOOK_MS : this.#retryMs);
    this.#isNetworkNew = false;
  }

  #switchBack() {
    this.#isTrying = false;
    this.#transport = "webrtc";
    this.#switchedAt = performance.now();
    this.#retryAt = Infinity;
    // Should it fail again soon, the next try comes later.
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    this.#link?.stop();
    for (const [camera, stream] of this.#streams) this.#handlers.onPictures(camera, stream);
    this.#handlers.onProblem(null);
    this.#handlers.onTransport("webrtc");
    this.#watch();
  }
}

/** @returns {Lack[]} What this browser has not got for WebRTC; none: it has all. */
function lacksForWebRtc() {
  if (!("RTCPeerConnection" in globalThis)) return ["webrtc"];
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.("video")?.codecs;
  // An old browser that does not tell is tried.
  const hasH264 = codecs?.some(({ mimeType }) => mimeType.toLowerCase() === "video/h264") ?? true;
  return hasH264 ? [] : ["webrtc-h264"];
}

/** @param {RTCInboundRtpStreamStats} inbound @param {number | null} rttS @returns {Arrivals} */
function arrivalsOf(inbound, rttS) {
  const lost = inbound.packetsLost ?? 0;
  return {
    transport: "webrtc",
    bytes: inbound.bytesReceived ?? 0,
    frames: inbound.framesDecoded ?? 0,
    dropped: inbound.framesDropped ?? 0,
    packets: (inbound.packetsReceived ?? 0) + lost,
    lost,
    buffer: { sumS: inbound.jitterBufferDelay ?? 0, count: inbound.jitterBufferEmittedCount ?? 0 },
    rttS,
  };
}
