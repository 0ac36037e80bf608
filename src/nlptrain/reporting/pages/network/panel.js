// One string in one network: its class, which characters mattered, and all steps.

const KEY = 4; // Milliseconds of work at a key, before the page is painted.
const SLICE = 4; // Milliseconds of work between two looks at the keyboard.

class Panel {
  // `field` is where the string is typed, `top` stands above all, `tell` is called when it is known
  // which characters mattered.
  constructor(network, field, top, tell = () => {}) {
    // What is read as typed remembers the string before, what is read with a character left out
    // the one with another left out.
    [this.network, this.reader] = [withMemory(network), withMemory(network)];
    [this.field, this.tell] = [field, tell];
    this.sections = listViews(this.network).map((view, place) => new Section(view, place + 1));
    [this.label, this.probability] = [make("strong"), make("span")];
    this.answer = make("p", { class: "answer", role: "status" }, this.label, this.probability);
    this.bars = make("div", { class: "bars" });
    this.notes = make("div", { class: "remark" });
    this.matteredText = make("p", {});
    this.string = new ColouredString((place) => this.look(place));
    this.strongest = make("p", { class: "line", role: "status" });
    this.element = make("article", {},
      ...top, this.answer, this.bars, this.notes,
      make("section", {}, make("h2", {}, say("mattered")), this.matteredText, this.string.element, this.strongest),
      ...this.sections.map(({ element }) => element));
    watchSections(this.sections);
  }

  // What is on the screen changes at once; what else there is, and what takes longer than `end`,
  // follows in slices, so that typing goes on meanwhile.
  update(end = performance.now() + KEY) {
    clearTimeout(this.waiting);
    const began = performance.now();
    this.explanation = computeExplanation(this.network, this.field.value);
    // To read the string without one of its characters may take as long again.
    end -= performance.now() - began;
    this.showAnswer();
    for (const section of this.sections) section.take(this.explanation, this.network, this.width);
    for (const section of this.sections) if (section.isOnScreen) section.show();
    const mattering = this.attribute();
    if (!advance(mattering, end)) this.showMattering();
    this.goOn([showRest(this.sections), mattering], end);
  }

  goOn(works, end = performance.now() + SLICE) {
    this.isBusy = !works.every((work) => advance(work, end));
    if (this.isBusy) this.waiting = setTimeout(() => this.goOn(works));
  }

  // Asked for once, as the browser has to lay out the page for it.
  measure() {
    this.width = this.element.clientWidth;
  }

  showAnswer() {
    const { label, probabilities, classIndex } = this.explanation;
    setText(this.label, showText(label));
    setText(this.probability, ` ${formatProbability(probabilities[classIndex])}`);
    fillBars(this.bars, this.explanation, this.network, 5);
    setParagraphs(this.notes, this.listNotes());
  }

  listNotes() {
    const { text, characters, unknown, lengthBeforeCut } = this.explanation;
    const read = characters.join("");
    const strangers = unknown.filter(Boolean).length;
    return [
      ...(characters.length ? [] : [say("empty")]),
      ...(text.startsWith(read) ? [] : [say("normalized", { text: showText(read) })]),
      ...(lengthBeforeCut > characters.length
        ? [say("cut", { read: count(characters.length), cut: count(lengthBeforeCut - characters.length) })] : []),
      ...(strangers ? [say("unknown", { count: count(strangers) })] : []),
    ];
  }

  // Leaves each character out in turn.
  * attribute() {
    const { explanation } = this;
    const values = [];
    for (const value of contributions(this.reader, explanation)) {
      values.push(value);
      yield;
    }
    explanation.removed = values;
    this.showMattering();
    this.tell();
  }

  showMattering() {
    const { characters, label, classLogit, removed } = this.explanation;
    this.string.show(characters, removed);
    setText(this.matteredText, characters.length
      ? say("matteredText", { label: showText(label), logit: formatNumber(classLogit) }) : say("empty"));
    if (removed?.length) this.look(placeOfLargest(removed.map(Math.abs)), "strongest");
    else setText(this.strongest, "");
  }

  // Says in words what one character contributes.
  look(place, key = "character") {
    const { removed, characters } = this.explanation;
    if (!removed) return;
    const character = showCharacter(characters[place]);
    setText(this.strongest, say(key, { character, position: place + 1, value: formatSigned(removed[place]) }));
  }

  redraw() {
    this.measure();
    this.showMattering();
    for (const section of this.sections) section.take(this.explanation, this.network, this.width);
    for (const section of this.sections) section.show(true); // Paper shows all of them.
  }
}

// Works until it is done or the time has come; returns whether it is done.
function advance(work, end) {
  while (performance.now() < end) if (work.next().done) return true;
  return false;
}

function* showRest(sections) {
  for (const section of sections) {
    if (section.isStale) section.show();
    yield;
  }
}
