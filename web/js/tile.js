// <heat-tile>: one camera's picture with its name, state, people and legend.

import { watchFrames } from "./frames.js";
import { legendGradient } from "./legend.js";
import * as texts from "./texts.js";

/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").HeatStatus} HeatStatus */
/** @typedef {import("./words.js").Tier} Tier */

/**
 * How the picture stands on this page, whatever the server says; mirrored in `data-picture`.
 *
 * @typedef {"off" | "paused" | "waiting" | "late" | "playing"} Picture
 */

/** From here on the age is written on the tile: never silently frozen. */
const LATE_MS = 3000;
/** From here on a new session is worth its short break. */
const STALLED_MS = 5000;
/** A large picture may need its own stream from the camera first. */
const FOCUS_GRACE_MS = 5000;
/** `data-frames` is for people and tests, not for every frame. */
const MIRROR_MS = 200;

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
  /** Page time from which frames are due. */
  #dueAt = 0;
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
    watchFrames(this.#video, () => this.#presented(), signal);
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
    this.dataset["camera"] = status.id;
    this.dataset["state"] = status.state;
    this.dataset["since"] = String(status.state_since);
    this.dataset["people"] = status.people_now === null ? "" : String(status.people_now);
    this.toggleAttribute("data-focused", isFocused);
    this.#say("name", status.name);
    this.#say("people-count", status.people_now === null ? "–" : String(status.people_now));
    this.#part("people").title = texts.peopleNow(status.people_now);
    this.#part("open").setAttribute("aria-label", texts.tileLabel(status, isFocused, now));
    this.#showLegend(status.heat);
    this.#showHint(status.notices);
    this.#shape();
    this.tick(now);
  }

  /** Looks how old the picture is. @param {Date} now */
  tick(now) {
    const status = this.#status;
    if (!status) return;
    const picture = this.picture;
    this.dataset["picture"] = picture;
    const isLive = status.state === "live";
    const ageS = (performance.now() - (this.#frameAt ?? 0)) / 1000;
    const lateText = picture === "late" ? texts.pictureAge(ageS) : "";
    this.#say("chip", isLive ? lateText : texts.stateWord(status.state));
    this.#say("notice-title", isLive ? texts.WAITING_FOR_PICTURE : texts.stateSentence(status.state));
    this.#say("notice-since", isLive ? "" : texts.since(status.state_since, now));
    this.#say("notice-reason", isLive ? "" : (status.state_reason ?? ""));
  }

  /**
   * Shows a stream; null keeps the last picture until another stream has one.
   *
   * @param {MediaStream | null} stream
   */
  attach(stream) {
    const video = this.#video;
    if (video.srcObject === stream) return;
    this.#keepLastPicture();
    this.#frameAt = null;
    this.#dueAt = performance.now();
    video.srcObject = stream;
    this.tick(new Date());
    // Browsers that pause a video without a source do not start it again by themselves.
    if (stream) video.play().catch(() => {});
  }

  /** What the camera's slot shows; null: nothing. @param {Tier | null} tier */
  set tier(tier) {
    if (tier === this.#tier) return;
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

  /** Whether the server calls the camera live and no frame has come for too long. */
  get isStalled() {
    const { picture } = this;
    if ((picture !== "waiting" && picture !== "late") || !this.#video.srcObject) return false;
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

  #presented() {
    const now = performance.now();
    const isFirst = this.#frameAt === null;
    this.#frameAt = now;
    this.#frames += 1;
    if (isFirst) {
      this.#dropStill();
      this.tick(new Date());
    }
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
