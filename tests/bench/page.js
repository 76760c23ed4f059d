// Notes long tasks, and how long the page takes to stand as it was told.

/** Start and length of each long task, in page time. @type {[number, number][]} */
globalThis.longTasks = [];
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) longTasks.push([startTime, duration]);
}).observe({ type: "longtask", buffered: true });

/** How many connections were made. */
globalThis.peersMade = 0;
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  /** @param {any[]} args */
  constructor(...args) {
    super(...args);
    globalThis.peersMade += 1;
  }
};

/**
 * Presses a key and waits until what it changed was painted: two frames on, the first of which has it.
 *
 * @param {string} key
 * @returns {Promise<number>} Milliseconds.
 */
globalThis.pressed = async (key) => {
  const from = performance.now();
  document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  await new Promise(requestAnimationFrame);
  await new Promise((resolve) => setTimeout(resolve));
  return performance.now() - from;
};
