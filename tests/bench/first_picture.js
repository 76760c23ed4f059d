// Notes when each video of the page presents its first picture, in milliseconds since the click.

/** Page times, 0 being the start of the navigation. @type {number[]} */
globalThis.firstPictures = [];
const known = new WeakSet();

new MutationObserver(() => {
  for (const video of document.querySelectorAll("video")) {
    if (known.has(video)) continue;
    known.add(video);
    video.requestVideoFrameCallback(() => globalThis.firstPictures.push(performance.now()));
  }
}).observe(document, { childList: true, subtree: true });
