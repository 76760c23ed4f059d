// Every text that a visitor reads or hears.

/** @typedef {import("./words.js").CameraState} CameraState */
/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").HeatStatus} HeatStatus */

export const PRODUCT = "Heatwall";
export const SERVER_LOST = "Connection to the server lost – reconnecting";
export const LOADING = "Connecting to the server";
export const NO_CAMERAS = "No cameras yet";
export const NO_CAMERAS_HINT = "Add a camera to the configuration file and it appears here.";
export const WAITING_FOR_PICTURE = "Waiting for the picture";
export const FULL_SCREEN = "Full screen";
export const GROUPS = "Groups of cameras";
export const ALL_CAMERAS = "All";
export const EMPTY_GROUP = "No cameras here";
export const EMPTY_GROUP_HINT = "The cameras of this group are not in the configuration file.";
export const CLOSE = "Close";
export const LAYOUT = "Layout";
export const MORE = "More";
export const FIGURES = "Figures on the tiles";
export const COPY_LINK = "Copy a link to this view";
export const LINK_COPIED = "The link to this view is copied.";
export const RESET_ORDER = "Cameras in the order of the file";
export const ALL_COUNTS_CSV = "Counts of all cameras (CSV)";
export const KIOSK = "Rotation";
export const KIOSK_GROUPS = "Groups, every 30 s";
export const THEME = "Colours";
export const KEYS = "Keys";
export const HEAT_CONTROLS = "Heat and overlay";
export const CAMERA_PANEL = "Facts about the camera";
export const LOG_IN_TO = "Log in to the wall";
export const LOG_IN = "Log in";
export const LOG_OUT = "Log out";
export const STILL_LOGGED_IN = "The server can't be reached: you are still logged in here. Try again.";
export const USER = "User";
export const PASSWORD = "Password";
export const SHOW = "Show";
export const HIDE = "Hide";
export const SHOW_PASSWORD = "Show the password";
export const USER_MISSING = "Write who you are.";
export const PASSWORD_MISSING = "Write your password.";
export const BAD_LOG_IN = "This user and password do not belong together.";
export const UNREACHABLE = "The server can't be reached. Try again.";
export const EDIT_REGIONS = "Draw lines and zones";

/** @type {Record<import("./view.js").Layout, string>} */
export const LAYOUTS = {
  auto: "As large as possible",
  1: "One",
  2: "2 × 2",
  3: "3 × 3",
  4: "4 × 4",
  side: "One large, the others small",
};

/** @type {Record<import("./theme.js").Theme, string>} */
export const THEMES = { dark: "Dark", light: "Light", system: "As this device" };

/** What the keys do, where no button says the same. */
export const KEY = {
  back: "All cameras",
  next: "Next camera",
  previous: "Previous camera",
  down: "Camera below",
  up: "Camera above",
  open: "Show large, and back",
  move: "Move the tile",
  layout: "Next layout",
  group: "Next group",
  zoomIn: "Closer",
  zoomOut: "Less close",
  zoomReset: "The whole picture",
  look: "Look about in a closer picture",
};

/**
 * @param {number} seconds
 * @returns {string}
 */
export function kioskEvery(seconds) {
  return `Cameras, every ${seconds} s`;
}

/**
 * @param {string} camera As the address names it.
 * @returns {string}
 */
export function unknownCamera(camera) {
  return `There is no camera “${shortened(camera)}” any more. All cameras are shown.`;
}

/**
 * @param {string} group As the address names it.
 * @returns {string}
 */
export function unknownGroup(group) {
  return `There is no group “${shortened(group)}” any more. All cameras are shown.`;
}

/**
 * @param {string} key
 * @param {string} found
 * @returns {string} For a part of the address that can't be used.
 */
export function unknownInLink(key, found) {
  return `The link says ${key}=${shortened(found)}, which this wall does not know.`;
}

/** @param {string} text @returns {string} */
function shortened(text) {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/**
 * @param {string} reason
 * @returns {string} For the banner, when the server is there and its pictures are not.
 */
export function noPictures(reason) {
  return `No pictures: ${reason} – trying again`;
}

/**
 * @param {string} fault The first one, with file and line.
 * @returns {string} For the banner, when the config file was changed and can't be used.
 */
export function configRefused(fault) {
  return `The config file is not used, all goes on as before: ${fault}`;
}

/**
 * @param {string | null} reason
 * @returns {string} The hint while this page gets smaller pictures than it asked for.
 */
export function reduced(reason) {
  return `Smaller pictures for now${reason === null ? "" : ` – ${reason}`}`;
}

/** @type {Record<CameraState, {word: string, sentence: string}>} */
const STATES = {
  connecting: { word: "Connecting", sentence: "Connecting to the camera" },
  live: { word: "Live", sentence: "Live" },
  stalled: { word: "Stalled", sentence: "The camera sends no new pictures" },
  retrying: { word: "Offline", sentence: "Camera offline – trying again" },
  refused: { word: "Refused", sentence: "The camera refused the sign-in" },
  unsupported: { word: "No video", sentence: "The camera sends no video that can be shown" },
  stopped: { word: "Stopped", sentence: "Camera stopped" },
};

/**
 * @param {CameraState} state
 * @returns {string} One word for the chip beside the camera's name.
 */
export function stateWord(state) {
  return STATES[state]?.word ?? state;
}

/**
 * @param {CameraState} state
 * @returns {string} The state in plain words.
 */
export function stateSentence(state) {
  return STATES[state]?.sentence ?? state;
}

/**
 * @param {number} sinceS Seconds since 1970 UTC.
 * @param {Date} now
 * @returns {string} "since 14:03", with the day where it was not today.
 */
export function since(sinceS, now) {
  const date = new Date(sinceS * 1000);
  const isToday = date.toDateString() === now.toDateString();
  return isToday ? `since ${clock(date)}` : `since ${dayMonth(date)}, ${clock(date)}`;
}

/**
 * @param {Date} date
 * @returns {string} Local time, 24 hours: "14:03".
 */
export function clock(date) {
  return date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/**
 * @param {Date} date
 * @returns {string} "23 Nov".
 */
function dayMonth(date) {
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/**
 * @param {number} live
 * @param {number} all
 * @returns {string}
 */
export function camerasLive(live, all) {
  return live === all ? `${all} live` : `${live} of ${all} live`;
}

/**
 * @param {number} ageS Seconds since the newest picture was shown.
 * @returns {string}
 */
export function pictureAge(ageS) {
  return `${AGE_PREFIX}${ageS < 100 ? `${Math.round(ageS)} s` : shortTime(ageS)} old`;
}

const AGE_PREFIX = "Picture is ";

/**
 * @param {string} chip
 * @returns {string} The same where there is little room.
 */
export function shortChip(chip) {
  return chip.startsWith(AGE_PREFIX) ? chip.slice(AGE_PREFIX.length) : chip;
}

/**
 * @param {number | null} count
 * @returns {string}
 */
export function peopleNow(count) {
  if (count === null) return "people not counted yet";
  return count === 1 ? "1 person now" : `${count} people now`;
}

/**
 * @param {number} share 0 to 1.
 * @returns {string} "25 %", with one decimal below 10 % where it says something.
 */
export function percent(share) {
  const value = share * 100;
  const digits = value < 10 && Math.abs(value - Math.round(value)) >= 0.05 ? 1 : 0;
  return `${value.toFixed(digits)} %`;
}

/**
 * @param {number} seconds
 * @returns {string} "30 s", "10 min", "2 h".
 */
export function shortTime(seconds) {
  if (seconds < 60) return `${trimmed(seconds)} s`;
  if (seconds < 3600) return `${trimmed(seconds / 60)} min`;
  if (seconds < 86400) return `${trimmed(seconds / 3600)} h`;
  return `${trimmed(seconds / 86400)} d`;
}

/**
 * @param {number} value
 * @returns {string}
 */
function trimmed(value) {
  return String(Math.round(value * 10) / 10);
}

/**
 * @param {HeatStatus} heat
 * @returns {string} What the legend's numbers are shares of: short, beside the bar.
 */
export function legendUnit(heat) {
  return heat.half_life_s === null
    ? "of the time since the start"
    : `of recent time · half-life ${shortTime(heat.half_life_s)}`;
}

/**
 * @param {HeatStatus} heat
 * @returns {string} The legend as a sentence, for the tooltip and for screen readers.
 */
export function legendSentence(heat) {
  const time = heat.half_life_s === null ? "time since the start" : "recent time";
  const halfLife =
    heat.half_life_s === null
      ? ""
      : ` A visit counts half as much ${shortTime(heat.half_life_s)} later.`;
  const auto = heat.is_auto_scale ? " The scale follows the heat." : "";
  return `Heat: the share of ${time} that somebody stood here, from 0 to ${percent(heat.scale)}.${halfLife}${auto}`;
}

/**
 * @param {CameraStatus} camera
 * @param {boolean} isFocused
 * @param {Date} now
 * @param {string} trouble What hinders the picture of a live camera; empty for nothing.
 * @returns {string} What the tile's button is called.
 */
export function tileLabel(camera, isFocused, now, trouble) {
  const facts = [camera.name, stateSentence(camera.state)];
  if (trouble) facts.push(trouble);
  if (camera.state === "live") facts.push(peopleNow(camera.people_now), ...camera.notices);
  else facts.push(since(camera.state_since, now));
  if (camera.state !== "live" && camera.state_reason) facts.push(camera.state_reason);
  return `${facts.join(", ")}. ${isFocused ? "Back to all cameras" : "Show large"}`;
}

/**
 * @param {string} text
 * @returns {string} The same with a capital letter and a full stop.
 */
export function sentence(text) {
  return `${capital(text)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/**
 * @param {string} text
 * @returns {string} The same with a capital letter.
 */
export function capital(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/**
 * @param {CameraStatus} camera
 * @returns {string} Said aloud when a camera goes or comes back.
 */
export function stateNews(camera) {
  return `${camera.name}: ${stateSentence(camera.state)}`;
}

// The large camera: what stands on its picture.

export const SNAPSHOT = "Save this picture (JPEG)";

/**
 * @param {number} scale
 * @returns {string} "2.5×".
 */
export function zoomFactor(scale) {
  return `${scale.toFixed(1)}×`;
}

/**
 * @param {number} scale
 * @returns {string} What the button with the factor is called.
 */
export function wholePicture(scale) {
  return `${zoomFactor(scale)} closer. ${KEY.zoomReset}`;
}

// The panel of facts about a camera.

/** @typedef {import("./words.js").History} History */
/** @typedef {import("./words.js").ZoneStatus} ZoneStatus */

export const LAST_HOUR = "Last hour";
export const NOBODY_LOOKED = "Nobody was counted in the last hour.";
export const NO_HISTORY = "The last hour is not known right now.";
export const REGIONS = "Lines and zones";
export const NO_REGIONS = "None yet. A line counts who crosses it, a zone who is in it and for how long.";
export const DRAW_SOME = "Draw some";
export const CHANGE_REGIONS = "Change";
export const TO_RESETS = "Reset";
export const LINE = "Line";
export const IN = "In";
export const OUT = "Out";
export const HEAT_NOW = "Heat now";
export const NOTHING_COUNTED = "Nothing was counted yet.";
export const NO_HEAT = "The heat is not drawn into this picture.";
export const NO_HEAT_YET = "No heat yet.";
export const CHANGE_HEAT = "Change";
export const CAMERA_FIGURES = "Camera";

/** What the lines of facts are called. */
export const FACT = {
  peak: "Hottest place",
  scale: "Full colour at",
  halfLife: "Half-life",
  source: "Source",
  decoder: "Decoded by",
  encoder: "Encoded by",
  decoded: "From the camera",
  shown: "To viewers",
  detected: "Looks for people",
  age: "Newest picture",
  viewers: "Viewers",
  tiers: "Sizes sent",
};

/** @type {Record<string, string>} */
const CODECS = { h264: "H.264", hevc: "H.265", mjpeg: "MJPEG" };
/** @type {Record<string, string>} */
const CODERS = { cpu: "Processor", cuda: "GPU (NVDEC)", libx264: "Processor (x264)", h264_nvenc: "GPU (NVENC)" };
/** @type {Record<string, string>} */
const TIERS = { preview: "smallest", tile: "small", focus: "large" };

/**
 * @param {number | null} count
 * @param {boolean} isNow
 * @returns {string} Beside the large number.
 */
export function peopleWord(count, isNow) {
  return `${count === 1 ? "person" : "people"} ${isNow ? "now" : "when last seen"}`;
}

/**
 * @param {number} count
 * @returns {string} Since the counts began.
 */
export function peopleSoFar(count) {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? "person" : "people"} so far`;
}

/**
 * @param {CameraStatus} camera
 * @param {Date} now
 * @returns {string} "Live since 14:03".
 */
export function stateSince(camera, now) {
  return `${stateSentence(camera.state)}${camera.state === "live" ? " " : ", "}${since(camera.state_since, now)}`;
}

/**
 * @param {number | null} mean
 * @returns {string}
 */
export function meanPeople(mean) {
  return mean === null ? "not looked at" : `${trimmed(mean)} on average`;
}

/**
 * @param {number} most
 * @returns {string}
 */
export function mostPeople(most) {
  return `${most} at most`;
}

/**
 * @param {number} inward
 * @param {number} outward
 * @returns {string}
 */
export function inAndOut(inward, outward) {
  return `${inward} in, ${outward} out`;
}

/**
 * @param {History["minutes"]} minutes
 * @returns {string} What the curve says, for who does not see it.
 */
export function hourSummary(minutes) {
  const known = minutes.flatMap(({ at, most }) => (most === null ? [] : [{ at, most }]));
  if (known.length === 0) return NOBODY_LOOKED;
  const counts = known.map(({ most }) => most);
  const top = Math.max(...counts);
  const least = Math.min(...minutes.flatMap(({ people }) => (people === null ? [] : [Math.floor(people)])));
  const peak = known.find(({ most }) => most === top);
  const when = top > 0 && peak ? `, most at ${clock(new Date(peak.at * 1000))}` : "";
  return `${least === top ? top : `${least} to ${top}`} people in the last hour${when}`;
}

/**
 * @param {number} atS Seconds since 1970 UTC.
 * @param {History["minutes"][number] | null} minute
 * @returns {string}
 */
export function minuteSentence(atS, minute) {
  const time = clock(new Date(atS * 1000));
  if (minute === null || minute.people === null) return `${time}: not looked at`;
  const crossed = minute.in + minute.out > 0 ? `, ${inAndOut(minute.in, minute.out)}` : "";
  return `${time}: ${meanPeople(minute.people)}, ${mostPeople(minute.most ?? 0)}${crossed}`;
}

/**
 * @param {ZoneStatus} zone
 * @param {boolean} isNow
 * @returns {string}
 */
export function zoneNow({ people_now: people }, isNow) {
  return people === null ? peopleNow(null) : `${people} ${peopleWord(people, isNow)}`;
}

/**
 * @param {ZoneStatus} zone
 * @returns {string}
 */
export function zoneVisits({ dwell: { visits, mean_s: mean } }) {
  if (visits === 0) return "No visits yet";
  const count = `${visits.toLocaleString("en-GB")} ${visits === 1 ? "visit" : "visits"}`;
  return mean === null ? count : `${count}, ${shortTime(mean)} on average`;
}

/**
 * @param {ZoneStatus} zone
 * @returns {string} Empty while there was no visit.
 */
export function zoneDwell({ dwell: { median_s: median, p90_s: most } }) {
  if (median === null || most === null) return "";
  return `Half under ${shortTime(median)}, nine in ten under ${shortTime(most)}`;
}

/**
 * @param {ZoneStatus} zone
 * @returns {string}
 */
export function zoneTime({ person_s: seconds }) {
  return seconds > 0 ? `${shortTime(seconds)} of people’s time in all` : "";
}

/**
 * @param {HeatStatus} heat
 * @returns {string}
 */
export function heatScale(heat) {
  return `${percent(heat.scale)}${heat.is_auto_scale ? ", follows the heat" : ""}`;
}

/**
 * @param {HeatStatus} heat
 * @returns {string}
 */
export function heatHalfLife(heat) {
  return heat.half_life_s === null ? "None: all since the start" : shortTime(heat.half_life_s);
}

/**
 * @param {CameraStatus} camera
 * @returns {string} "1920 × 1080, H.264".
 */
export function source({ width, height, codec }) {
  if (!width || !height) return "–";
  return `${width} × ${height}${codec ? `, ${CODECS[codec] ?? codec}` : ""}`;
}

/**
 * @param {string | null | undefined} name Of a decoder or an encoder, as FFmpeg calls it.
 * @param {string} otherwise
 * @returns {string}
 */
export function coder(name, otherwise) {
  return name ? (CODERS[name] ?? name) : otherwise;
}

/**
 * @param {number} fps
 * @returns {string}
 */
export function picturesPerSecond(fps) {
  return `${trimmed(fps)} pictures/s`;
}

/**
 * @param {number | null} age Seconds.
 * @returns {string}
 */
export function frameAge(age) {
  if (age === null) return "–";
  return age < 60 ? `${age.toFixed(1)} s old` : `${shortTime(age)} old`;
}

/**
 * @param {string[]} tiers
 * @returns {string}
 */
export function tierWords(tiers) {
  return tiers.length === 0 ? "none: nobody looks" : tiers.map((tier) => TIERS[tier] ?? tier).join(", ");
}

// The heat's controls, resets and files to keep

export const FOR_WHOM = "Cameras that are changed";
export const GROUPS_TITLE = "Groups";
export const CAMERAS_TITLE = "Cameras";
export const LOOK_ONLY = "This page may only look: changing what all see needs an operator.";
export const MIXED = "mixed";
export const SHOW_HEAT = "Heat";
export const OPACITY = "Opacity";
export const PALETTE = "Palette";
export const SCALE = "Scale";
export const SCALE_AUTO = "Automatic";
export const SCALE_AUTO_NOTE = "Follows the heat slowly: there is always something to see.";
export const SCALE_FIXED = "Fixed";
export const SCALE_FIXED_NOTE = "Stays as it is: hours and cameras can be compared.";
export const FULL_COLOUR = "Full colour at";
export const HALF_LIFE = "Half-life";
export const GAMMA = "Faint heat (gamma)";
export const GAMMA_HINT = "To the left it is lifted, to the right hidden.";
export const LINE_WIDTH = "Width of lines";
export const DRAWN_TITLE = "Also drawn";
export const BEGIN_ANEW = "Begin anew";
export const RESET_HEAT = "Reset heat";
export const RESET_COUNTS = "Reset counts";
export const CANCEL = "Cancel";
export const NOT_REACHED = "The server was not reached.";
export const EXPORTS = "Keep as a file";
export const MORE_FILES = "More files";
export const ALL_COUNTS = "Counts of all cameras";
export const EXPORT_HINT = "Pictures and heat are kept one camera at a time: choose one above.";
export const NO_PICTURE_TO_KEEP = "The camera sends no picture at the moment.";
export const NO_HEAT_TO_KEEP = "There is no heat of this camera yet.";

/** What can be drawn beside the heat, by the key of the config. */
export const DRAWN = {
  show_boxes: "Boxes",
  show_lines: "Lines",
  show_labels: "Labels",
  show_zones: "Zones",
  show_conf: "Confidence",
  show_in: "Count in",
  show_trails: "Trails",
  show_out: "Count out",
};

export const EXPORT = {
  snapshot: "Picture as shown now",
  heat: "Heat with legend and time",
  counts: "Counts of lines and zones",
  layer: "Heat alone, transparent",
  array: "Heat as an array for NumPy",
  numbers: "Heat as numbers",
};

/** @type {Record<string, string>} */
const PALETTE_NAMES = { hsv: "HSV", deepgreen: "Deep green", twilight_shifted: "Twilight, shifted" };

/**
 * @param {string} name As in the config.
 * @returns {string}
 */
export function paletteName(name) {
  return PALETTE_NAMES[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

/** @param {number} count @returns {string} */
export function allOption(count) {
  return count === 1 ? "All cameras (1)" : `All ${count} cameras`;
}

/** @param {string} name @param {number} count @returns {string} */
export function groupOption(name, count) {
  return `${name} (${count === 1 ? "1 camera" : `${count} cameras`})`;
}

/** @param {string} least @param {string} most @returns {string} Where cameras differ. */
export function fromTo(least, most) {
  return `${MIXED}, ${least} – ${most}`;
}

/** @param {number} width @returns {string} */
export function pixels(width) {
  return `${width} px`;
}

/** @param {number | null} seconds null for a lifetime sum. @returns {string} */
export function halfLife(seconds) {
  return seconds === null ? "Whole time" : shortTime(seconds);
}

/** @param {number | null} seconds @returns {string} What a half-life means. */
export function halfLifeSentence(seconds) {
  if (seconds === null) return "Every visit since the start counts alike.";
  return `A visit counts half as much ${shortTime(seconds)} later.`;
}

/** @param {string} text @param {number} keeping @param {number} all @returns {string} */
export function keptBySome(text, keeping, all) {
  return `${text} is kept by ${keeping} of ${all} cameras; the others stay as they are.`;
}

/**
 * @param {{status: number, message: string}} error Of the server, or of the way to it.
 * @returns {string}
 */
export function whyNot({ status, message }) {
  return status === 599 || message === "" ? NOT_REACHED : sentence(message);
}

/** @param {{message: string, found: string | null, allowed: string}} fault @returns {string} */
export function faultSentence({ message, found, allowed }) {
  const what = found === null ? sentence(message).slice(0, -1) : `${shortened(found)} ${message}`;
  return message.includes("allowed:") ? `${what}.` : `${what}; allowed: ${allowed}.`;
}

/** @param {string[]} names @param {string} reason @returns {string} */
export function ofCameras(names, reason) {
  return `${someNames(names)}: ${reason}`;
}

/** @param {string[]} names @param {string} reason @returns {string} */
export function unread(names, reason) {
  return `The settings of ${someNames(names)} could not be read: ${reason} Trying again.`;
}

/** @param {string[]} names @returns {string} Few by their names. */
function someNames(names) {
  const [first = "", second] = names;
  if (second === undefined) return first;
  return names.length === 2 ? `${first} and ${second}` : `${first} and ${names.length - 1} others`;
}

/** @param {string[]} names @returns {string} One by its name, more by their number. */
function namedOrCounted(names) {
  return names.length === 1 ? (names[0] ?? "") : `${names.length} cameras`;
}

/**
 * @param {"heat" | "counts"} what
 * @param {string[]} names
 * @returns {{title: string, text: string, action: string}} What is asked before a reset.
 */
export function resetQuestion(what, names) {
  const whose = namedOrCounted(names);
  const which = names.length > 1 && names.length <= 6 ? `\n${names.join(", ")}` : "";
  if (what === "heat") {
    const text = `All heat gathered so far is lost, for every half-life, and can't be brought back. Counts stay.${which}`;
    return { title: `Reset the heat of ${whose}?`, text, action: RESET_HEAT };
  }
  const text =
    `All lines and zones count from zero: who went in and out, visits and how long they lasted. ` +
    `What was counted can't be brought back. The heat stays.${which}`;
  return { title: `Reset the counts of ${whose}?`, text, action: RESET_COUNTS };
}

/** @param {"heat" | "counts"} what @param {string[]} names @returns {string} */
export function wasReset(what, names) {
  return what === "heat"
    ? `The heat of ${namedOrCounted(names)} begins anew.`
    : `The counts of ${namedOrCounted(names)} begin at zero.`;
}

/** @param {"heat" | "counts"} what @param {string[]} names @param {string} reason @returns {string} */
export function notReset(what, names, reason) {
  return `The ${what} of ${someNames(names)} ${what === "heat" ? "was" : "were"} not reset: ${reason}`;
}

// How true the picture is, and by what it comes

export const NO_CONNECTION = "No connection to the server";
export const NO_CONNECTION_SHORT = "Not connected";
export const STANDS_STILL = "The picture stands still";
export const NOTHING_ARRIVES = "The server has newer ones, which do not arrive here.";
export const CANNOT_PLAY = "This browser can’t show the pictures";
export const CANNOT_PLAY_SHORT = "Can’t be shown";
export const OVER_HTTP = "Pictures come over HTTP – a little later than usual";

/**
 * @param {number} seconds
 * @returns {string}
 */
export function noPictureFor(seconds) {
  return `The camera is live, and nothing has come for ${shortTime(Math.round(seconds))}.`;
}

/** @type {Record<import("./player.js").Lack, string>} */
const LACKS = {
  webrtc: "WebRTC",
  "webrtc-h264": "H.264 for WebRTC",
  mse: "Media Source Extensions",
  h264: "H.264 for Media Source Extensions",
};

/**
 * @param {import("./player.js").Lack[]} lacks
 * @returns {string} What would have to be there, one of them.
 */
export function lacks(lacks) {
  const names = lacks.map((lack) => LACKS[lack]);
  return `It has neither ${names.join(" nor ")}. A current Chrome, Edge, Firefox or Safari has both.`;
}

// Figures on the tiles

export const NO_FIGURE = "–";
export const LATENCY_NOTE =
  "Latency is estimated: the picture’s age at the server, half of the way there and back, " +
  "and from its last packet here to the screen.";
export const FIGURE = {
  fps: "Shown",
  latency: "Latency",
  bitrate: "Bit rate",
  size: "Picture",
  loss: "Loss",
  buffer: "Buffer",
  detections: "Detections",
  encoder: "Encoder",
  transport: "Over",
};

/** @type {Record<import("./player.js").Transport, string>} */
export const TRANSPORT = { webrtc: "WebRTC", mp4: "HTTP (MP4)" };

/** @param {number} width @param {number} height @returns {string} */
export function pictureSize(width, height) {
  return `${width} × ${height}`;
}

/** @param {number} value @returns {string} */
export function perSecond(value) {
  return `${value.toFixed(1)} fps`;
}

/** @param {number} bps @returns {string} */
export function bitrate(bps) {
  return bps < 1e6 ? `${Math.round(bps / 1000)} kbit/s` : `${(bps / 1e6).toFixed(1)} Mbit/s`;
}

/** @param {number} seconds @returns {string} */
export function milliseconds(seconds) {
  return `${Math.round(seconds * 1000)} ms`;
}

/** @param {string} text @returns {string} For what is estimated. */
export function about(text) {
  return `≈ ${text}`;
}

/** @param {number} done @param {number | null} wanted Both a second. @returns {string} */
export function detections(done, wanted) {
  return wanted === null ? `${done.toFixed(1)} / s` : `${done.toFixed(1)} of ${trimmed(wanted)} / s`;
}

/** @param {number} count @returns {string} Of pictures that came and were not shown. */
export function leftOut(count) {
  return count === 0 ? "none" : `${count} left out`;
}

// Drawing lines and zones

export const DRAW_LINE = "Line";
export const DRAW_ZONE = "Zone";
export const UNDO = "Undo";
export const REDO = "Redo";
export const DONE = "Done";
export const CORNER_BACK = "Last point back";
export const NAME = "Name";
export const NO_NAME = "(no name)";
export const INSIDE = "Inside is";
export const DELETE = "Delete";
export const REMOVE_CORNER = "Remove corner";
export const CHANGED = "changed";
export const APPLY = "Apply";
export const SAVE = "Save to the file";
export const APPLIED = "Applied: people are counted there from now on.";
export const SAVED = "Saved to the config file, and in use from now on.";
export const NOT_SAVED = "In use now, but not saved.";
export const SENDING = "Sending …";
export const TRY_AGAIN = "Try again";
export const YAML = "For the config file";
export const COPY = "Copy";
export const YAML_COPIED = "Copied: paste it below the camera’s key in the config file.";
export const COPY_BY_HAND = "The text is selected: copy it with Ctrl + C.";
export const NOTHING_DRAWN = "This camera has no lines and no zones.";
export const NO_MORE_REGIONS = "A camera has room for 64 lines and 64 zones.";
export const NO_SAVING = "What is applied holds until the server ends; saving it to the file needs an admin.";
export const NO_FILE = "What is applied holds until the server ends: it runs without a config file.";
export const CAMERA_GONE = "The camera was removed, and with it what was drawn on it.";
export const CONFLICT = "Somebody else has changed the lines and zones of this camera meanwhile.";
export const LOAD_THEIRS = "Load theirs";
export const KEEP_MINE = "Keep mine";

export const DISCARD_QUESTION = {
  title: "Discard what you drew?",
  text: "Lines and zones that are not applied are lost.",
  action: "Discard",
};

/** What the keys do while somebody draws. */
export const EDITOR_KEY = {
  escape: "Cancel, select nothing, close",
  finish: "Close the zone",
  back: "Last point back",
  remove: "Delete what is selected",
};

/** @type {Record<import("./outlines.js").Side, string>} */
export const SIDES = { above: "Above", below: "Below", left: "Left", right: "Right" };

/** @type {Record<import("./draft.js").Fault["code"], {word: string, sentence: string}>} */
const REGION_FAULTS = {
  name: { word: "name", sentence: "A name has 1 to 63 of a-z, 0-9, _ and -, and begins with a letter or a digit." },
  "same-name": { word: "name", sentence: "Another one is called like that." },
  outside: { word: "outside", sentence: "It goes beyond the picture." },
  "no-length": { word: "too short", sentence: "The line is too short to be crossed." },
  upright: { word: "side", sentence: "An upright line has a left and a right, but no above and below." },
  level: { word: "side", sentence: "A level line has an above and a below, but no left and right." },
  "few-corners": { word: "too few corners", sentence: "A zone needs at least 3 corners." },
  "many-corners": { word: "too many corners", sentence: "A zone can have 100 corners at most." },
  twice: { word: "two corners in one place", sentence: "Two corners in a row are in the same place: remove one." },
  "turns-back": { word: "turns back", sentence: "An edge goes back over the one before it." },
  crosses: { word: "crosses itself", sentence: "Two edges cross each other: move a corner." },
  "no-area": { word: "too small", sentence: "The zone is too small to stand in." },
};

/** @param {import("./draft.js").Fault} fault @returns {string} For the picture, behind the name. */
export function faultWord({ code }) {
  return REGION_FAULTS[code].word;
}

/** @param {import("./draft.js").Fault} fault @returns {string} */
export function regionFault({ code }) {
  return REGION_FAULTS[code].sentence;
}

/** @param {import("./draft.js").Shape} shape @returns {string} */
export function shapeLabel({ kind, name, inside, points }) {
  return kind === "lines" ? `Line ${name}, inside is ${inside}` : `Zone ${name}, ${points.length} corners`;
}

/** @param {import("./draft.js").Shape} shape @returns {string} What its arrow is called. */
export function flipLabel({ name, inside }) {
  return `${name}: inside is ${inside}. Change sides`;
}

/**
 * @param {import("./draft.js").Shape} shape
 * @param {number} index
 * @param {[number, number]} point
 * @returns {string}
 */
export function cornerLabel({ kind, name, points }, index, point) {
  const which = kind === "lines" ? (index === 0 ? "begin" : "end") : `corner ${index + 1} of ${points.length}`;
  return `${name}, ${which}: ${placeOf(point)}`;
}

/** @param {import("./draft.js").Shape} shape @param {number} index @returns {string} */
export function middleLabel({ name, points }, index) {
  return `${name}: add a corner between ${index + 1} and ${((index + 1) % points.length) + 1}`;
}

/** @param {[number, number]} point @returns {string} */
export function placeOf([x, y]) {
  // A press of an arrow moves by half a percent, which is to be heard.
  return `${trimmed(x * 100)} % from the left, ${trimmed(y * 100)} % from the top`;
}

/** @param {string} camera @returns {string} What the layer over its picture is called. */
export function drawingLabel(camera) {
  return `Lines and zones of ${camera}. Arrow keys move what has the focus, with Shift further; Delete removes it.`;
}

/** @param {number} count Of what is drawn. @returns {string} */
export function drawHint(count) {
  return count === 0
    ? "People are counted when they cross a line, and while they stand in a zone."
    : "Drag corners and edges in the picture, or select one here.";
}

/** @param {"lines" | "zones"} kind @param {number} points Set so far. @returns {string} */
export function sketchHint(kind, points) {
  if (kind === "lines") return points === 0 ? "Click where the line begins, or drag it." : "Click where the line ends.";
  if (points === 0) return "Click the corners one after the other, 3 at least.";
  if (points < 3) return `Click the next corner: ${3 - points} more at least.`;
  return "Click the next corner; the first corner, a double click or Enter closes the zone.";
}

/** @param {{isChanged: boolean, faults: number, canSave: boolean}} state @returns {string} */
export function regionsState({ isChanged, faults, canSave }) {
  if (faults > 0) return faults === 1 ? "One thing must be mended first." : `${faults} things must be mended first.`;
  if (!isChanged) return "All of this is in use.";
  const howLong = canSave ? " Apply holds until the server ends." : "";
  return `Not in use yet. What you changed counts from zero, the rest goes on.${howLong}`;
}

/** @param {string} reason @returns {string} */
export function regionsUnread(reason) {
  return `The lines and zones could not be read: ${reason}`;
}

/** @param {string} user @returns {string} */
export function loggedInAs(user) {
  return `Logged in as ${user}`;
}

/** @param {number} seconds @returns {string} */
export function tooManyTries(seconds) {
  return `Too many tries. The next one can be made in ${seconds} s.`;
}

/** @param {number} seconds @returns {string} */
export function logInBusy(seconds) {
  return `Many are logging in just now. Try again in ${seconds} s.`;
}

/** @param {number} status @returns {string} */
export function logInFailed(status) {
  return `The server could not log you in (${status}).`;
}
