// What this device remembers of the page between visits.

const PREFIX = "heatwall.";

/**
 * Returns a value that was kept.
 *
 * @param {string} name
 * @returns {unknown} null when there is none, or the browser keeps nothing.
 */
export function kept(name) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Keeps a value for the next visit, where the browser allows that.
 *
 * @param {string} name
 * @param {unknown} value null forgets it.
 */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A private window or a full disk: the page works all the same.
  }
}
