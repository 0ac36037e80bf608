// The whole network: the steps in their order, as the page's data lists them.

const LAYERS = {
  embedding: embed,
  pooling: (x) => x,
  rnn: runRecurrent,
  cnn: convolve,
  ngrams: poolNGrams,
  normalization: normalizeFeatures,
  activation: activate,
  mean: (x, arrays, settings) => readOut(x, arrays, settings, "mean"),
  max: (x, arrays, settings) => readOut(x, arrays, settings, "max"),
  last: (x, arrays, settings) => readOut(x, arrays, settings, "last"),
  attention: (x, arrays, settings) => readOut(x, arrays, settings, "attention"),
  several: readOutSeveral,
  join: concatenate,
  dropout: (x) => x, // It drops nothing outside of training.
  linear: applyLinear,
  part: takePart,
  average,
};

// Prepares the page's data for computing: the arrays of each member, by step.
function prepareNetwork(data) {
  const arrays = decodeArrays(data.arrays);
  const members = Array.from({ length: data.members }, (_, member) =>
    data.steps.map(({ name }) => {
      const own = arraysBelow(arrays, `${name}.`);
      if (data.members === 1) return own;
      const part = (array) => array.subarray(
        (member * array.length) / data.members, ((member + 1) * array.length) / data.members,
      );
      return Object.fromEntries(Object.entries(own).map(([key, array]) => [key, part(array)]));
    }),
  );
  const text = { ...data.text, numbers: numberCharacters(data.text.characters) };
  return { ...data, text, members };
}

// The same network with a memory of its own: what each layer of each member keeps of the string
// before. Strings that are typed side by side share none. An explanation's matrices are overwritten
// when the string after the next is read.
function withMemory(network) {
  const memories = network.members.map((steps) => steps.map(() => ({})));
  return { ...network, memories, arena: new Arena() };
}

// Runs one member; returns each step's output, by name.
function runSteps(network, ids, member) {
  const outputs = {};
  network.steps.forEach((step, place) => {
    const inputs = step.reads.map((name) => outputs[name]);
    const x = inputs.length > 1 ? inputs : inputs.length ? inputs[0] : ids;
    const own = network.members[member][place];
    outputs[step.name] = LAYERS[step.kind](x, own, step.settings, network.memories[member][place]);
  });
  return outputs;
}

// Reads a string with every member; returns each one's outputs, and its logits.
function runMembers(network, ids) {
  network.arena.begin();
  const last = network.steps.at(-1).name;
  const runs = network.members.map((_, member) => runSteps(network, ids, member));
  return { runs, memberLogits: runs.map((outputs) => outputs[last]) };
}

// Everything between a string and its class; the outputs are those of the first member.
function computeExplanation(network, text) {
  const read = readText(text, network.text);
  const { runs, memberLogits } = runMembers(network, read.ids);
  const logits = average(memberLogits).data;
  const probabilities = toProbabilities(logits, network.temperature);
  const classIndex = chooseClass(probabilities, network.threshold, logits.length === 1);
  return {
    text,
    ...read,
    outputs: runs[0],
    memberLogits: memberLogits.map((each) => each.data),
    logits,
    probabilities,
    classIndex,
    label: network.labels[classIndex],
    classLogit: logitOfClass(logits, classIndex),
  };
}

// With one logit z, class 1 has the logit z and class 0 has −z.
function logitOfClass(logits, classIndex) {
  if (logits.length > 1) return logits[classIndex];
  return classIndex === 1 ? logits[0] : -logits[0];
}

// How far the class's logit falls when the string is read without each character in turn; yields
// them one by one, so that a long string can be interrupted.
function* contributions(network, explanation) {
  const { ids, characters, classIndex, classLogit } = explanation;
  const first = network.text.boundaries ? 1 : 0;
  for (let place = first; place < first + characters.length; place++) {
    const { memberLogits } = runMembers(network, ids.filter((_, at) => at !== place));
    yield classLogit - logitOfClass(average(memberLogits).data, classIndex);
  }
}
