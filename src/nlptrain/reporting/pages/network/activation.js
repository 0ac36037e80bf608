// A function of each number.

const ACTIVATIONS = { sigmoid, tanh: Math.tanh, relu: (x) => Math.max(x, 0) };

function activate(x, arrays, { kind }) {
  return mapNumbers(x, ACTIVATIONS[kind]);
}
