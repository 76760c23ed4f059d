// <heat-tile>: one camera's picture with its name, state, people and legend.

import { watchFrames } from "./frames.js";
import { legendGradient } from "./legend.js";
import * as texts from "./texts.js";

/** @typedef {import("./frames.js").Timing} Timing */
/** @typedef {import("./player.js").Pictures} Pictures */
/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").HeatStatus} HeatStatus */
/** @typedef {import("./words.js").Tier} Tier */

/**
 * How the picture stands on this page, whatever the server says; mirrored in `data-picture`.
 *
 * @typedef {"off" | "paused" | "waiting" | "late" | "playing"} Picture
 */

/**
 * How old the picture is, in one word; mirrored in `data-age`. Offline: the camera gives none, or the
 * server is out of reach. Two more say that there is nothing to judge: the first picture is not due yet,
 * or nobody sees the tile.
 *
 * @typedef {"live" | "late" | "stale" | "offline" | "waiting" | "paused"} Age
 */

/** What hinders all tiles alike; the wall's own. @typedef {{lostAt: Date | null, lack: string}} Page */

/** As long as the server waits until it calls a camera stalled: from here on the age is written on the tile. */
const LATE_MS = 2000;
/** Whoever was in the picture may be out of the door by now: it is no longer a live one. */
const STALE_MS = 10_000;
/** The server speaks every second; what it said before that is no news of the picture's age. */
const NEWS_MS = 2500;
/** A tile that comes into view shows a picture within this, and need not say before that it has an old one. */
const RETURN_MS = 1000;
/** From here on a new session is worth its short break. */
const STALLED_MS = 5000;
/** A large picture may need its own stream from the camera first. */
const FOCUS_GRACE_MS = 5000;
/** `data-frames` is for people and tests, not for every frame. */
const MIRROR_MS = 200;

const NO_TROUBLE = { title: "", since: "", reason: "" };

/** One camera; told what to show by the wall. */
export class HeatTile extends HTMLElement {
  /** @type {CameraStatus | null} */
  #status = null;
  /** @type {Tier | null} */
  #tier = "tile";
  #frames = 0;
  #mirroredAt = 0;
  /** Page time of the newest frame of this stream; null before its first. @type {number | null} */
  #frameAt = null;
  /** Page time at which what can be seen was new, be it a copy of it; null while nothing can. @type {number | null} */
  #pictureAt = null;
  /** Page time from which frames are due. */
  #dueAt = 0;
  /** Page time at which it was last called back into view. */
  #returnedAt = 0;
  /** Page time of the server's newest word. */
  #heardAt = 0;
  /** @type {Pictures | null} */
  #pictures = null;
  /** The newest frame's, where the browser tells. @type {Timing | null} */
  #timing = null;
  /** @type {Page} */
  page = { lostAt: null, lack: "" };
  #life = new AbortController();
  /** @type {Record<string, HTMLElement>} */
  #parts = {};

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    if (!this.firstChild) this.#build();
    // Whoever focuses the tile means its button.
    this.tabIndex = -1;
    this.addEventListener("focus", () => this.#part("open").focus(), { signal });
    watchFrames(this.#video, (timing) => this.#presented(timing), signal);
    this.#part("open").addEventListener(
      "click",
      () => this.dispatchEvent(new CustomEvent("tile-toggle", { bubbles: true })),
      { signal },
    );
  }

  disconnectedCallback() {
    this.#life.abort();
    this.attach(null);
  }

  /** The camera's id. */
  get camera() {
    return this.#status?.id ?? "";
  }

  /**
   * @param {CameraStatus} status
   * @param {boolean} isFocused
   * @param {Date} now
   */
  update(status, isFocused, now) {
    if (status.state === "live" && this.#status?.state !== "live") this.#dueAt = performance.now();
    this.#status = status;
    this.#heardAt = performance.now();
    this.dataset["camera"] = status.id;
    this.dataset["state"] = status.state;
    this.dataset["since"] = String(status.state_since);
    this.dataset["people"] = status.people_now === null ? "" : String(status.people_now);
    this.toggleAttribute("data-focused", isFocused);
    this.#say("name", status.name);
    this.#say("people-count", status.people_now === null ? "–" : String(status.people_now));
    this.#part("people").title = texts.peopleNow(status.people_now);
    this.#showLegend(status.heat);
    this.#showHint(status.notices);
    this.#shape();
    this.tick(now);
    const trouble = status.state === "live" ? this.#trouble(now).title : "";
    this.#part("open").setAttribute("aria-label", texts.tileLabel(status, isFocused, now, trouble));
  }

  /** Looks how old the picture is. @param {Date} now */
  tick(now) {
    const status = this.#status;
    if (!status) return;
    this.dataset["picture"] = this.picture;
    this.dataset["age"] = this.age;
    const chip = this.#chip();
    this.#say("chip", chip);
    this.#part("chip").dataset["short"] = texts.shortChip(chip);
    const { title, since, reason } = this.#trouble(now);
    this.toggleAttribute("data-notice", title !== "");
    // Kept while it fades out.
    if (title === "") return;
    this.#say("notice-title", title);
    this.#say("notice-since", since);
    this.#say("notice-reason", reason);
  }

  /**
   * Shows pictures; null keeps the last one until there are others.
   *
   * @param {Pictures | null} pictures
   */
  attach(pictures) {
    if (this.#pictures === pictures) return;
    const before = this.#pictures;
    this.#pictures = pictures;
    this.#blank();
    const video = this.#video;
    if (before && !(before instanceof MediaStream)) before.leave();
    if (pictures === null || pictures instanceof MediaStream) {
      video.srcObject = pictures;
    } else {
      video.srcObject = null;
      pictures.playIn(video, () => this.#blank());
    }
    if (pictures) this.dataset["transport"] = pictures instanceof MediaStream ? "webrtc" : "mp4";
    this.tick(new Date());
    // Browsers that pause a video without a source do not start it again by themselves.
    if (pictures) video.play().catch(() => {});
  }

  /** The video is about to lose its picture. */
  #blank() {
    this.#keepLastPicture();
    this.#frameAt = null;
    this.#timing = null;
    this.#dueAt = performance.now();
  }

  /** What the camera's slot shows; null: nothing. @param {Tier | null} tier */
  set tier(tier) {
    if (tier === this.#tier) return;
    if (this.#tier === null) this.#returnedAt = performance.now();
    this.#tier = tier;
    this.#dueAt = performance.now() + (tier === "focus" ? FOCUS_GRACE_MS : 0);
    this.dataset["tier"] = tier ?? "none";
  }

  /** @returns {Tier | null} */
  get tier() {
    return this.#tier;
  }

  /** Whether Tab reaches it. @param {boolean} isReached */
  set isReached(isReached) {
    this.#part("open").tabIndex = isReached ? 0 : -1;
  }

  /** Whether any of it is on the screen; set by the wall. */
  isInView = true;

  /** What moves when somebody zooms: the picture and what is drawn on it. */
  get scene() {
    return this.#part("scene");
  }

  /** Where the picture lies, without the bars beside it. */
  get frame() {
    return this.#part("frame");
  }

  /** For what the page itself draws over the picture; moves with it. */
  get over() {
    return this.#part("over");
  }

  /** For figures about the picture; does not move with it. */
  get figures() {
    return this.#part("figures");
  }

  /** The element that plays. @returns {HTMLVideoElement} */
  get video() {
    return this.#video;
  }

  /** Frames that were presented so far. */
  get frames() {
    return this.#frames;
  }

  /** When the newest frame was sent and shown; null where that is not known. */
  get timing() {
    return this.#timing;
  }

  /** What the server last said of the camera. */
  get status() {
    return this.#status;
  }

  /** @returns {Picture} */
  get picture() {
    if (this.#status?.state !== "live") return "off";
    if (this.#tier === null) return "paused";
    if (this.#frameAt === null) return "waiting";
    return performance.now() - this.#frameAt > LATE_MS ? "late" : "playing";
  }

  /** @returns {Age} */
  get age() {
    if (this.#status?.state !== "live" || this.page.lack) return "offline";
    if (this.#tier === null) return "paused";
    const now = performance.now();
    const isBack = this.#pictureAt !== null && this.#pictureAt < this.#returnedAt;
    if (isBack && now - this.#returnedAt < RETURN_MS) return "paused";
    const ageMs = this.#ageMs ?? now - this.#dueAt;
    if (ageMs > LATE_MS && this.page.lostAt) return "offline";
    if (ageMs > STALE_MS) return "stale";
    if (ageMs > LATE_MS) return "late";
    return this.#pictureAt === null ? "waiting" : "live";
  }

  /** How old what can be seen is: since it was shown, or as the server says; null while there is nothing. */
  get #ageMs() {
    if (this.#pictureAt === null) return null;
    const now = performance.now();
    const saidS = this.#status?.frame_age_s ?? 0;
    const heardMs = now - this.#heardAt;
    // Both are true at once: a camera may send late, and what it sends may come late.
    return Math.max(now - this.#pictureAt, heardMs < NEWS_MS ? saidS * 1000 + heardMs : 0);
  }

  /** @returns {string} The word beside the name; empty while all is well. */
  #chip() {
    const { state } = this.#status ?? {};
    if (state === undefined) return "";
    if (this.page.lack) return texts.CANNOT_PLAY_SHORT;
    if (state !== "live") return texts.stateWord(state);
    const { age } = this;
    const ageMs = this.#ageMs;
    if (this.page.lostAt && age === "live") return texts.NO_CONNECTION_SHORT;
    if (ageMs === null || !["late", "stale", "offline"].includes(age)) return "";
    return texts.pictureAge(ageMs / 1000);
  }

  /**
   * What stands in the middle of the tile.
   *
   * @param {Date} now
   * @returns {{title: string, since: string, reason: string}} An empty title: nothing.
   */
  #trouble(now) {
    const status = this.#status;
    if (!status) return NO_TROUBLE;
    const { lack, lostAt } = this.page;
    if (lack) return { title: texts.CANNOT_PLAY, since: "", reason: lack };
    if (status.state !== "live") {
      const since = texts.since(status.state_since, now);
      return { title: texts.stateSentence(status.state), since, reason: texts.capital(status.state_reason ?? "") };
    }
    const { age } = this;
    if (age === "offline" && lostAt) {
      return { title: texts.NO_CONNECTION, since: texts.since(lostAt.getTime() / 1000, now), reason: "" };
    }
    const ageMs = this.#ageMs;
    if (ageMs === null) {
      const waitsS = (performance.now() - this.#dueAt) / 1000;
      const reason = age === "stale" ? texts.noPictureFor(waitsS) : "";
      return { title: texts.WAITING_FOR_PICTURE, since: "", reason };
    }
    if (age !== "stale") return NO_TROUBLE;
    const since = texts.since((now.getTime() - ageMs) / 1000, now);
    const isFreshThere = (status.frame_age_s ?? Infinity) * 1000 < LATE_MS;
    return { title: texts.STANDS_STILL, since, reason: isFreshThere ? texts.NOTHING_ARRIVES : "" };
  }

  /** Whether the server calls the camera live and no frame has come for too long. */
  get isStalled() {
    const { picture } = this;
    if ((picture !== "waiting" && picture !== "late") || !this.#pictures) return false;
    return performance.now() - Math.max(this.#frameAt ?? 0, this.#dueAt) > STALLED_MS;
  }

  #build() {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("tile"));
    this.append(template.content.cloneNode(true));
    for (const part of this.querySelectorAll("[data-part]")) {
      const element = /** @type {HTMLElement} */ (part);
      this.#parts[element.dataset["part"] ?? ""] = element;
    }
    this.#video.muted = true; // the attribute alone does not mute a cloned element everywhere
    this.dataset["tier"] = "tile";
    this.dataset["frames"] = "0";
  }

  /** @returns {HTMLVideoElement} */
  get #video() {
    return /** @type {HTMLVideoElement} */ (this.#part("video"));
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    const part = this.#parts[name];
    if (!part) throw new Error(`the tile's template has no part ${name}`);
    return part;
  }

  /** @param {string} name @param {string} text */
  #say(name, text) {
    const part = this.#part(name);
    if (part.textContent !== text) part.textContent = text;
  }

  /** @param {HeatStatus | null} heat */
  #showLegend(heat) {
    const legend = this.#part("legend");
    legend.hidden = !heat?.is_shown;
    if (!heat?.is_shown) return;
    this.#part("ramp").style.backgroundImage = legendGradient(heat.legend);
    this.#say("legend-top", texts.percent(heat.scale));
    this.#say("legend-unit", texts.legendUnit(heat));
    legend.title = texts.legendSentence(heat);
    legend.setAttribute("aria-label", texts.legendSentence(heat));
  }

  /** @param {string[]} notices */
  #showHint(notices) {
    const hint = this.#part("hint");
    hint.hidden = notices.length === 0;
    hint.title = notices.map(texts.sentence).join(" ");
    this.dataset["notices"] = String(notices.length);
    this.#say("hint", notices.length ? texts.sentence(notices[0] ?? "") : "");
  }

  /** @param {Timing} [timing] */
  #presented(timing) {
    const now = performance.now();
    const isFirst = this.#frameAt === null;
    this.#frameAt = this.#pictureAt = now;
    this.#timing = timing ?? null;
    this.#frames += 1;
    if (isFirst) this.#dropStill();
    if (isFirst || this.dataset["age"] !== "live") this.tick(new Date());
    if (!isFirst && now - this.#mirroredAt < MIRROR_MS) return;
    this.#mirroredAt = now;
    this.dataset["frames"] = String(this.#frames);
    this.dataset["width"] = String(this.#video.videoWidth);
    this.dataset["height"] = String(this.#video.videoHeight);
    this.#shape();
  }

  /** Gives the frame the shape of the picture in it, else of the one that is to come. */
  #shape() {
    const { videoWidth, videoHeight } = this.#video;
    const { width, height } = this.#status ?? {};
    const isPlayed = videoWidth > 0 && videoHeight > 0;
    const aspect = isPlayed ? videoWidth / videoHeight : width && height ? width / height : null;
    if (aspect !== null) this.style.setProperty("--aspect", aspect.toFixed(4));
  }

  /** A video without a stream is blank: its last picture is copied before that. */
  #keepLastPicture() {
    const video = this.#video;
    if (this.#frameAt === null || !video.videoWidth) return;
    const still = /** @type {HTMLCanvasElement} */ (this.#part("still"));
    still.width = video.videoWidth;
    still.height = video.videoHeight;
    still.getContext("2d")?.drawImage(video, 0, 0);
    still.hidden = false;
  }

  #dropStill() {
    const still = /** @type {HTMLCanvasElement} */ (this.#part("still"));
    still.hidden = true;
    still.width = still.height = 0; // gives its memory back
  }
}

customElements.define("heat-tile", HeatTile);
