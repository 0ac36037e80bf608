// The page: its language, one panel or two, and the colours of the screen and of print.

const network = prepareNetwork(JSON.parse(document.getElementById("network").textContent));
const place = document.getElementById("panels");
let panels = [];

function build(texts) {
  panels = texts.map((text, number) => new Panel(network, number ? "second" : "input", text));
  place.replaceChildren(...panels.map(({ element }) => element));
  document.body.classList.toggle("wide", panels.length > 1);
  for (const panel of panels) panel.update();
  describe();
}

function describe() {
  const { labels, learned } = network;
  const shown = labels.slice(0, 12).map(showText).join(", ") + (labels.length > 12 ? ", …" : "");
  const sentences = [
    say("size", { layers: network.steps.length, parameters: count(learned), labels: shown }),
    ...(network.members.length > 1 ? [say("members", { count: network.members.length })] : []),
    say("works"),
  ];
  document.getElementById("about").textContent = sentences.join(" ");
  const language = document.getElementById("language");
  language.textContent = say("otherLanguage");
  language.lang = otherLanguage();
  const compare = document.getElementById("compare");
  compare.textContent = say("compare");
  compare.setAttribute("aria-pressed", String(panels.length > 1));
}

function redraw() {
  readColours();
  for (const panel of panels) panel.redraw();
}

document.getElementById("language").addEventListener("click", () => {
  setLanguage(otherLanguage());
  build(panels.map(({ field }) => field.value));
});
document.getElementById("compare").addEventListener("click", () => {
  const [first] = panels.map(({ field }) => field.value);
  build(panels.length > 1 ? [first] : [first, first]);
  panels.at(-1).field.focus();
});
for (const query of ["print", "(prefers-color-scheme: dark)"]) {
  matchMedia(query).addEventListener("change", redraw);
}
addEventListener("resize", redraw);

setLanguage(navigator.language.startsWith("zh") ? "zh" : "en");
readColours();
build([network.example]);
// For the console: every number of any string.
globalThis.nlptrain = { explain: (text) => computeExplanation(network, text), panels: () => panels };
