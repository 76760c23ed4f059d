// Keeps the large camera and the view in the address: for bookmarks, and to be left with Back.

/** @typedef {import("./wall.js").HeatWall} HeatWall */

/**
 * Follows the wall and the browser's history.
 *
 * At most one entry is added to the history, however many cameras are looked at.
 *
 * @param {HeatWall} wall
 * @param {(camera: string) => void} onUnknown The address names a camera that is not there.
 * @returns {() => void} Shows the camera that the address names; for when the cameras are known.
 */
export function keepFocusInAddress(wall, onUnknown) {
  const write = () => {
    const hash = wall.focused === null ? "" : `#${encodeURIComponent(wall.focused)}`;
    if (hash === location.hash) return;
    if (history.state?.isOurs) replaceAddress({ hash });
    else history.pushState({ isOurs: true }, "", location.pathname + location.search + hash);
  };
  const follow = () => {
    const camera = named(location.hash);
    wall.show(camera);
    if (wall.focused === camera) return;
    // Somebody draws there, and is asked first.
    if (wall.isEditing) return write();
    if (camera === null) return;
    replaceAddress({ hash: "" });
    onUnknown(camera);
  };
  wall.addEventListener("wall-focus", write);
  addEventListener("popstate", follow);
  return follow;
}

/**
 * Writes another query or another hash into the address, without an entry in the history.
 *
 * @param {{search?: string, hash?: string}} parts
 */
export function replaceAddress({ search = location.search, hash = location.hash }) {
  if (search === location.search && hash === location.hash) return;
  history.replaceState(history.state, "", location.pathname + search + hash);
}

/** @param {string} hash @returns {string | null} The camera in it. */
function named(hash) {
  try {
    return decodeURIComponent(hash.slice(1)) || null;
  } catch {
    return hash.slice(1); // half an escape: no camera is called that, and it is said so
  }
}
