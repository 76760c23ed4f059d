// The STUN and TURN servers that the server names for the page's connections.

/** Pictures must not wait for longer; without these servers most get through as well. */
const HTTP_MS = 1500;
/** Of the time that passwords hold, how much may have passed before new ones are asked for. */
const SHARE = 0.5;

/** Asks for them once, and again when their passwords grow old. */
export class IceServers {
  #url;
  /** @type {Promise<RTCIceServer[]> | null} */
  #servers = null;
  #goodUntil = 0;

  /** @param {URL} url The server's `/api/ice`. */
  constructor(url) {
    this.#url = url;
  }

  /** @returns {Promise<RTCIceServer[]>} Empty when there are none, or none are told. */
  get() {
    if (this.#servers === null || performance.now() > this.#goodUntil) {
      this.#goodUntil = Infinity;
      this.#servers = this.#ask();
    }
    return this.#servers;
  }

  /** @returns {Promise<RTCIceServer[]>} */
  async #ask() {
    try {
      const response = await fetch(this.#url, { signal: AbortSignal.timeout(HTTP_MS) });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      const { ice_servers: servers, lifetime_s: lifetimeS } = await response.json();
      if (!Array.isArray(servers)) throw new Error("the answer has no servers");
      this.#goodUntil = performance.now() + lifetimeS * 1000 * SHARE;
      return servers;
    } catch {
      this.#goodUntil = 0; // the next connection asks again
      return [];
    }
  }
}
