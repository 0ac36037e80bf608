// Embeddings → hidden states: one or several layers, in one direction or both.

function runRecurrent(x, arrays, { cell, hidden_size: size, num_layers: layers, bidirectional }, memory) {
  for (let layer = 0; layer < layers; layer++) {
    const directions = bidirectional ? ["", "_reverse"] : [""];
    const states = directions.map((ending) => {
      const key = `_l${layer}${ending}`;
      const name = (start) => arrays[start + key];
      const last = memory[key] ?? { projection: NOTHING, run: NO_RUN };
      const projected = multiply(x, name("weight_ih"), name("bias_ih"), last.projection);
      const run = runCell(cell, projected, name("weight_hh"), name("bias_hh"), size, ending !== "", last.run);
      memory[key] = { projection: { x, y: projected }, run };
      return run.states;
    });
    x = concatenate(states);
  }
  return x;
}
