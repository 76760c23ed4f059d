// How somebody looks at the wall: read from the address, else from what this device remembers.

/**
 * How the tiles are laid out: as large as they can be, a chosen grid, or one large with the others
 * beside it.
 *
 * @typedef {"auto" | "1" | "2" | "3" | "4" | "side"} Layout
 */

/** @type {readonly Layout[]} */
export const LAYOUTS = ["auto", "1", "2", "3", "4", "side"];

/** Longest and shortest time that a kiosk shows one camera, seconds. */
const KIOSK_S = { least: 3, most: 3600, usual: 30 };

/**
 * @typedef {object} View
 * @property {Layout} layout
 * @property {string | null} group null: all cameras.
 * @property {string[]} order Ids of cameras in the order that somebody chose; the others follow.
 * @property {number | null} kioskS Seconds for each picture; null: no rotation.
 * @property {"cameras" | "groups"} rotate What a kiosk goes through.
 */

/** What an address can say wrongly. @typedef {{key: string, found: string}} Mistake */

/** @returns {View} */
export function plainView() {
  return { layout: "auto", group: null, order: [], kioskS: null, rotate: "cameras" };
}

/**
 * Reads a view from an address's query.
 *
 * @param {string} search As in `location.search`.
 * @param {View} otherwise For all that it does not say.
 * @returns {{view: View, mistakes: Mistake[]}} What can't be used is left out and named.
 */
export function readView(search, otherwise) {
  const query = new URLSearchParams(search);
  const view = { ...otherwise };
  /** @type {Mistake[]} */
  const mistakes = [];
  const layout = query.get("layout");
  if (isLayout(layout)) view.layout = layout;
  else if (layout !== null) mistakes.push({ key: "layout", found: layout });
  if (query.has("group")) view.group = query.get("group") || null;
  const order = query.get("order");
  if (order !== null) view.order = order.split(",").filter((id) => id !== "");
  const kiosk = query.get("kiosk");
  if (kiosk !== null) {
    const seconds = kiosk === "" ? KIOSK_S.usual : Number(kiosk);
    if (seconds >= KIOSK_S.least && seconds <= KIOSK_S.most) view.kioskS = seconds;
    else mistakes.push({ key: "kiosk", found: kiosk });
  }
  const rotate = query.get("rotate");
  if (rotate === "groups" || rotate === "cameras") view.rotate = rotate;
  else if (rotate !== null) mistakes.push({ key: "rotate", found: rotate });
  return { view, mistakes };
}

/**
 * Returns the query that shows a view on any device.
 *
 * @param {View} view
 * @returns {string} Beginning with `?`, or empty for the plain view.
 */
export function queryOf(view) {
  const query = new URLSearchParams();
  if (view.group !== null) query.set("group", view.group);
  if (view.layout !== "auto") query.set("layout", view.layout);
  if (view.order.length > 0) query.set("order", view.order.join(","));
  if (view.kioskS !== null) query.set("kiosk", String(view.kioskS));
  if (view.rotate !== "cameras") query.set("rotate", view.rotate);
  // A comma needs no escape in a query (RFC 3986 section 3.4), and people read these.
  const text = query.toString().replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}

/**
 * Puts cameras into a chosen order.
 *
 * @template {{id: string}} C
 * @param {C[]} cameras
 * @param {string[]} order
 * @returns {C[]} Those that the order names first; the others as they were.
 */
export function inOrder(cameras, order) {
  const places = new Map(order.map((id, place) => [id, place]));
  const place = (/** @type {C} */ { id }) => places.get(id) ?? order.length;
  return [...cameras].sort((a, b) => place(a) - place(b));
}

/** @param {unknown} value @returns {value is Layout} */
function isLayout(value) {
  return LAYOUTS.some((layout) => layout === value);
}

/**
 * Reads what the device kept of a view; anything odd counts as nothing.
 *
 * @param {unknown} value
 * @returns {View}
 */
export function keptView(value) {
  const plain = plainView();
  if (typeof value !== "object" || value === null) return plain;
  const { layout, order, group } = /** @type {Record<string, unknown>} */ (value);
  const ids = Array.isArray(order) ? order.filter((id) => typeof id === "string") : [];
  return {
    ...plain,
    layout: isLayout(layout) ? layout : plain.layout,
    group: typeof group === "string" ? group : null,
    order: ids,
  };
}
