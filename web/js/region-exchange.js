// What the server has of a camera's lines and zones: read, compared before anything is overwritten, sent.

import { ApiError } from "./api.js";
import { areSame } from "./draft.js";

/** @typedef {import("./words.js").Regions} Regions */

/**
 * How a change went.
 *
 * @typedef {{is: "taken", regions: Regions} | {is: "conflict", theirs: Regions} | {is: "refused", error: ApiError}} Outcome
 */

/** Lines and zones of one camera on the server. */
export class RegionExchange {
  /** As they were when this page last heard of them; null before. @type {Regions | null} */
  base = null;
  #isSending = false;
  #api;
  #camera;

  /** @param {import("./api.js").Api} api @param {string} camera */
  constructor(api, camera) {
    this.#api = api;
    this.#camera = camera;
  }

  get isSending() {
    return this.#isSending;
  }

  /** @returns {Promise<ApiError | null>} Why they could not be read. */
  async read() {
    try {
      this.base = await this.#api.regions(this.#camera);
      return null;
    } catch (reason) {
      return problem(reason);
    }
  }

  /**
   * Sends all lines and zones, unless somebody else has changed theirs meanwhile.
   *
   * @param {Regions} regions
   * @param {"run" | "file"} keep
   * @returns {Promise<Outcome>}
   */
  async send(regions, keep) {
    this.#isSending = true;
    try {
      const theirs = await this.#api.regions(this.#camera);
      if (this.base && !areSame(theirs, this.base) && !areSame(theirs, regions)) return { is: "conflict", theirs };
      this.base = await this.#api.changeRegions(this.#camera, regions, keep);
      return { is: "taken", regions: this.base };
    } catch (reason) {
      const error = problem(reason);
      // Whatever was not saved may be in use all the same.
      if (error.code === "not_editable") await this.read();
      return { is: "refused", error };
    } finally {
      this.#isSending = false;
    }
  }
}

/** @param {unknown} reason @returns {ApiError} An answer that is no JSON counts as none. */
function problem(reason) {
  return reason instanceof ApiError ? reason : new ApiError(599, "unreachable", "");
}
