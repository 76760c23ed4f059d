// A menu that drops from a button: choices, switches and commands, all by keyboard too.

import { el, icon } from "./dom.js";

/**
 * One line of a menu.
 *
 * @typedef {object} Item
 * @property {string} text
 * @property {string} [icon]
 * @property {string} [key] The key that does the same, as it is written.
 * @property {boolean} [checked] Given for a choice or a switch.
 * @property {"radio" | "checkbox"} [kind] What `checked` means; a switch when left out.
 * @property {boolean} [disabled]
 * @property {() => void} does
 */

/** A line between items, or a heading above some. @typedef {{heading: string}} Heading */

/**
 * Lets a button open a menu.
 *
 * @param {HTMLButtonElement} opener
 * @param {() => (Item | Heading)[]} items Asked at each opening.
 */
export function dropMenu(opener, items) {
  opener.setAttribute("aria-haspopup", "menu");
  opener.setAttribute("aria-expanded", "false");
  /** @type {(() => void) | null} */
  let close = null;
  opener.addEventListener("click", () => {
    if (close) close();
    else close = openMenu(opener, items(), () => (close = null));
  });
}

/**
 * @param {HTMLButtonElement} opener
 * @param {(Item | Heading)[]} items
 * @param {() => void} closed
 * @returns {() => void} Closes it.
 */
function openMenu(opener, items, closed) {
  const life = new AbortController();
  const { signal } = life;
  const menu = el("div", { class: "menu", role: "menu", "aria-label": opener.title || opener.textContent || "" });
  const close = (/** @type {boolean} */ givesFocusBack) => {
    if (signal.aborted) return;
    life.abort();
    menu.remove();
    opener.setAttribute("aria-expanded", "false");
    if (givesFocusBack) opener.focus();
    closed();
  };
  for (const item of items) {
    menu.append("heading" in item ? el("p", { class: "menu-heading", role: "presentation" }, item.heading) : line(item, () => close(true)));
  }
  document.body.append(menu);
  place(menu, opener);
  opener.setAttribute("aria-expanded", "true");
  const lines = [...menu.querySelectorAll("button:not([disabled])")].filter((one) => one instanceof HTMLElement);
  (lines.find((one) => one.getAttribute("aria-checked") === "true") ?? lines[0])?.focus();
  menu.addEventListener("keydown", (event) => walk(event, lines, close), { signal });
  addEventListener("resize", () => close(false), { signal });
  addEventListener(
    "pointerdown",
    ({ target }) => {
      if (target instanceof Node && !menu.contains(target) && !opener.contains(target)) close(false);
    },
    { signal, capture: true },
  );
  menu.addEventListener(
    "focusout",
    ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !menu.contains(relatedTarget) && relatedTarget !== opener) close(false);
    },
    { signal },
  );
  return () => close(true);
}

/** @param {Item} item @param {() => void} close @returns {HTMLButtonElement} */
function line(item, close) {
  const isChoice = item.checked !== undefined;
  const role = isChoice ? `menuitem${item.kind ?? "checkbox"}` : "menuitem";
  const element = el("button", { type: "button", class: "menu-item", role, tabindex: -1, disabled: item.disabled ?? false });
  if (isChoice) element.setAttribute("aria-checked", String(item.checked));
  const mark = el("span", { class: "menu-mark" });
  if (isChoice && item.checked) mark.append(icon("check"));
  else if (item.icon) mark.append(icon(item.icon));
  element.append(mark, el("span", { class: "menu-text" }, item.text));
  if (item.key) element.append(el("kbd", { "aria-hidden": "true" }, item.key));
  element.addEventListener("click", () => {
    close();
    item.does();
  });
  return element;
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement[]} lines
 * @param {(givesFocusBack: boolean) => void} close
 */
function walk(event, lines, close) {
  const at = lines.findIndex((one) => one === document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 };
  const next = steps[/** @type {keyof typeof steps} */ (event.key)];
  if (next !== undefined) lines.at(next % lines.length)?.focus();
  else if (event.key === "Escape") close(true);
  else if (event.key === "Tab") return close(false);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {HTMLElement} menu @param {HTMLElement} opener */
function place(menu, opener) {
  const { left, right, top, bottom } = opener.getBoundingClientRect();
  const isLow = top > innerHeight / 2;
  menu.style.setProperty(isLow ? "bottom" : "top", `${isLow ? innerHeight - top + 6 : bottom + 6}px`);
  const isLeft = left + right < innerWidth;
  menu.style.setProperty(isLeft ? "left" : "right", `${isLeft ? Math.max(8, left) : Math.max(8, innerWidth - right)}px`);
}
