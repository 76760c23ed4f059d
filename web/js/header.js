// The line above the wall: how many cameras are live, and the time.

import * as texts from "./texts.js";

/** @typedef {import("./words.js").CameraStatus} CameraStatus */

/** The page's header; too small a screen has none. */
export class Header {
  #live;
  #clock;

  /** @param {HTMLElement} element */
  constructor(element) {
    const part = (/** @type {string} */ name) =>
      /** @type {HTMLElement} */ (element.querySelector(`[data-part="${name}"]`));
    this.#live = part("live");
    this.#clock = part("clock");
    part("product").textContent = texts.PRODUCT;
    const fullScreen = part("full-screen");
    fullScreen.setAttribute("aria-label", texts.FULL_SCREEN);
    fullScreen.title = texts.FULL_SCREEN;
    fullScreen.hidden = !document.fullscreenEnabled;
    fullScreen.addEventListener("click", () => void toggleFullScreen());
  }

  /** @param {CameraStatus[]} cameras */
  update(cameras) {
    const live = cameras.filter(({ state }) => state === "live").length;
    this.#live.textContent = texts.camerasLive(live, cameras.length);
  }

  /** @param {Date} now */
  tick(now) {
    this.#clock.textContent = texts.clock(now);
  }
}

/** Refused by the browser only where it would be of no use. */
async function toggleFullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}
