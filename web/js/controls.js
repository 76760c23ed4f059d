// The heat's controls: how it is drawn, for one camera or all.

import { el } from "./dom.js";
import * as texts from "./texts.js";

/** @param {import("./panel.js").Context} _context @returns {import("./panel.js").Content} */
export function heatControls(_context) {
  return { title: texts.HEAT_CONTROLS, element: el("div"), update: () => {} };
}
