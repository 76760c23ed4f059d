// Facts about the large camera: who is there, the last hour, lines and zones, heat, and how it runs.

import { button, el, say } from "./dom.js";
import { exportSection } from "./exports.js";
import { Facts, Lines } from "./facts.js";
import { HourChart } from "./hour-chart.js";
import { legendGradient } from "./legend.js";
import * as texts from "./texts.js";

/** @typedef {import("./panel.js").Content} Content */
/** @typedef {import("./panel.js").Context} Context */
/** @typedef {import("./panel.js").Rights} Rights */
/** @typedef {import("./panel.js").Situation} Situation */
/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").HeatStatus} HeatStatus */
/** @typedef {import("./words.js").History} History */
/** @typedef {import("./words.js").LineStatus} LineStatus */
/** @typedef {import("./words.js").ZoneStatus} ZoneStatus */

/** Twice in the minute that the curve grows by. */
const HISTORY_MS = 30_000;
/** A server that was too busy may have time again by then. */
const AGAIN_MS = 4000;
/** Fewer looks for people than that share of the wanted ones are worth a colour. */
const FEW = 0.8;

/**
 * Returns the panel; it goes from camera to camera with the wall.
 *
 * @param {Context} context
 * @returns {Content}
 */
export function cameraPanel(context) {
  const panel = new CameraPanel(context);
  return {
    get title() {
      return panel.title;
    },
    element: panel.element,
    update: (situation) => panel.update(situation),
    close: () => panel.close(),
  };
}

class CameraPanel {
  title = texts.CAMERA_PANEL;
  /** @type {CameraStatus | null} */
  #camera = null;
  /** How each camera was while it was live. @type {Map<string, CameraStatus>} */
  #lastLive = new Map();
  /** @type {Map<string, History>} */
  #histories = new Map();
  #isClosed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #context;
  #parts = {
    state: new StateSection(),
    people: new PeopleSection(),
    hour: new HourChart(),
    heat: new HeatSection(),
    figures: new Facts(),
  };
  #regions;
  /** Links to one camera's files. */
  #exports = el("section");

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#regions = new RegionsSection(context);
    const { state, people, hour, heat, figures } = this.#parts;
    heat.onChange = () => context.open("heat");
    this.element = el(
      "div",
      { class: "camera-panel" },
      state.element,
      people.element,
      hour.element,
      this.#regions.element,
      heat.element,
      this.#exports,
      section(texts.CAMERA_FIGURES, figures.element),
    );
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** @param {Situation} situation */
  update({ cameras, focus, rights, now }) {
    const status = cameras.find(({ id }) => id === focus);
    if (!status) return;
    const isOther = status.id !== this.#camera?.id;
    const isLive = status.state === "live";
    this.#camera = status;
    this.title = status.name;
    if (isLive) this.#lastLive.set(status.id, status);
    // What a camera said last holds until it says something else; the server forgets some of it.
    const known = isLive ? status : withLast(status, this.#lastLive.get(status.id));
    this.element.dataset["camera"] = status.id;
    this.element.toggleAttribute("data-away", !isLive);
    this.#parts.state.show(status, now);
    this.#parts.people.show(known, isLive);
    this.#regions.show(known, rights, isLive);
    this.#parts.heat.show(known.heat);
    showFigures(this.#parts.figures, known);
    if (isOther) this.#changed(status.id, now);
  }

  /** @param {string} camera @param {Date} now */
  #changed(camera, now) {
    this.#parts.hour.show(this.#histories.get(camera) ?? null, now);
    this.#showExports(camera);
    void this.#fetchHour();
  }

  /** @param {string} camera */
  #showExports(camera) {
    const isOpen = this.#exports.querySelector("details")?.open ?? false;
    const next = exportSection(this.#context, camera);
    const more = next.querySelector("details");
    if (more) more.open = isOpen;
    this.#exports.replaceWith(next);
    this.#exports = next;
  }

  /** Asks for the hour now, and again and again. */
  async #fetchHour() {
    clearTimeout(this.#timer);
    const camera = this.#camera?.id;
    if (camera === undefined) return;
    // Nobody sees it before the page is visible again; then it comes at the next turn.
    const isFresh = document.visibilityState !== "visible" || (await this.#fetchHourOf(camera));
    // Meanwhile somebody may have gone on to another camera, or closed the panel.
    if (this.#isClosed || this.#camera?.id !== camera) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetchHour(), isFresh ? HISTORY_MS : AGAIN_MS);
    const history = this.#histories.get(camera) ?? null;
    if (isFresh || history === null) this.#parts.hour.show(history, new Date(), isFresh ? "" : texts.NO_HISTORY);
  }

  /** @param {string} camera @returns {Promise<boolean>} Whether it came. */
  async #fetchHourOf(camera) {
    try {
      this.#histories.set(camera, await this.#context.api.history(camera));
      return true;
    } catch {
      // The banner tells of a lost server; the curve stays as it was until the next look.
      return false;
    }
  }
}

/** How the camera stands, and whatever is not as it should be. */
class StateSection {
  #dot = el("span", { class: "dot", "aria-hidden": "true" });
  #text = el("p", { class: "state-text" });
  #reason = el("p", { class: "small quiet", dir: "auto" });
  #notices = el("ul", { class: "notices" });
  #told = "";
  element = el(
    "section",
    { class: "section state" },
    el("div", { class: "state-line" }, this.#dot, this.#text),
    this.#reason,
    this.#notices,
  );

  /** @param {CameraStatus} status @param {Date} now */
  show(status, now) {
    this.element.dataset["state"] = status.state;
    say(this.#text, texts.stateSince(status, now));
    say(this.#reason, status.state_reason ? texts.sentence(status.state_reason) : "");
    const told = JSON.stringify(status.notices);
    if (told === this.#told) return;
    this.#told = told;
    this.#notices.replaceChildren(...status.notices.map((notice) => el("li", {}, texts.sentence(notice))));
  }
}

/** How many are there. */
class PeopleSection {
  #count = el("span", { class: "people-large" });
  #word = el("span");
  #total = el("span", { class: "small quiet" });
  element = el(
    "section",
    { class: "section people-section" },
    this.#count,
    el("p", { class: "people-words" }, this.#word, this.#total),
  );

  /** @param {CameraStatus} status @param {boolean} isNow */
  show({ people_now: people, total_tracks: total }, isNow) {
    say(this.#count, people === null ? "–" : String(people));
    say(this.#word, people === null ? texts.peopleNow(null) : texts.peopleWord(people, isNow));
    say(this.#total, texts.peopleSoFar(total));
  }
}

/** What lines and zones have counted. */
class RegionsSection {
  #lines = el("tbody");
  #table;
  #zones = el("div", { class: "zones" });
  #lineRows = new Lines(this.#lines, lineRow);
  #zoneRows = new Lines(this.#zones, zoneBlock);
  #noneText = el("p", { class: "quiet" });
  #none;
  #draw;
  #change;
  #reset;

  /** @param {Context} context */
  constructor(context) {
    const head = el("tr", {}, ...[texts.LINE, texts.IN, texts.OUT].map((name) => el("th", { scope: "col" }, name)));
    this.#table = el("table", { class: "lines" }, el("thead", {}, head), this.#lines);
    this.#draw = button({ text: texts.DRAW_SOME, icon: "pen" }, () => context.open("regions"));
    this.#none = el("div", { class: "none-yet" }, this.#noneText, this.#draw);
    this.#change = link(texts.CHANGE_REGIONS, texts.EDIT_REGIONS, () => context.open("regions"));
    this.#reset = link(texts.TO_RESETS, texts.RESET_COUNTS, () => context.open("heat"));
    this.element = section(texts.REGIONS, this.#none, this.#table, this.#zones);
    this.element.querySelector("h3")?.append(el("span", { class: "links" }, this.#reset, this.#change));
    this.element.classList.add("regions");
  }

  /** @param {CameraStatus} status @param {Rights} rights @param {boolean} isNow */
  show({ lines, zones, heat }, { can_operate: canOperate }, isNow) {
    const [hasLines, hasZones] = [Object.keys(lines).length > 0, Object.keys(zones).length > 0];
    this.#none.hidden = hasLines || hasZones;
    // A camera that was never looked at has told nothing of them, whatever the config says.
    const isKnown = heat !== null;
    say(this.#noneText, isKnown ? texts.NO_REGIONS : texts.NOTHING_COUNTED);
    this.#draw.hidden = !canOperate || !isKnown;
    this.#change.hidden = this.#reset.hidden = !canOperate || !(hasLines || hasZones);
    this.#table.hidden = !hasLines;
    this.#lineRows.show(lines);
    this.#zoneRows.show(Object.fromEntries(Object.entries(zones).map(([name, zone]) => [name, { zone, isNow }])));
  }
}

/** What the colours in the picture mean now. */
class HeatSection {
  onChange = () => {};
  #ramp = el("span", { class: "heat-ramp-colours" });
  #mark = el("span", { class: "heat-mark" });
  #top = el("span");
  #unit = el("span", { class: "quiet" });
  #bar = el("div", { class: "heat-ramp" }, this.#ramp, this.#mark);
  #legend = el(
    "div",
    { class: "heat-legend", role: "img" },
    this.#bar,
    el("div", { class: "heat-scale" }, el("span", {}, "0"), this.#unit, this.#top),
  );
  #facts = new Facts();
  #off = el("p", { class: "quiet" });
  element = section(texts.HEAT_NOW, this.#legend, this.#off, this.#facts.element);

  constructor() {
    const change = link(texts.CHANGE_HEAT, texts.HEAT_CONTROLS, () => this.onChange());
    this.element.querySelector("h3")?.append(el("span", { class: "links" }, change));
    this.element.classList.add("heat-now");
  }

  /** @param {HeatStatus | null} heat */
  show(heat) {
    this.#off.hidden = heat?.is_shown === true;
    say(this.#off, heat === null ? texts.NO_HEAT_YET : texts.NO_HEAT);
    this.#legend.hidden = !heat?.is_shown;
    this.#facts.element.hidden = !heat;
    if (!heat) return;
    this.#ramp.style.backgroundImage = legendGradient(heat.legend);
    // Where the hottest place of the picture lies on the scale.
    this.#mark.style.left = `${(100 * Math.min(1, heat.peak / (heat.scale || 1))).toFixed(1)}%`;
    say(this.#top, texts.percent(heat.scale));
    say(this.#unit, texts.legendUnit(heat));
    this.#legend.setAttribute("aria-label", texts.legendSentence(heat));
    this.#facts.set(texts.FACT.peak, texts.percent(heat.peak));
    this.#facts.set(texts.FACT.scale, texts.heatScale(heat));
    this.#facts.set(texts.FACT.halfLife, texts.heatHalfLife(heat));
  }
}

/** @param {Facts} facts @param {CameraStatus} status */
function showFigures(facts, status) {
  const { fps, detect_fps: wanted, state } = status;
  facts.set(texts.FACT.source, texts.source(status));
  facts.set(texts.FACT.decoded, texts.picturesPerSecond(fps.decoded));
  facts.set(texts.FACT.shown, texts.picturesPerSecond(fps.shown));
  const isPoor = state === "live" && wanted !== undefined && fps.detected < FEW * wanted;
  facts.set(texts.FACT.detected, texts.detections(status.fps.detected, status.detect_fps ?? null), isPoor);
  facts.set(texts.FACT.age, texts.frameAge(status.frame_age_s));
  facts.set(texts.FACT.decoder, texts.coder(status.decoder, "–"));
  facts.set(texts.FACT.encoder, texts.coder(status.encoder, "–"));
  facts.set(texts.FACT.viewers, String(status.viewers));
  facts.set(texts.FACT.tiers, texts.tierWords(status.tiers));
}

/** @param {string} name */
function lineRow(name) {
  const [inward, outward] = [el("td"), el("td")];
  return {
    element: el("tr", {}, el("th", { scope: "row", dir: "auto" }, name), inward, outward),
    fill: (/** @type {LineStatus} */ { in_count, out_count }) => {
      say(inward, in_count.toLocaleString("en-GB"));
      say(outward, out_count.toLocaleString("en-GB"));
    },
  };
}

/** @param {string} name */
function zoneBlock(name) {
  const now = el("span", { class: "zone-now" });
  const [visits, dwell, time] = [el("p"), el("p", { class: "quiet small" }), el("p", { class: "quiet small" })];
  return {
    element: el(
      "div",
      { class: "zone" },
      el("div", { class: "row" }, el("h4", { class: "row-text", dir: "auto" }, name), now),
      visits,
      dwell,
      time,
    ),
    fill: (/** @type {{zone: ZoneStatus, isNow: boolean}} */ { zone, isNow }) => {
      say(now, texts.zoneNow(zone, isNow));
      say(visits, texts.zoneVisits(zone));
      say(dwell, texts.zoneDwell(zone));
      say(time, texts.zoneTime(zone));
    },
  };
}

/**
 * @param {CameraStatus} status Of a camera that is away.
 * @param {CameraStatus | undefined} last
 * @returns {CameraStatus} With what it said last.
 */
function withLast(status, last) {
  const { people_now: people, heat, width, height, codec, decoder, encoder } = status;
  if (!last) return status;
  return {
    ...status,
    people_now: people ?? last.people_now,
    zones: zonesWithLast(status.zones, last.zones),
    heat: heat ?? last.heat,
    width: width ?? last.width,
    height: height ?? last.height,
    codec: codec ?? last.codec,
    decoder: decoder ?? last.decoder ?? null,
    encoder: encoder ?? last.encoder ?? null,
  };
}

/**
 * @param {Record<string, ZoneStatus>} zones
 * @param {Record<string, ZoneStatus>} last
 * @returns {Record<string, ZoneStatus>} With who was there last.
 */
function zonesWithLast(zones, last) {
  const withPeople = (/** @type {string} */ name, /** @type {ZoneStatus} */ zone) => ({
    ...zone,
    people_now: zone.people_now ?? last[name]?.people_now ?? null,
  });
  return Object.fromEntries(Object.entries(zones).map(([name, zone]) => [name, withPeople(name, zone)]));
}

/** @param {string} title @param {...HTMLElement} children */
function section(title, ...children) {
  return el("section", { class: "section" }, el("h3", { class: "section-title" }, title), ...children);
}

/** A quiet button in a heading. @param {string} text @param {string} label @param {() => void} does */
function link(text, label, does) {
  const one = button({ text, class: "link" }, does);
  // What is seen is also what can be said to press it.
  one.setAttribute("aria-label", label.startsWith(text) ? label : `${text}: ${label}`);
  one.title = label;
  return one;
}
