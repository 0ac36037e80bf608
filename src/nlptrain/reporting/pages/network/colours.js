// The colours of numbers, the same everywhere: from red, against, over the paper's to blue, for.
// The page's style names them, for light, dark and print.

const COLOURS = {};
const STEPS = 255;
const SHADES = new Uint32Array(2 * STEPS + 1);
const MIN_STRENGTH = 0.05;
const STRONG = 0.75;

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["for", "against", "none", "ink", "faint", "rule", "paper"]) {
    const value = style.getPropertyValue(`--${name}`).trim();
    COLOURS[name] = { css: value, parts: partsOf(value) };
  }
  mixShades();
}

// #rgb or #rrggbb → three numbers from 0 to 255.
function partsOf(value) {
  const digits = value.slice(1);
  const width = digits.length / 3;
  return [0, 1, 2].map((place) => {
    const own = digits.slice(place * width, (place + 1) * width);
    return parseInt(width === 1 ? own + own : own, 16);
  });
}

// Colours an element by a strength from −1 to 1, by the page's style; a weak strength has no colour.
function shadeElement(element, strength) {
  const size = Math.abs(strength);
  const isSeen = size >= MIN_STRENGTH;
  const classes = ["shade", strength > 0 ? "for" : "against", ...(size > STRONG ? ["strong"] : [])];
  element.className = isSeen ? classes.join(" ") : "";
  if (isSeen) element.style.setProperty("--share", `${100 * size}%`);
}

// Fills an image with a pixel for each number, from −scale to scale; what is no number has no colour.
function paint(image, numbers, scale) {
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < numbers.length; at++) {
    const share = Math.min(Math.max(numbers[at] / scale, -1), 1) || 0;
    pixels[at] = SHADES[STEPS + Math.round(STEPS * share)];
  }
}

// The colours between, as the bytes of pixels.
function mixShades() {
  const bytes = new Uint8ClampedArray(SHADES.buffer);
  for (let step = -STEPS; step <= STEPS; step++) {
    const end = (step > 0 ? COLOURS.for : COLOURS.against).parts;
    const parts = COLOURS.none.parts.map((part, place) => part + ((end[place] - part) * Math.abs(step)) / STEPS);
    bytes.set([...parts, 255], 4 * (STEPS + step));
  }
}

// The largest absolute value, which has the full colour; 1 where all are 0.
function scaleOf(numbers) {
  let largest = 0;
  for (const number of numbers) {
    if (Number.isFinite(number)) largest = Math.max(largest, Math.abs(number));
  }
  return largest || 1;
}
