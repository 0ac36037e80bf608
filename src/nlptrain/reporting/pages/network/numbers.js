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

// Changes a text where it differs: the browser lays out anew what was set, even if it is the same.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Gives an element so many children, made where they are missing, and returns them: most are as they
// were at the last key.
function setChildren(element, size, makeOne) {
  while (element.children.length > size) element.lastElementChild.remove();
  while (element.children.length < size) element.append(makeOne());
  return element.children;
}

function setParagraphs(element, texts) {
  const paragraphs = setChildren(element, texts.length, () => make("p"));
  texts.forEach((text, place) => setText(paragraphs[place], text));
}

// A table, still empty, that scrolls where it is too wide.
function makeTable() {
  const head = make("thead", {}, make("tr"));
  return make("div", { class: "scroll", tabindex: "0" }, make("table", {}, head, make("tbody")));
}

// Fills a table whose first column names the rows; cells are strings.
function fillTable({ firstElementChild: { tHead, tBodies } }, header, rows) {
  const names = setChildren(tHead.rows[0], header.length, () => make("th", { scope: "col" }));
  header.forEach((name, column) => setText(names[column], name));
  const lines = setChildren(tBodies[0], rows.length, () => make("tr", {}, make("th", { scope: "row" })));
  rows.forEach((cells, row) => {
    const own = setChildren(lines[row], cells.length, () => make("td"));
    cells.forEach((cell, column) => setText(own[column], cell));
  });
}
