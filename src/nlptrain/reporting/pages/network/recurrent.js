// Embeddings → hidden states: one or several layers, in one direction or both.

function runRecurrent(x, arrays, { cell, hidden_size: size, num_layers: layers, bidirectional }) {
  for (let layer = 0; layer < layers; layer++) {
    const directions = bidirectional ? ["", "_reverse"] : [""];
    const states = directions.map((ending) => {
      const name = (start) => arrays[`${start}_l${layer}${ending}`];
      const projected = multiply(x, name("weight_ih"), name("bias_ih"));
      return runCell(cell, projected, name("weight_hh"), name("bias_hh"), size, ending !== "");
    });
    x = concatenate(states);
  }
  return x;
}
