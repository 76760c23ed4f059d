// Keeps the large camera in the page's address, so that it can be bookmarked and left with Back.

/** @typedef {import("./wall.js").HeatWall} HeatWall */

/**
 * Follows the wall and the browser's history.
 *
 * At most one entry is added to the history, however many cameras are looked at.
 *
 * @param {HeatWall} wall
 * @returns {() => void} Shows the camera that the address names; for when the cameras are known.
 */
export function keepFocusInAddress(wall) {
  const follow = () => wall.show(decodeURIComponent(location.hash.slice(1)) || null);
  wall.addEventListener("wall-focus", () => {
    const hash = wall.focused === null ? "" : `#${encodeURIComponent(wall.focused)}`;
    if (hash === location.hash) return;
    const address = location.pathname + location.search + hash;
    if (history.state?.isOurs) history.replaceState(history.state, "", address);
    else history.pushState({ isOurs: true }, "", address);
  });
  addEventListener("popstate", follow);
  return follow;
}
