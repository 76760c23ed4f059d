// What can be kept of a camera as a file: its picture, its heat, its counts.

import { el, icon } from "./dom.js";
import * as texts from "./texts.js";

/** @typedef {import("./panel.js").Context} Context */

/**
 * One file; the server names it, and `name` stands in where it does not.
 *
 * @typedef {object} Export
 * @property {string} text
 * @property {string} kind How people call its form.
 * @property {string} path Below the camera's address.
 * @property {string} name
 * @property {"picture" | "heat" | null} needs Without which there is no such file.
 */

/** @type {Export[]} */
const USUAL = [
  { text: texts.EXPORT.snapshot, kind: "JPEG", path: "snapshot.jpg?tier=focus", name: "picture.jpg", needs: "picture" },
  { text: texts.EXPORT.heat, kind: "PNG", path: "heat.png?legend=true", name: "heat.png", needs: "heat" },
  { text: texts.EXPORT.counts, kind: "CSV", path: "counts.csv", name: "counts.csv", needs: null },
];

/** @type {Export[]} */
const MORE = [
  { text: texts.EXPORT.layer, kind: "PNG", path: "heat.png", name: "heat-layer.png", needs: "heat" },
  { text: texts.EXPORT.array, kind: "NPY", path: "heat.npy", name: "heat.npy", needs: "heat" },
  { text: texts.EXPORT.numbers, kind: "JSON", path: "heat.json", name: "heat.json", needs: "heat" },
];

/**
 * Returns the files of one camera as links; every one is made by the server when it is asked for.
 *
 * @param {Context} context
 * @param {string} camera Its id.
 * @returns {HTMLElement} A section for a panel.
 */
export function exportSection(context, camera) {
  const link = (/** @type {Export} */ one) => exportLink(context, camera, one);
  return section(
    ...USUAL.map(link),
    el("details", { class: "fold" }, el("summary", {}, texts.MORE_FILES), ...MORE.map(link)),
  );
}

/**
 * Returns the files of all cameras together.
 *
 * @returns {HTMLElement} A section for a panel.
 */
export function exportAllSection() {
  const href = new URL("api/counts.csv", document.baseURI).href;
  return section(line(href, "counts.csv", texts.ALL_COUNTS, "CSV"), el("p", { class: "small quiet" }, texts.EXPORT_HINT));
}

/** @param {...HTMLElement} lines */
function section(...lines) {
  return el("section", { class: "section exports" }, el("h3", { class: "section-title" }, texts.EXPORTS), ...lines);
}

/** @param {Context} context @param {string} camera @param {Export} one */
function exportLink({ api, wall, toast }, camera, { text, kind, path, name, needs }) {
  const link = line(api.url(camera, path).href, `${camera}-${name}`, text, kind);
  link.addEventListener("click", (event) => {
    // A browser keeps whatever comes, also the server's sentence that there is no such file.
    const status = wall.tile(camera)?.status;
    const isMissing = needs === "picture" ? status?.state !== "live" : needs === "heat" && !status?.heat;
    if (!isMissing) return;
    event.preventDefault();
    toast.say(needs === "picture" ? texts.NO_PICTURE_TO_KEEP : texts.NO_HEAT_TO_KEEP);
  });
  return link;
}

/** @param {string} href @param {string} download @param {string} text @param {string} kind */
function line(href, download, text, kind) {
  const words = el("span", { class: "row-text" }, text);
  return el("a", { class: "export", href, download }, icon("download"), words, el("span", { class: "small quiet" }, kind));
}
