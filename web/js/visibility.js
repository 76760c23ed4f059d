// Runs the page's work only while somebody can see it.

/** A short look at another tab costs no new session. */
const HIDDEN_MS = 5000;

/**
 * Calls `start` when the page is visible and `stop` five seconds after it was hidden, or at once
 * when it is left.
 *
 * @param {() => void} start
 * @param {() => void} stop
 */
export function runWhileVisible(start, stop) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const follow = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") start();
    else timer = setTimeout(stop, HIDDEN_MS);
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    stop();
  });
  // Back from the browser's page cache: the modules live on, without their session.
  addEventListener("pageshow", follow);
  follow();
}
