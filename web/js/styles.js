// Stylesheets of what is not there at the start, loaded with the scripts that need them.

/** @type {Map<string, Promise<void>>} */
const asked = new Map();

/**
 * Loads stylesheets; each once.
 *
 * @param {...string} names Of files in `css`.
 * @returns {Promise<void>} Over when they are there, or can't be had: unstyled is better than nothing.
 */
export async function styled(...names) {
  await Promise.all(names.map((name) => asked.get(name) ?? load(name)));
}

/** @param {string} name @returns {Promise<void>} */
function load(name) {
  const link = document.createElement("link");
  const loading = new Promise((/** @type {(value: void) => void} */ resolve) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      asked.delete(name);
      resolve();
    });
  });
  asked.set(name, loading);
  link.rel = "stylesheet";
  link.href = `css/${name}.css`;
  document.head.append(link);
  return loading;
}
