// Makes elements: text is always text, and attributes are said beside it.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Returns a new element.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | number>} attributes `true` sets an empty one, `false` none.
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Returns a new SVG element.
 *
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Returns one of the page's drawn signs.
 *
 * @param {string} name As in `index.html`: `icon-NAME`.
 */
export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#icon-${name}` }));
}

/**
 * Returns a button that does something.
 *
 * @param {{text?: string, icon?: string, label?: string, class?: string}} looks Its words, its sign, and
 *   what it is called where it has a sign alone.
 * @param {(event: MouseEvent) => void} does
 * @returns {HTMLButtonElement}
 */
export function button(looks, does) {
  const element = el("button", { type: "button", class: looks.class ?? "button" });
  if (looks.icon) element.append(icon(looks.icon));
  if (looks.text) element.append(looks.text);
  if (looks.label) {
    element.setAttribute("aria-label", looks.label);
    element.title = looks.label;
  }
  element.addEventListener("click", does);
  return element;
}

/**
 * Writes a text only where it differs, since every change may be read aloud or laid out.
 *
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {Element} element
 * @param {Record<string, string | boolean | number>} attributes
 */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, String(value));
  }
}
