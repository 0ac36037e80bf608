// A grid of numbers as colours. One column or row can be looked at closely: by a click, or with
// the arrow keys; its numbers stand below as bars and words.

const LABEL_HEIGHT = 20;
const COURSE_HEIGHT = 64;
const MOST_COLUMNS = 400;
const MOST_ROWS = 256;

// `describe(column, row, value)` says in words what is at a place; `across` tells whether the
// columns are places along the string, so that a row has a course.
class HeatMap {
  constructor() {
    this.canvas = make("canvas", { tabindex: "0", role: "img" });
    this.cells = make("canvas");
    this.course = make("canvas", { "aria-hidden": "true", hidden: "" });
    this.words = make("p", { class: "line", role: "status" });
    this.caption = make("figcaption", {});
    const scroll = make("div", { class: "scroll" }, this.canvas, this.course);
    this.element = make("figure", { class: "map" }, scroll, this.caption, this.words);
    this.chosen = null;
    this.canvas.addEventListener("click", (event) => this.chooseAt(event));
    this.canvas.addEventListener("keydown", (event) => this.move(event));
  }

  // Shows a grid: {columns, rows: names; value(column, row); describe; caption(scale); across}.
  show(grid, width) {
    this.width = width;
    const columns = grid.columns.slice(0, MOST_COLUMNS);
    const rows = grid.rows.slice(0, MOST_ROWS);
    this.grid = { ...grid, columns, rows };
    const numbers = new Float64Array(rows.length * columns.length);
    for (let row = 0, at = 0; row < rows.length; row++) {
      for (let column = 0; column < columns.length; column++, at++) numbers[at] = grid.value(column, row);
    }
    this.numbers = numbers;
    this.scale = scaleOf(numbers);
    const isCut = columns.length < grid.columns.length || rows.length < grid.rows.length;
    setText(this.caption, grid.caption(this.scale, isCut ? [columns.length, rows.length] : null));
    this.element.hidden = numbers.length === 0;
    this.draw();
  }

  draw() {
    if (this.element.hidden) return;
    const { columns, rows } = this.grid;
    this.left = this.measureNames();
    this.cellWidth = Math.min(22, Math.max(7, Math.floor((this.width - this.left) / columns.length)));
    this.cellHeight = rows.length <= 4 ? 22 : rows.length <= 16 ? 14 : rows.length <= 64 ? 8 : 4;
    this.top = this.grid.across ? LABEL_HEIGHT : 0;
    const pen = this.prepare(this.canvas, this.top + rows.length * this.cellHeight);
    this.drawNames(pen);
    this.drawCells(pen);
    this.drawChosen(pen);
  }

  prepare(canvas, height) {
    const ratio = globalThis.devicePixelRatio || 1;
    const width = this.left + this.grid.columns.length * this.cellWidth + 1;
    const size = [Math.round(width * ratio), Math.round((height + 1) * ratio)];
    // Another size makes the browser lay the page out anew.
    if (canvas.width !== size[0] || canvas.height !== size[1]) {
      [canvas.width, canvas.height] = size;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height + 1}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.font = "13px ui-monospace, monospace";
    pen.textBaseline = "middle";
    return pen;
  }

  measureNames() {
    if (this.grid.across) return 0;
    const longest = Math.max(...this.grid.rows.map((name) => name.length));
    return longest ? longest * 8 + 8 : 0;
  }

  drawNames(pen) {
    pen.fillStyle = COLOURS.faint.css;
    if (this.grid.across) {
      pen.textAlign = "center";
      this.grid.columns.forEach((name, column) =>
        pen.fillText(name, (column + 0.5) * this.cellWidth, LABEL_HEIGHT / 2, this.cellWidth * 1.2));
    } else {
      pen.textAlign = "left";
      this.grid.rows.forEach((name, row) => pen.fillText(name, 0, (row + 0.5) * this.cellHeight));
    }
  }

  valueAt(column, row) {
    return this.numbers[row * this.grid.columns.length + column];
  }

  // As an image with a pixel for each number, enlarged: much faster than as many rectangles.
  drawCells(pen) {
    const [columns, rows] = [this.grid.columns.length, this.grid.rows.length];
    const image = new ImageData(columns, rows);
    paint(image, this.numbers, this.scale);
    // Another size makes a new canvas of it.
    if (this.cells.width !== columns || this.cells.height !== rows) {
      [this.cells.width, this.cells.height] = [columns, rows];
    }
    this.cells.getContext("2d").putImageData(image, 0, 0);
    pen.imageSmoothingEnabled = false;
    const [width, height] = [columns * this.cellWidth, rows * this.cellHeight];
    pen.drawImage(this.cells, this.left, this.top, width, height);
    this.drawLines(pen, width, height);
    // Zeros have the paper's colour: a frame says where they are.
    pen.strokeStyle = COLOURS.rule.css;
    pen.strokeRect(this.left + 0.5, this.top + 0.5, width, height);
  }

  // Between cells that are large enough.
  drawLines(pen, width, height) {
    if (this.cellWidth < 9 || this.cellHeight < 12) return;
    const [columns, rows] = [this.grid.columns.length, this.grid.rows.length];
    pen.fillStyle = COLOURS.paper.css;
    for (let column = 1; column <= columns; column++) {
      pen.fillRect(this.left + column * this.cellWidth - 1, this.top, 1, height);
    }
    for (let row = 1; row <= rows; row++) {
      pen.fillRect(this.left, this.top + row * this.cellHeight - 1, width, 1);
    }
  }

  drawChosen(pen) {
    const isThere = this.chosen && this.chosen.column < this.grid.columns.length
      && this.chosen.row < this.grid.rows.length;
    this.course.hidden = !isThere || !this.grid.across;
    setText(this.words, isThere ? this.describeChosen() : "");
    if (!isThere) return;
    const { column, row } = this.chosen;
    pen.strokeStyle = COLOURS.ink.css;
    if (this.grid.across) {
      pen.strokeRect(0.5, this.top + row * this.cellHeight - 0.5,
        this.grid.columns.length * this.cellWidth - 1, this.cellHeight);
    }
    pen.strokeRect(this.left + column * this.cellWidth - 0.5, this.top + row * this.cellHeight - 0.5,
      this.cellWidth, this.cellHeight);
    if (this.grid.across) this.drawCourse(row, column);
  }

  describeChosen() {
    const { column, row } = this.chosen;
    return this.grid.describe(column, row, formatNumber(this.valueAt(column, row)));
  }

  // One row's numbers along the string, as bars from zero.
  drawCourse(row, chosen) {
    const pen = this.prepare(this.course, COURSE_HEIGHT);
    const middle = COURSE_HEIGHT / 2;
    this.grid.columns.forEach((_, column) => {
      const value = this.valueAt(column, row);
      const height = (Math.min(Math.abs(value) / this.scale, 1) || 0) * middle;
      pen.fillStyle = (value > 0 ? COLOURS.for : COLOURS.against).css;
      pen.globalAlpha = column === chosen ? 1 : 0.65;
      pen.fillRect(column * this.cellWidth, value > 0 ? middle - height : middle,
        this.cellWidth - 1, height);
    });
    pen.globalAlpha = 1;
    pen.fillStyle = COLOURS.rule.css;
    pen.fillRect(0, middle, this.grid.columns.length * this.cellWidth, 1);
  }

  choose(column, row) {
    const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
    this.chosen = {
      column: within(column, this.grid.columns.length),
      row: within(row, this.grid.rows.length),
    };
    this.draw();
  }

  chooseAt(event) {
    const column = Math.floor((event.offsetX - this.left) / this.cellWidth);
    this.choose(column, Math.floor((event.offsetY - this.top) / this.cellHeight));
  }

  move(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "Escape") {
      this.chosen = null;
      this.draw();
    } else if (ways[event.key]) {
      event.preventDefault();
      const [right, down] = this.chosen ? ways[event.key] : [0, 0];
      this.choose((this.chosen?.column ?? 0) + right, (this.chosen?.row ?? 0) + down);
    }
  }
}
