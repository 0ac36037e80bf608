// Views of what is before the first layer, of readouts, and of what comes behind the string's vector.

function readView({ text }) {
  const size = count(text.numbers.size + 2 + (text.boundaries ? 2 : 0));
  return {
    title: ({ ids }) => `${say("readTitle")} (${count(ids.length)})`,
    sentences: () => [say("readText", { size }), ...(text.boundaries ? [say("marksText")] : [])],
    formulas: [],
    numbers(explanation) {
      const tokens = nameTokens(explanation, text.boundaries);
      return {
        header: ["", ...tokens.map((_, place) => String(place + 1))],
        rows: [
          [say("readAs"), tokens.map(({ long }) => long)],
          [say("id"), explanation.ids.map(String)],
        ],
      };
    },
    isOpen: true,
  };
}

// One readout; of several at once, the one at `place`, whose numbers are its part of the vector.
function readoutView(step, network, { kind, settings }, place) {
  const source = step.reads[0];
  const sourceStep = network.steps.find(({ name }) => name === source);
  const arrays = () => {
    const own = network.members[0][network.steps.indexOf(step)];
    return step.kind === "several" ? arraysBelow(own, `${kind}.`) : own;
  };
  const vectorOf = ({ outputs }) => {
    const size = outputs[source].columns;
    return outputs[step.name].data.subarray(place * size, (place + 1) * size);
  };
  const rows = rowsOf((explanation) => {
    const x = explanation.outputs[source];
    const origins = kind === "max" && x.rows
      ? [[say("fromPosition"), originsOfMaximum(x).map((row) => String(row + 1))]] : [];
    return [[kind, vectorOf(explanation)], ...origins];
  });
  const shown = kind === "attention" && attentionGrid(sourceStep, network, arrays);
  return {
    title: (explanation) =>
      `${placeOf(step, network)}${say(`${kind}Title`)} (1 × ${count(vectorOf(explanation).length)})`,
    sentences({ outputs }) {
      if (!outputs[source].rows) return [say("nothing")];
      return [say(settings.reverse_from ? `${kind}BothText` : `${kind}Text`)];
    },
    formulas: [settings.reverse_from ? "last_of_both" : kind],
    grid: (explanation) => {
      const grid = rows.grid(explanation);
      return { ...grid, rows: grid.rows.slice(0, 1) };
    },
    above: shown || null,
    numbers: rows.numbers,
  };
}

function attentionGrid(sourceStep, network, arrays) {
  const encoder = encoderOf(sourceStep, network);
  return ({ outputs, ...explanation }) => {
    const x = outputs[sourceStep.name];
    const shares = attentionShares(x, arrays());
    const names = nameWindows(explanation, encoder, x.rows);
    return {
      across: true,
      columns: names.map(({ short }) => short),
      rows: x.rows ? [say("share")] : [],
      value: (column) => shares[column],
      describe: (column, _, value) =>
        say("place", { unit: say("share"), position: column + 1, name: names[column].long, value }),
    };
  };
}

// w·x + b of the only logit, or of the predicted class's.
function logitView(step, network) {
  const isSingle = step.outputSize === 1;
  const { weight, bias } = network.members[0][network.steps.indexOf(step)];
  const vectorOf = ({ outputs }) => outputs[step.reads[0]].data;
  const rowOfClass = ({ classIndex }) => (isSingle ? 0 : classIndex);
  const weightsOf = (explanation) => {
    const begin = rowOfClass(explanation) * step.inputSize;
    return weight.subarray(begin, begin + step.inputSize);
  };
  const productsOf = (explanation) => {
    const weights = weightsOf(explanation);
    return vectorOf(explanation).map((number, place) => number * weights[place]);
  };
  return {
    title: () =>
      placeOf(step, network) + (isSingle ? say("logitTitle") : say("logitsTitle", { count: step.outputSize })),
    sentences(explanation) {
      const row = rowOfClass(explanation);
      const product = productsOf(explanation).reduce((sum, each) => sum + each, 0);
      const values = {
        product: formatNumber(product),
        sign: bias[row] < 0 ? "−" : "+",
        bias: formatNumber(Math.abs(bias[row])),
        logit: formatNumber(explanation.outputs[step.name].data[row]),
      };
      const label = showText(isSingle ? network.labels[1] : explanation.label);
      return [say(isSingle ? "logitText" : "logitsText", { label }), say("product", values)];
    },
    formulas: ["logit"],
    ...rowsOf((explanation) => [
      ["x", vectorOf(explanation)],
      ["w", weightsOf(explanation)],
      ["w × x", productsOf(explanation)],
    ]),
  };
}

// Logits of several heads or networks, and their mean.
function averageView(step, network) {
  return {
    title: () => say("averageTitle", { count: step.reads.length }),
    sentences: () => [say("averageText")],
    formulas: ["average"],
    ...rowsOf(
      ({ outputs }) => [
        ...step.reads.map((name) => [headName(name), outputs[name].data]),
        [say("mean"), outputs[step.name].data],
      ],
      () => logitNames(network),
    ),
  };
}

function membersView(network) {
  return {
    title: () => say("membersTitle", { count: network.members.length }),
    sentences: () => [say("membersText")],
    formulas: ["average"],
    ...rowsOf(
      ({ memberLogits, logits }) => [
        ...memberLogits.map((each, member) => [say("member", { number: member + 1 }), each]),
        [say("mean"), logits],
      ],
      () => logitNames(network),
    ),
  };
}

function logitNames({ output, labels }) {
  return output === "sigmoid" ? [say("logit")] : labels.map(showText);
}

function probabilityView({ output, labels, temperature }) {
  const isSingle = output === "sigmoid";
  return {
    title: () => say(isSingle ? "sigmoidTitle" : "softmaxTitle"),
    sentences: () => [
      say(isSingle ? "sigmoidText" : "softmaxText", { label: showText(labels[1]) }),
      ...(temperature === 1 ? [] : [say("temperature", { temperature: formatNumber(temperature) })]),
    ],
    formulas: [(isSingle ? "sigmoid_of_" : "softmax_of_") + (temperature === 1 ? "logit" : "calibrated")],
    bars: true,
  };
}

function classView({ output, labels, threshold }) {
  const [negative, positive] = labels.map(showText);
  const rule = () =>
    output === "sigmoid" ? say("thresholdText", { threshold, positive, negative }) : say("mostLikelyText");
  return {
    title: () => say("classTitle"),
    sentences: ({ label, probabilities, classIndex }) => [
      rule(),
      `${formatProbability(probabilities[classIndex])} → ${showText(label)}`,
    ],
    formulas: [],
  };
}
