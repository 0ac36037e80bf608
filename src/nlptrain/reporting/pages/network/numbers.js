// Numbers, characters and elements as they are shown.

// A number with 4 decimals, zero without a sign; a huge one in scientific notation.
function formatNumber(value) {
  if (Math.abs(value) >= 1e5) return value.toExponential(3).replace("-", "−");
  const text = value.toFixed(4);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

function formatSigned(value) {
  const text = formatNumber(value);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

// A probability to 4 decimals, or to more where it would be rounded to 0 or 1.
function formatProbability(value) {
  if (value < 5e-5) return Number(value.toPrecision(3)).toString();
  const rest = 1 - value;
  if (!(rest > 0 && rest < 5e-5)) return value.toFixed(4);
  return value.toFixed(1 - Math.floor(Math.log10(rest)));
}

// A character as shown: a space as ␣, what is invisible as an escape, a mark on a dotted circle.
function showCharacter(character) {
  if (character === " ") return "␣";
  if (/^\p{M}$/u.test(character)) return `◌${character}`;
  return showText(character);
}

function showText(text) {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (character) => {
    const code = character.codePointAt(0).toString(16);
    if (code.length < 3) return `\\x${code.padStart(2, "0")}`;
    return code.length < 5 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
  });
}

// An element with attributes and children; text is only ever text.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// A table whose first column names the rows; cells are strings.
function makeTable(header, rows) {
  const head = make("tr", {}, ...header.map((name) => make("th", { scope: "col" }, name)));
  const body = rows.map(([name, ...cells]) =>
    make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell))),
  );
  return make(
    "div",
    { class: "scroll", tabindex: "0" },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)),
  );
}
