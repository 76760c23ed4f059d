// Notes when each video of the page presents its first picture, in milliseconds since the click.

/** Page times, 0 being the start of the navigation. @type {number[]} */
const pictures = [];
const known = new WeakSet();

new MutationObserver(() => {
  for (const video of document.querySelectorAll("video")) {
    if (known.has(video)) continue;
    known.add(video);
    video.requestVideoFrameCallback(() => {
      pictures.push(performance.now());
      document.dispatchEvent(new Event("first-picture"));
    });
  }
}).observe(document, { childList: true, subtree: true });

/** When something first happened, by its name. @type {Record<string, number>} */
const marks = {};
/** @param {string} name */
const mark = (name) => (marks[name] ??= performance.now());

globalThis.WebSocket = class extends WebSocket {
  /** @param {[string | URL]} args */
  constructor(...args) {
    super(...args);
    this.addEventListener("message", () => mark("cameras"));
  }
};

globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  /** @param {[RTCConfiguration]} args */
  constructor(...args) {
    super(...args);
    mark("peer");
    this.addEventListener("iceconnectionstatechange", () => {
      if (["connected", "completed"].includes(this.iceConnectionState)) mark("ice");
    });
    this.addEventListener("connectionstatechange", () => {
      if (this.connectionState === "connected") mark("connected");
    });
  }

  /** @param {[]} args */
  async setLocalDescription(...args) {
    await super.setLocalDescription(...args);
    mark("offered");
  }

  /** @param {[RTCSessionDescriptionInit]} args */
  async setRemoteDescription(...args) {
    await super.setRemoteDescription(...args);
    mark("applied");
  }
};

/** @param {PerformanceResourceTiming} entry */
const isOffer = ({ name, initiatorType }) => initiatorType === "fetch" && name.includes("/whep");

/** When the last of these resources was there. @param {(entry: PerformanceResourceTiming) => boolean} isMeant */
const loaded = (isMeant) =>
  Math.max(...performance.getEntriesByType("resource").filter(isMeant).map((entry) => entry.responseEnd));

/**
 * Waits for the first pictures of as many videos; fewer when that takes too long.
 *
 * @param {[number, number]} limits How many, and for how many milliseconds.
 */
globalThis.firstPictures = ([count, timeoutMs]) =>
  new Promise((resolve) => {
    const tell = () => {
      marks.modules = loaded(({ name }) => name.endsWith(".js"));
      const [posted] = performance.getEntriesByType("resource").filter(isOffer);
      if (posted) [marks.posted, marks.answered] = [posted.startTime, posted.responseEnd];
      resolve({ pictures, marks });
    };
    const look = () => pictures.length >= count && tell();
    document.addEventListener("first-picture", look);
    setTimeout(tell, timeoutMs);
    look();
  });
