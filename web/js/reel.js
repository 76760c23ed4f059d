// Plays one camera's fragmented MP4 in a video element, close to its live end.

/** What every tier is: H.264 in its constrained baseline, at a level that all decoders know. */
const SERVED = 'video/mp4; codecs="avc1.42e01f"';
/** Kinds of segments, as the server numbers them. */
const INIT = 0;
const KEY = 1;
/** Two seconds of 25 pictures: more in wait than that is no live picture, and is dropped up to the next IDR. */
const MOST_WAITING = 50;
/** So much of the past stays, for the decoder alone: nobody goes back. */
const KEPT_S = 10;
/** Behind the newest picture by more than this, playing goes on from there. */
const JUMP_S = 1;
/** Behind by more than this it plays faster, until it is behind by less than half of it. */
const HASTE_S = 0.35;
/** Nobody sees that people walk faster by so much. */
const HASTE = 1.08;
/** How far before the end a jump lands: what a network's ordinary jitter takes. */
const CUSHION_S = 0.15;
/** Less than any picture's time, and more than what a second's parts are rounded to. */
const ROUNDING_S = 0.001;
/** A decoder that fails at once on everything is not asked more often than this. */
const RESTART_MS = 2000;

/** On phones of one maker there is only the second, which does the same. @returns {typeof MediaSource | null} */
function sourceType() {
  const named = /** @type {{ManagedMediaSource?: typeof MediaSource, MediaSource?: typeof MediaSource}} */ (globalThis);
  return named.MediaSource ?? named.ManagedMediaSource ?? null;
}

/** @returns {"mse" | "h264" | null} What this browser lacks to play MP4 as it comes; null for nothing. */
export function missingForMp4() {
  const type = sourceType();
  if (type === null) return "mse";
  return type.isTypeSupported(SERVED) ? null : "h264";
}

/** @typedef {{kind: number, bytes: Uint8Array<ArrayBuffer>, codec: string}} Segment */

/** One camera's pictures; fed by the link, played by a tile. */
export class Reel {
  /** @type {HTMLVideoElement | null} */
  #video = null;
  /** @type {MediaSource | null} */
  #source = null;
  /** @type {SourceBuffer | null} */
  #buffer = null;
  #codec = "";
  #url = "";
  /** @type {Segment[]} */
  #waiting = [];
  /** What is being appended. @type {Segment | null} */
  #appending = null;
  /** Nothing is of use before the server has begun anew. */
  #needsInit = true;
  #needsKey = true;
  /** Where in the buffer IDRs begin, seconds. @type {number[]} */
  #keys = [];
  #startedAt = 0;
  #life = new AbortController();
  #onGap;
  #onBlank = () => {};
  /** Where the buffer ends, seconds: the next fragment begins there. */
  #end = 0;
  #bytes = 0;
  /** Segments that came too fast, or without what they are made from. */
  #dropped = 0;

  /** @param {() => void} onGap Asks the server to begin anew, with an init segment and an IDR. */
  constructor(onGap) {
    this.#onGap = onGap;
  }

  /** @returns {import("./player.js").Arrivals} What came so far, and what of it waits to be shown. */
  get arrivals() {
    const quality = this.#video?.getVideoPlaybackQuality();
    return {
      transport: "mp4",
      bytes: this.#bytes,
      frames: quality?.totalVideoFrames ?? 0,
      dropped: this.#dropped + (quality?.droppedVideoFrames ?? 0),
      packets: null,
      lost: null,
      buffer: { nowS: Math.max(0, this.#end - (this.#video?.currentTime ?? this.#end)) },
      rttS: null,
    };
  }

  /**
   * Plays in an element until `leave`.
   *
   * @param {HTMLVideoElement} video
   * @param {() => void} onBlank Called before the element loses its picture to begin anew.
   */
  playIn(video, onBlank) {
    const Source = sourceType();
    if (!Source) return;
    this.#life.abort();
    this.#life = new AbortController();
    const { signal } = this.#life;
    const source = new Source();
    this.#video = video;
    this.#onBlank = onBlank;
    this.#source = source;
    this.#buffer = this.#appending = null;
    this.#keys = [];
    this.#end = 0;
    this.#startedAt = performance.now();
    source.addEventListener("sourceopen", () => this.#next(), { signal });
    video.addEventListener("error", () => this.#restart(), { signal });
    // Where a video stands still, the next picture moves the end away from it.
    video.addEventListener("waiting", () => this.#follow(), { signal });
    this.#url = URL.createObjectURL(source);
    video.src = this.#url;
  }

  /** Gives the element back, empty. */
  leave() {
    this.#life.abort();
    const video = this.#video;
    if (video?.src === this.#url) {
      video.removeAttribute("src");
      video.playbackRate = 1;
      video.load();
    }
    URL.revokeObjectURL(this.#url);
    this.#video = this.#source = this.#buffer = this.#appending = null;
    this.#waiting = [];
    this.#needsInit = true;
  }

  /**
   * Takes what the server sent.
   *
   * @param {number} kind
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {string} codec Of an init segment.
   */
  push(kind, bytes, codec) {
    this.#bytes += bytes.byteLength;
    if (kind === INIT) {
      this.#needsInit = false;
      this.#needsKey = true;
      // What waits is of the picture before.
      this.#waiting = [];
    } else if (this.#needsInit || (this.#needsKey && kind !== KEY)) {
      this.#dropped += 1;
      return;
    } else if (this.#waiting.length >= MOST_WAITING) {
      this.#dropWaiting();
      return;
    } else {
      this.#needsKey = false;
    }
    this.#waiting.push({ kind, bytes, codec });
    this.#next();
  }

  /** Appending takes longer than the pictures do: what waits is left out. */
  #dropWaiting() {
    this.#dropped += this.#waiting.length + 1;
    // An init segment that still waits is needed by whatever follows.
    this.#waiting = this.#waiting.filter(({ kind }) => kind === INIT);
    this.#needsKey = true;
    this.#onGap();
  }

  #next() {
    const buffer = this.#buffer;
    if (this.#source?.readyState !== "open" || buffer?.updating) return;
    if (this.#forget()) return;
    const segment = this.#waiting.shift();
    if (!segment) return;
    this.#appending = segment;
    try {
      if (segment.kind === INIT) this.#setUp(segment.codec);
      this.#buffer?.appendBuffer(segment.bytes);
    } catch {
      this.#appending = null;
      this.#dropped += 1;
      // Full in spite of what is forgotten, or a format that the decoder does not take.
      this.#restart();
    }
  }

  /** @param {string} codec */
  #setUp(codec) {
    const type = `video/mp4; codecs="${codec}"`;
    if (this.#buffer === null) {
      const buffer = /** @type {MediaSource} */ (this.#source).addSourceBuffer(type);
      // Each picture is shown after the one before, whatever the server's clock says: it begins at 0
      // again with each link.
      buffer.mode = "sequence";
      const { signal } = this.#life;
      buffer.addEventListener("updateend", () => this.#updated(), { signal });
      buffer.addEventListener("error", () => this.#restart(), { signal });
      this.#buffer = buffer;
    } else if (codec !== this.#codec) {
      this.#buffer.changeType(type);
    }
    this.#codec = codec;
  }

  #updated() {
    if (this.#appending?.kind === KEY) this.#keys.push(this.#end);
    this.#appending = null;
    const buffered = this.#buffer?.buffered;
    this.#end = buffered?.length ? buffered.end(buffered.length - 1) : 0;
    this.#follow();
    this.#next();
  }

  /**
   * Forgets what is long past, up to an IDR: all that is made from a picture goes with it.
   *
   * @returns {boolean} Whether that has begun.
   */
  #forget() {
    const buffer = this.#buffer;
    if (!buffer?.buffered.length || !this.#video) return false;
    const { currentTime } = this.#video;
    const until = this.#keys.findLast((at) => at <= currentTime - KEPT_S);
    if (until === undefined || until <= buffer.buffered.start(0) + KEPT_S) return false;
    this.#keys = this.#keys.filter((at) => at >= until);
    buffer.remove(0, until - ROUNDING_S);
    return true;
  }

  /** Keeps to the live end. */
  #follow() {
    const video = this.#video;
    if (!video || this.#end === 0 || video.seeking) return;
    const behind = this.#end - video.currentTime;
    if (behind > JUMP_S) {
      video.currentTime = this.#end - CUSHION_S;
      video.playbackRate = 1;
    } else if (behind > HASTE_S) {
      video.playbackRate = HASTE;
    } else if (behind < HASTE_S / 2) {
      video.playbackRate = 1;
    }
    // A browser may pause a video that ran dry for long, or that was hidden.
    if (video.paused) video.play().catch(() => {});
  }

  /** Begins anew, with a decoder of its own. */
  #restart() {
    const video = this.#video;
    if (!video) return;
    const waitMs = Math.max(0, this.#startedAt + RESTART_MS - performance.now());
    this.#life.abort();
    this.#life = new AbortController();
    this.#needsInit = true;
    this.#waiting = [];
    const timer = setTimeout(() => {
      this.#onBlank();
      URL.revokeObjectURL(this.#url);
      this.playIn(video, this.#onBlank);
      this.#onGap();
    }, waitMs);
    this.#life.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }
}
