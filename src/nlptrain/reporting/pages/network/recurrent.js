// Embeddings → hidden states: one or several layers, in one direction or both.

function runRecurrent(x, arrays, { cell, hidden_size: size, num_layers: layers, bidirectional }, memory) {
  for (let layer = 0; layer < layers; layer++) {
    const directions = bidirectional ? ["", "_reverse"] : [""];
    const states = directions.map((ending) => {
      const key = `_l${layer}${ending}`;
      const name = (start) => arrays[start + key];
      const own = (memory[key] ??= { tokens: new Map(), run: NO_RUN });
      const projected = project(x, name("weight_ih"), name("bias_ih"), own.tokens);
      own.run = runCell(cell, projected, name("weight_hh"), name("bias_hh"), size, ending !== "", own.run);
      return own.run.states;
    });
    x = concatenate(states);
  }
  return x;
}

// x W_ihᵀ + b_ih; only the first layer reads embeddings.
function project(x, weight, bias, tokens) {
  if (!x.ids) return multiply(x, weight, bias);
  const y = makeMatrix(x.rows, bias.length);
  const rows = mapTokens(x, tokens, (embedding) => {
    const row = Float64Array.from(bias);
    addProduct(row, embedding, weight);
    return row;
  });
  rows.forEach((row, place) => y.data.set(row, place * y.columns));
  return y;
}
