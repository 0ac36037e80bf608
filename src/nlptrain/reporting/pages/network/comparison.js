// Two networks that read the same string: where they differ.

const MOST_CLASSES = 10;

class Comparison {
  constructor(networks) {
    this.networks = networks;
    this.answer = make("p", { role: "status" });
    this.classes = makeTable();
    this.remark = make("div", { class: "remark" });
    this.strings = networks.map(() => new ColouredString(() => {}));
    this.place = make("p", { class: "line" });
    const lines = this.strings.flatMap(({ element }, number) => [
      make("p", { class: "remark" }, networks[number].name), element,
    ]);
    this.element = make("section", { class: "comparison" },
      make("h2", {}, say("differ")), this.answer, this.classes, this.remark, make("p", {}, say("differText")), ...lines, this.place);
  }

  // Shows what is known of the string in both panels.
  show(panels) {
    const explanations = panels.map(({ explanation }) => explanation);
    // One of them may not have read the string yet.
    if (new Set(explanations.map((explanation) => explanation?.text)).size > 1) return;
    this.showAnswer(explanations);
    this.showClasses(explanations);
    this.strings.forEach((string, number) => string.show(explanations[number].characters, explanations[number].removed));
    setText(this.place, this.findPlace(explanations));
  }

  showAnswer(explanations) {
    const [first, second] = explanations.map(({ label, probabilities, classIndex }, number) => ({
      name: this.networks[number].name,
      label: showText(label),
      probability: formatProbability(probabilities[classIndex]),
    }));
    const isSame = first.label === second.label;
    this.answer.classList.toggle("disagree", !isSame);
    const values = { first: first.name, p: first.probability, label: first.label, second: second.name };
    setText(this.answer, say(isSame ? "bothSay" : "eachSays", { ...values, q: second.probability, other: second.label }));
  }

  // The classes whose probabilities differ most; a class may be known to one network alone.
  showClasses(explanations) {
    const rows = this.listClasses(explanations);
    const show = (value) => (value === undefined ? "–" : formatProbability(value));
    fillTable(
      this.classes,
      [say("class"), ...this.networks.map(({ name }) => name), say("difference")],
      rows.slice(0, MOST_CLASSES).map(({ label, values: [first, second], difference }) => [
        showText(label), show(first), show(second), formatSigned(difference),
      ]),
    );
    const values = { count: MOST_CLASSES, all: count(rows.length) };
    setParagraphs(this.remark, rows.length > MOST_CLASSES ? [say("classesPart", values)] : []);
  }

  listClasses(explanations) {
    const known = this.networks.map(({ labels }, number) =>
      new Map(labels.map((label, place) => [label, explanations[number].probabilities[place]])));
    const rows = [...new Set(known.flatMap((each) => [...each.keys()]))].map((label) => {
      const values = known.map((each) => each.get(label));
      return { label, values, difference: (values[1] ?? 0) - (values[0] ?? 0) };
    });
    return rows.sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference));
  }

  // The character about which they differ most, if they read the same and speak of the same class.
  findPlace([first, second]) {
    const { characters } = first;
    const isSame = first.label === second.label && characters.join("") === second.characters.join("");
    if (!isSame || !characters.length || !first.removed || !second.removed) return "";
    const place = placeOfLargest(first.removed.map((value, at) => Math.abs(value - second.removed[at])));
    return say("mostDifferent", {
      character: showCharacter(characters[place]), position: place + 1,
      p: formatSigned(first.removed[place]), q: formatSigned(second.removed[place]),
    });
  }
}
