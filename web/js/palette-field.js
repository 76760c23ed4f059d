// The choice of a palette: folded to the one in use, unfolded to all of them.

import { el, say } from "./dom.js";
import { freshName, problemLine } from "./fields.js";
import { PALETTES, paletteGradient } from "./palettes.js";
import * as texts from "./texts.js";

/**
 * @param {(name: string) => void} onChange
 * @returns {import("./fields.js").Field<string>}
 */
export function paletteField(onChange) {
  const group = freshName();
  const shown = swatch("none");
  const name = el("span", { class: "field-value" });
  const problem = problemLine();
  const all = el("div", { class: "palettes", role: "radiogroup", "aria-label": texts.PALETTE });
  all.append(...Object.keys(PALETTES).map((one) => choice(group, one)));
  all.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) onChange(target.value);
  });
  const head = el("span", { class: "row" }, el("span", { class: "row-text" }, texts.PALETTE), name);
  const fold = el("details", { class: "fold" }, el("summary", {}, head, shown), all);
  fold.addEventListener("toggle", () => {
    if (fold.open) all.querySelector("input:checked")?.scrollIntoView({ block: "nearest" });
  });
  return {
    element: el("div", { class: "field" }, fold, problem.element),
    show: (values, why = "") => {
      for (const input of all.querySelectorAll("input")) {
        input.checked = values.length === 1 && values[0] === input.value;
      }
      const only = values.length === 1 ? values[0] : undefined;
      shown.style.backgroundImage = paletteGradient(only ?? "");
      say(name, only === undefined ? (values.length > 1 ? texts.MIXED : "") : texts.paletteName(only));
      problem.say(why);
    },
  };
}

/** @param {string} group @param {string} name */
function choice(group, name) {
  const input = el("input", { type: "radio", name: group, value: name });
  return el("label", { class: "choice palette" }, input, swatch(name), el("span", {}, texts.paletteName(name)));
}

/** @param {string} name */
function swatch(name) {
  const element = el("span", { class: "swatch", "aria-hidden": "true" });
  element.style.backgroundImage = paletteGradient(name);
  return element;
}
