// Dark or light: as somebody chose on this device, else dark; `system` follows the device.

import { keep, kept } from "./device.js";

/** @typedef {"dark" | "light" | "system"} Theme */

/** @type {readonly Theme[]} */
export const THEMES = ["dark", "light", "system"];

const light = matchMedia("(prefers-color-scheme: light)");

/** The page's colours; mirrored in `data-theme` of the root. */
export class ThemeChoice {
  /** @type {Theme} */
  #theme;

  /** @param {string | null} asked What the address says; it wins for this visit. */
  constructor(asked) {
    const remembered = kept("theme");
    this.#theme = [asked, remembered].map(asTheme).find((theme) => theme !== null) ?? "dark";
    light.addEventListener("change", () => this.#show());
    this.#show();
  }

  /** @returns {Theme} */
  get theme() {
    return this.#theme;
  }

  set theme(theme) {
    this.#theme = theme;
    keep("theme", theme);
    this.#show();
  }

  #show() {
    const isLight = this.#theme === "light" || (this.#theme === "system" && light.matches);
    document.documentElement.dataset["theme"] = isLight ? "light" : "dark";
    const ground = getComputedStyle(document.documentElement).getPropertyValue("--ground").trim();
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", ground);
  }
}

/** @param {unknown} value @returns {Theme | null} */
function asTheme(value) {
  return THEMES.find((theme) => theme === value) ?? null;
}
