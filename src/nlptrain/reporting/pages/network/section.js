// A step on the page: its heading, sentences, formulas, colours, and its numbers when opened.

class Section {
  constructor(view, number) {
    this.view = view;
    this.number = number;
    [this.isOnScreen, this.isStale] = [true, false];
    this.heading = make("h2", {});
    this.sentences = make("div", {});
    this.details = this.makeDetails();
    this.above = view.above ? new HeatMap() : null;
    this.map = view.grid ? new HeatMap() : null;
    this.bars = make("div", { class: "bars" });
    this.element = make(
      "section", {}, this.heading, this.sentences, ...this.makeFormulas(),
      ...[this.above, this.map].filter(Boolean).map((map) => map.element),
      ...(view.bars ? [this.bars] : []), ...(this.details ? [this.details] : []),
    );
  }

  makeFormulas() {
    return this.view.formulas.map((name) => {
      const template = document.getElementById(`formula-${name}`);
      return make("p", { class: "formula" }, template.content.cloneNode(true));
    });
  }

  makeDetails() {
    if (!this.view.numbers) return null;
    const attributes = { open: this.view.isOpen ?? false, ontoggle: () => this.fillDetails() };
    [this.table, this.remark] = [makeTable(), make("div", { class: "remark" })];
    return make("details", attributes, make("summary", {}, say("numbers")), this.table, this.remark);
  }

  // Takes what to show next. The width is that of the panel, measured once for all of its sections.
  take(explanation, network, width) {
    [this.explanation, this.network, this.width] = [explanation, network, width];
    this.isStale = true;
  }

  // Words change everywhere: they can be read aloud and searched. Colours are drawn where they can
  // be seen, as the browser has to paint each of them anew; elsewhere the section stays stale.
  show(isDrawn = this.isOnScreen) {
    const { explanation, network } = this;
    setText(this.heading, `${this.number}. ${this.view.title(explanation)}`);
    setParagraphs(this.sentences, this.view.sentences(explanation));
    if (this.view.bars) fillBars(this.bars, explanation, network);
    this.fillDetails();
    if (isDrawn) this.draw();
    this.isStale = !isDrawn;
  }

  draw() {
    this.showMap(this.above, this.view.above);
    this.showMap(this.map, this.view.grid);
  }

  showMap(map, gridOf) {
    if (!map) return;
    const grid = gridOf(this.explanation);
    map.canvas.setAttribute("aria-label", this.heading.textContent);
    map.show({ ...grid, caption: (scale, shown) => describeScale(scale, shown, grid) }, this.width);
  }

  // The table is filled only where it can be seen.
  fillDetails() {
    if (!this.details?.open || !this.explanation) return;
    const { header, rows } = this.view.numbers(this.explanation);
    const [shownRows, shownColumns] = [MOST_TABLE_ROWS, MOST_TABLE_COLUMNS];
    const cells = (numbers) =>
      Array.from(numbers.slice(0, shownColumns), (each) => (typeof each === "string" ? each : formatNumber(each)));
    fillTable(
      this.table,
      header.slice(0, shownColumns + 1),
      rows.slice(0, shownRows).map(([name, numbers]) => [name, ...cells(numbers)]),
    );
    const values = {
      rows: Math.min(rows.length, shownRows), allRows: count(rows.length),
      columns: Math.min(header.length - 1, shownColumns), allColumns: count(header.length - 1),
    };
    const isCut = rows.length > shownRows || header.length - 1 > shownColumns;
    setParagraphs(this.remark, isCut ? [say("numbersPart", values)] : []);
  }
}

// Tells sections whether they are on the screen; one that comes there is shown as it should be.
function watchSections(sections) {
  const owners = new Map(sections.map((section) => [section.element, section]));
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const section = owners.get(target);
      section.isOnScreen = isIntersecting;
      if (isIntersecting && section.isStale) section.show();
    }
  });
  for (const element of owners.keys()) observer.observe(element);
}

function describeScale(scale, shown, grid) {
  return [
    say("scale", { scale: formatNumber(scale) }),
    ...(grid.across ? [say("choose")] : []),
    ...(shown ? [say("part", { columns: shown[0], rows: shown[1] })] : []),
  ].join(" ");
}

// The most likely classes, each with its probability as a bar.
function fillBars(element, { probabilities }, { labels }, most = 10) {
  const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a]).slice(0, most);
  const bars = setChildren(element, order.length, makeBar);
  order.forEach((place, row) => {
    const [name, track, value] = bars[row].children;
    setText(name, showText(labels[place]));
    track.firstElementChild.style.width = `${100 * probabilities[place]}%`;
    setText(value, formatProbability(probabilities[place]));
  });
}

function makeBar() {
  return make("div", { class: "class" },
    make("span", { class: "name" }),
    make("span", { class: "track" }, make("span", { class: "share" })),
    make("span", { class: "value" }));
}
