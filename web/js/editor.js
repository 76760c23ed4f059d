// Drawing lines and zones over the large camera.

import { el } from "./dom.js";
import * as texts from "./texts.js";

/** @param {import("./panel.js").Context} _context @returns {import("./panel.js").Content} */
export function regionEditor(_context) {
  return { title: texts.EDIT_REGIONS, element: el("div"), update: () => {} };
}
