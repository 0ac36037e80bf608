// The colours of numbers, the same everywhere: from red, against, over the paper's to blue, for.
// The page's style names them, for light, dark and print.

const COLOURS = {};
const MIN_STRENGTH = 0.05;
const STRONG = 0.75;

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["for", "against", "none", "ink", "faint", "rule", "paper"]) {
    const value = style.getPropertyValue(`--${name}`).trim();
    COLOURS[name] = { css: value, parts: partsOf(value) };
  }
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

// The colour of a strength from −1 to 1; what is not a number has none.
function shade(strength) {
  return `rgb(${shadeParts(strength)})`;
}

// The same for an element, by the page's style; a weak strength has no colour.
function shadeElement(element, strength) {
  const size = Math.abs(strength);
  if (!(size >= MIN_STRENGTH)) return;
  element.classList.add("shade", strength > 0 ? "for" : "against");
  if (size > STRONG) element.classList.add("strong");
  element.style.setProperty("--share", `${100 * size}%`);
}

function shadeParts(strength) {
  const share = Math.min(Math.abs(strength), 1) || 0;
  const end = (strength > 0 ? COLOURS.for : COLOURS.against).parts;
  const [red, green, blue] = COLOURS.none.parts;
  return [
    Math.round(red + (end[0] - red) * share),
    Math.round(green + (end[1] - green) * share),
    Math.round(blue + (end[2] - blue) * share),
  ];
}

// The largest absolute value, which has the full colour; 1 where all are 0.
function scaleOf(numbers) {
  let largest = 0;
  for (const number of numbers) {
    if (Number.isFinite(number)) largest = Math.max(largest, Math.abs(number));
  }
  return largest || 1;
}
