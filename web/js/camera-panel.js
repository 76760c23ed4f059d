// Facts about the large camera.

import { el } from "./dom.js";
import * as texts from "./texts.js";

/** @param {import("./panel.js").Context} _context @returns {import("./panel.js").Content} */
export function cameraPanel(_context) {
  return { title: texts.CAMERA_PANEL, element: el("div"), update: () => {} };
}
