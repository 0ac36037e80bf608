// One string: where it is typed, its class, which characters mattered, and all steps.

const SLICE = 6; // Milliseconds of work between two looks at the keyboard.
const MOST_CHARACTERS = 400;

class Panel {
  constructor(network, key, text) {
    this.network = network;
    this.sections = listViews(network).map((view, place) => new Section(view, place + 1));
    this.field = this.makeField(key, text);
    this.answer = make("p", { class: "answer", role: "status" });
    this.bars = make("div", { class: "bars" });
    this.notes = make("div", { class: "remark" });
    this.matteredText = make("p", {});
    this.string = make("p", { class: "string" });
    this.strongest = make("p", { class: "line", role: "status" });
    this.element = make("article", {},
      make("label", {}, say(key), this.field), this.answer, this.bars, this.notes,
      make("section", {}, make("h2", {}, say("mattered")), this.matteredText, this.string, this.strongest),
      ...this.sections.map(({ element }) => element));
  }

  makeField(key, text) {
    const field = make("textarea", {
      rows: 1, spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off",
      oninput: () => this.update(),
      // A line end is a character too, but hardly ever meant: it takes Shift.
      onkeydown: (event) => {
        if (event.key === "Enter" && !event.shiftKey) event.preventDefault();
      },
    });
    field.value = text;
    return field;
  }

  update() {
    this.explanation = computeExplanation(this.network, this.field.value);
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
    this.showAnswer();
    this.showSections();
    this.attribute();
  }

  showSections() {
    const width = this.element.clientWidth;
    for (const section of this.sections) section.show(this.explanation, this.network, width);
  }

  showAnswer() {
    const { label, probabilities, classIndex } = this.explanation;
    this.answer.replaceChildren(make("strong", {}, showText(label)), ` ${formatProbability(probabilities[classIndex])}`);
    this.bars.replaceChildren(...makeBars(this.explanation, this.network, 5));
    this.notes.replaceChildren(...this.listNotes().map((note) => make("p", {}, note)));
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

  // Leaves each character out in turn, in slices, so that typing goes on meanwhile.
  attribute() {
    const { explanation } = this;
    const values = [];
    const found = contributions(this.network, explanation);
    clearTimeout(this.waiting);
    const work = () => {
      const end = performance.now() + SLICE;
      let next = found.next();
      while (!next.done) {
        values.push(next.value);
        if (performance.now() > end) {
          this.waiting = setTimeout(work);
          return;
        }
        next = found.next();
      }
      explanation.removed = values;
      this.showString(values);
    };
    work();
    if (!explanation.removed) this.showString([]);
  }

  showString(values) {
    const { characters, label, classLogit } = this.explanation;
    const scale = scaleOf(values);
    const shown = characters.slice(0, MOST_CHARACTERS).map((character, place) => {
      const span = make("span", { onclick: () => this.look(place) }, showCharacter(character));
      const strength = values.length ? values[place] / scale : 0;
      shadeElement(span, strength);
      return span;
    });
    this.string.replaceChildren(...shown, ...(characters.length > shown.length ? ["…"] : []));
    this.matteredText.textContent = characters.length
      ? say("matteredText", { label: showText(label), logit: formatNumber(classLogit) }) : say("empty");
    this.strongest.textContent = "";
    if (values.length) this.look(placeOfLargest(values.map(Math.abs)), "strongest");
  }

  // Says in words what one character contributes.
  look(place, key = "character") {
    const values = this.explanation.removed;
    if (!values) return;
    const character = showCharacter(this.explanation.characters[place]);
    this.strongest.textContent = say(key, { character, position: place + 1, value: formatSigned(values[place]) });
  }

  redraw() {
    this.showString(this.explanation.removed ?? []);
    this.showSections();
  }
}
