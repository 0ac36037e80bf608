// What is shown of each step, as functions of an explanation: its title, its sentences, the names
// of its formulas, a grid of numbers as colours, and the same numbers as a table.

const MOST_TABLE_ROWS = 200;
const MOST_TABLE_COLUMNS = 128;

function listViews(network) {
  return [
    readView(network),
    ...network.steps.flatMap((step) => viewsOf(step, network)),
    ...(network.members.length > 1 ? [membersView(network)] : []),
    probabilityView(network),
    classView(network),
  ];
}

function viewsOf(step, network) {
  const { kind, settings, name } = step;
  const own = (explanation) => explanation.outputs[name];
  if (["pooling", "dropout", "part"].includes(kind)) return [];
  if (kind === "average") return [averageView(step, network)];
  if (kind === "linear" && network.headEnds.includes(name)) return [logitView(step, network)];
  if (kind === "several") return settings.parts.map((part, place) => readoutView(step, network, part, place));
  if (kind in READOUTS) return [readoutView(step, network, { kind, settings }, 0)];
  const sentences = (explanation) => describeLayer(step, explanation, network);
  const shared = { title: titleOf(step, network, own), sentences, formulas: formulasOf(step) };
  if (step.perPosition) {
    return [{ ...shared, ...positionsOf(step, network, own) }];
  }
  return [{ ...shared, ...rowsOf((explanation) => [["", own(explanation).data]]) }];
}

function formulasOf({ kind, settings }) {
  if (kind === "rnn") return [settings.cell];
  if (kind === "normalization" || kind === "activation") return [settings.kind];
  if (kind === "ngrams") return [settings.combine === "mean" ? "mean_of_ngrams" : settings.combine];
  return kind === "join" ? [] : [kind];
}

// The title with the branch or head that a step belongs to, and the shape of its output.
function titleOf(step, network, matrixOf) {
  const { kind } = step.settings;
  return (explanation) => {
    const { rows, columns } = matrixOf(explanation);
    return `${placeOf(step, network)}${say(`${step.kind}Title`, { kind })} (${count(rows)} × ${count(columns)})`;
  };
}

function placeOf(step, network) {
  const [group, number] = step.name.split(".");
  if (group === "branches") return say("branch", { number: Number(number) + 1 });
  if (network.headEnds.length === 1 || !["head", "heads"].includes(group)) return "";
  return say("headOf", { name: headName(step.name) });
}

function headName(name) {
  const [group, number] = name.split(".");
  return group === "head" ? say("allBranches") : say("branchName", { number: Number(number) + 1 });
}

function describeLayer({ kind, settings, name }, explanation, network) {
  switch (kind) {
    case "rnn": {
      const { num_layers: layers, bidirectional, hidden_size: size } = settings;
      return [
        say("rnnText"),
        ...(layers > 1 ? [say("rnnLayers", { count: layers })] : []),
        ...(bidirectional ? [say("rnnBoth", { size })] : []),
      ];
    }
    case "cnn":
      return [say("cnnText", { sizes: settings.kernel_sizes.join(", ") })];
    case "normalization":
      return [say(`${settings.kind}Text`)];
    case "activation":
      return [say("activationText", { kind: settings.kind })];
    case "ngrams":
      return [say("ngramsText", { sizes: settings.sizes.join(", ") }), describeNGrams(name, explanation, network)];
    default:
      return [say(`${kind}Text`)];
  }
}

function describeNGrams(name, { ids, characters }, network) {
  const place = network.steps.findIndex((step) => step.name === name);
  const { settings } = network.steps[place];
  const found = listNGrams(ids, network.members[0][place], settings, network.memories[0][place]);
  const known = found.filter(({ row }) => row >= 0);
  const marks = Number(settings.boundaries) + Number(network.text.boundaries);
  const marked = [..."⟨".repeat(marks), ...characters.map(showCharacter), ..."⟩".repeat(marks)];
  const names = known.slice(0, 30).map(({ start, size }) => marked.slice(start, start + size).join(""));
  const more = known.length > names.length ? " …" : "";
  return say("ngramsKnown", { known: known.length, count: found.length, names: names.join(" · ") + more });
}

// A grid with the positions across, and a table with the positions down.
function positionsOf(step, network, matrixOf) {
  const encoder = encoderOf(step, network);
  const units = (matrix) => Array.from({ length: matrix.columns }, (_, unit) => String(unit + 1));
  return {
    grid(explanation) {
      const matrix = matrixOf(explanation);
      const names = nameWindows(explanation, encoder, matrix.rows);
      return {
        across: true,
        columns: names.map(({ short }) => short),
        rows: units(matrix),
        value: (column, row) => matrix.data[column * matrix.columns + row],
        describe: (column, row, value) =>
          say("place", { unit: row + 1, position: column + 1, name: names[column].long, value }),
      };
    },
    numbers(explanation) {
      const matrix = matrixOf(explanation);
      const names = nameWindows(explanation, encoder, matrix.rows);
      return {
        header: ["", ...units(matrix)],
        rows: names.map(({ long }, row) => [`${row + 1} ${long}`, rowOf(matrix, row)]),
      };
    },
  };
}

// A grid and a table of named rows of numbers.
function rowsOf(list, header = null) {
  const namesOf = (rows) => header?.() ?? Array.from(rows[0][1], (_, place) => String(place + 1));
  return {
    grid(explanation) {
      const rows = list(explanation);
      return {
        across: false,
        columns: namesOf(rows),
        rows: rows.map(([name]) => name),
        value: (column, row) => rows[row][1][column],
        describe: (column, row, value) =>
          say("entry", { unit: namesOf(rows)[column], name: rows[row][0] || "y", value }),
      };
    },
    numbers(explanation) {
      const rows = list(explanation);
      return { header: ["", ...namesOf(rows)], rows };
    },
  };
}

// The encoder whose positions a step has.
function encoderOf(step, network) {
  let found = step;
  while (!["rnn", "cnn", "pooling", "embedding"].includes(found.kind)) {
    found = network.steps.find(({ name }) => name === found.reads[0]);
  }
  return found;
}

// What the network reads at each place: a short name for a column, a long one for a sentence.
function nameTokens({ characters, unknown }, hasMarks) {
  const inside = characters.map((character, place) => {
    const shown = showCharacter(character);
    return unknown[place] ? { short: "�", long: "[unk]" } : { short: shown, long: shown };
  });
  if (!hasMarks) return inside;
  return [{ short: "⟨", long: "[begin]" }, ...inside, { short: "⟩", long: "[end]" }];
}

// The same for the windows of a convolution: its middle character, and all of them.
function nameWindows(explanation, encoder, rows) {
  const tokens = nameTokens(explanation, explanation.ids.length > explanation.characters.length);
  if (encoder.kind !== "cnn") return tokens;
  const { settings } = encoder;
  const widest = Math.max(...settings.kernel_sizes);
  const outside = { short: "·", long: "·" };
  return Array.from({ length: rows }, (_, row) => {
    const start = windowStart(row, widest, settings);
    const seen = Array.from({ length: widest }, (_, tap) => tokens[start + tap * settings.dilation] ?? outside);
    return {
      short: seen[Math.floor((widest - 1) / 2)].short,
      long: seen.map(({ long }) => long).join(""),
    };
  });
}
