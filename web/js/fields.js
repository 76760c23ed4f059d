// Controls of one value that one camera or many may have: they say so where the cameras differ.

import { el, say } from "./dom.js";
import * as texts from "./texts.js";

/**
 * @template T
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {(values: T[], problem?: string) => void} show The cameras' distinct values: none while they
 *   are not known, several where they differ; and why the last change was not taken.
 */

/** One of the values that can be chosen. @typedef {{value: string, text: string, hint?: string}} Option */

/** Names of groups of radio buttons must differ on the page. */
let groups = 0;

/** @returns {string} A name that nothing on the page has. */
export function freshName() {
  groups += 1;
  return `field-${groups}`;
}

/** @returns {{element: HTMLElement, say: (problem: string) => void}} A line that is there only with a problem. */
export function problemLine() {
  const element = el("p", { class: "fault small", role: "alert", hidden: true });
  const show = (/** @type {string} */ problem) => {
    element.hidden = problem === "";
    say(element, problem);
  };
  return { element, say: show };
}

/**
 * @param {string} text
 * @param {(value: boolean) => void} onChange
 * @returns {Field<boolean>}
 */
export function switchField(text, onChange) {
  const input = el("input", { type: "checkbox" });
  const mixed = el("span", { class: "field-mixed small quiet" });
  const problem = problemLine();
  const label = el("label", { class: "switch" }, el("span", { class: "row-text" }, text, mixed), input);
  input.addEventListener("change", () => onChange(input.checked));
  return {
    element: el("div", {}, label, problem.element),
    show: (values, why = "") => {
      input.indeterminate = values.length > 1;
      input.checked = values.length === 1 && values[0] === true;
      say(mixed, values.length > 1 ? texts.MIXED : "");
      problem.say(why);
    },
  };
}

/**
 * @param {{label: string, hint?: string, steps: readonly number[], text: (value: number) => string}} looks
 *   The values that it can be set to, ascending, and how one is written.
 * @param {(value: number) => void} onChange Called at every step while it is dragged.
 * @returns {Field<number> & {input: HTMLInputElement}}
 */
export function sliderField({ label, hint, steps, text }, onChange) {
  const id = freshName();
  const input = el("input", { type: "range", id, min: 0, max: steps.length - 1, step: 1 });
  const output = el("output", { class: "field-value", for: id });
  const problem = problemLine();
  const head = el("div", { class: "row" }, el("label", { class: "row-text", for: id }, label), output);
  const element = el("div", { class: "field" }, head, input);
  if (hint) {
    input.setAttribute("aria-describedby", `${id}-hint`);
    element.append(el("p", { class: "small quiet", id: `${id}-hint` }, hint));
  }
  element.append(problem.element);
  input.addEventListener("input", () => onChange(steps[Number(input.value)] ?? 0));
  return {
    element,
    input,
    show: (values, why = "") => {
      const sorted = [...values].sort((a, b) => a - b);
      const [least, most] = [sorted[0], sorted.at(-1)];
      const written = least === undefined || most === undefined ? "" : range(text(least), text(most));
      const place = least === undefined ? 0 : nearest(steps, sorted[Math.floor(sorted.length / 2)] ?? least);
      if (Number(input.value) !== place) input.value = String(place);
      input.setAttribute("aria-valuetext", written);
      input.toggleAttribute("data-mixed", least !== most);
      say(output, written);
      problem.say(why);
    },
  };
}

/**
 * @param {string} label
 * @param {(value: string) => void} onChange
 * @returns {Field<string> & {offer: (options: Option[]) => void}} `offer` says what can be chosen.
 */
export function choiceField(label, onChange) {
  const name = freshName();
  const mixed = el("span", { class: "field-value quiet" });
  const choices = el("div", { class: "choices", role: "radiogroup", "aria-label": label });
  const problem = problemLine();
  const head = el("div", { class: "row" }, el("span", { class: "row-text", "aria-hidden": "true" }, label), mixed);
  let offered = "";
  choices.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) onChange(target.value);
  });
  return {
    element: el("div", { class: "field" }, head, choices, problem.element),
    offer: (options) => {
      // Built anew only where they changed: the keyboard's focus may be on one of them.
      if (offered === JSON.stringify(options)) return;
      offered = JSON.stringify(options);
      choices.replaceChildren(...options.map((option) => radio(name, option)));
    },
    show: (values, why = "") => {
      for (const input of choices.querySelectorAll("input")) {
        input.checked = values.length === 1 && values[0] === input.value;
      }
      say(mixed, values.length > 1 ? texts.MIXED : "");
      problem.say(why);
    },
  };
}

/** @param {string} name @param {Option} option */
function radio(name, { value, text, hint }) {
  const label = el("label", { class: "choice" }, el("input", { type: "radio", name, value }), text);
  if (hint) label.title = hint;
  return label;
}

/** @param {string} least @param {string} most */
function range(least, most) {
  return least === most ? least : texts.fromTo(least, most);
}

/** @param {readonly number[]} steps @param {number} value @returns {number} The place of the step that is nearest. */
function nearest(steps, value) {
  const far = (/** @type {number} */ step) => Math.abs(step - value);
  return steps.reduce((best, step, place) => (far(step) < far(steps[best] ?? 0) ? place : best), 0);
}
