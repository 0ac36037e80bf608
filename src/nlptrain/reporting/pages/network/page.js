// The page: its language, what is typed and who reads it, and the colours of the screen and of print.

const networks = JSON.parse(document.getElementById("networks").textContent).map(prepareNetwork);
const MOST_LABELS = 12;
let panels = [];
let comparison = null;

// One network reads one string or two; two networks read the same.
function build(texts) {
  const fields = texts.map(makeField);
  const labels = fields.map((field, number) => make("label", {}, say(number ? "second" : "input"), field));
  const isPair = networks.length > 1;
  comparison = isPair ? new Comparison(networks) : null;
  panels = isPair
    ? networks.map((network) => new Panel(network, fields[0], introduce(network), () => comparison.show(panels)))
    : fields.map((field, number) => new Panel(networks[0], field, [labels[number]]));
  document.getElementById("shared").replaceChildren(...(isPair ? [labels[0], comparison.element] : []));
  document.getElementById("panels").replaceChildren(...panels.map(({ element }) => element));
  document.body.classList.toggle("wide", panels.length > 1);
  for (const panel of panels) panel.measure();
  for (const field of fields) update(field);
  describe();
}

function makeField(text) {
  const field = make("textarea", {
    rows: 1, spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off",
    oninput: () => update(field),
    // A line end is a character too, but hardly ever meant: it takes Shift.
    onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey) event.preventDefault();
    },
  });
  field.value = text;
  return field;
}

function update(field) {
  const end = performance.now() + KEY;
  const own = panels.filter((panel) => panel.field === field);
  for (const panel of own) panel.update(end);
  comparison?.show(panels);
}

function introduce(network) {
  return [make("h2", { class: "network" }, network.name), make("p", { class: "remark" }, sizeOf(network))];
}

function sizeOf({ labels, learned, steps, members }) {
  const shown = labels.slice(0, MOST_LABELS).map(showText).join(", ");
  const left = labels.length - MOST_LABELS;
  const named = left > 0 ? say("moreLabels", { labels: shown, count: count(left) }) : shown;
  return [
    say("size", { layers: steps.length, parameters: count(learned), labels: named }),
    ...(members.length > 1 ? [say("members", { count: members.length })] : []),
  ].join(" ");
}

function describe() {
  const sizes = networks.length > 1 ? [] : networks.map(sizeOf);
  document.getElementById("about").textContent = [...sizes, say("works")].join(" ");
  const language = document.getElementById("language");
  language.textContent = say("otherLanguage");
  language.lang = otherLanguage();
  const compare = document.getElementById("compare");
  compare.hidden = networks.length > 1;
  compare.textContent = say("compare");
  compare.setAttribute("aria-pressed", String(panels.length > 1));
}

function redraw() {
  readColours();
  for (const panel of panels) panel.redraw();
}

function textsTyped() {
  return Array.from(new Set(panels.map(({ field }) => field)), ({ value }) => value);
}

document.getElementById("language").addEventListener("click", () => {
  setLanguage(otherLanguage());
  build(textsTyped());
});
document.getElementById("compare").addEventListener("click", () => {
  const [first] = textsTyped();
  build(panels.length > 1 ? [first] : [first, first]);
  panels.at(-1).field.focus();
});
for (const query of ["print", "(prefers-color-scheme: dark)"]) {
  matchMedia(query).addEventListener("change", redraw);
}
addEventListener("resize", redraw);

setLanguage(navigator.language.startsWith("zh") ? "zh" : "en");
readColours();
document.querySelector(".tools").hidden = false; // Without scripts they would do nothing.
build([networks[0].example]);
// For the console: every number of any string, in either network.
globalThis.nlptrain = {
  explain: (text, number = 0) => computeExplanation(withMemory(networks[number]), text),
  panels: () => panels,
};
