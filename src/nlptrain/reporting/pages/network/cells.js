// Recurrent cells: from the projected input x_t W_ihᵀ + b_ih at all positions to the hidden
// states. Weights are stacked by gate: GRU reset, update, new; LSTM input, forget, cell, output.

function sigmoid(x) {
  return 1 / (1 + Math.exp(-x));
}

const GATES = { rnn_tanh: 1, rnn_relu: 1, gru: 3, lstm: 4 };

// One position: writes h_t to `next`, given h_{t−1} W_hhᵀ + b_hh in `recurrent`. The LSTM also
// keeps its cells' state c in `cell`.
const CELLS = {
  rnn_tanh(input, recurrent, next) {
    for (let unit = 0; unit < next.length; unit++) next[unit] = Math.tanh(input[unit] + recurrent[unit]);
  },
  rnn_relu(input, recurrent, next) {
    for (let unit = 0; unit < next.length; unit++) next[unit] = Math.max(input[unit] + recurrent[unit], 0);
  },
  gru(input, recurrent, next, hidden) {
    const size = next.length;
    for (let unit = 0; unit < size; unit++) {
      const reset = sigmoid(input[unit] + recurrent[unit]);
      const update = sigmoid(input[size + unit] + recurrent[size + unit]);
      const fresh = Math.tanh(input[2 * size + unit] + reset * recurrent[2 * size + unit]);
      next[unit] = (1 - update) * fresh + update * hidden[unit];
    }
  },
  lstm(input, recurrent, next, hidden, cell) {
    const size = next.length;
    for (let unit = 0; unit < size; unit++) {
      const enter = input[unit] + recurrent[unit];
      const forget = input[size + unit] + recurrent[size + unit];
      const fresh = input[2 * size + unit] + recurrent[2 * size + unit];
      const leave = input[3 * size + unit] + recurrent[3 * size + unit];
      cell[unit] = sigmoid(forget) * cell[unit] + sigmoid(enter) * Math.tanh(fresh);
      next[unit] = sigmoid(leave) * Math.tanh(cell[unit]);
    }
  },
};

// Runs a cell over all positions from a state of zeros; backward reads the last position first.
function runCell(kind, projected, weight, bias, size, backward) {
  const states = makeMatrix(projected.rows, size);
  const recurrent = new Float64Array(GATES[kind] * size);
  const cell = new Float64Array(size);
  let hidden = new Float64Array(size);
  for (let count = 0; count < projected.rows; count++) {
    const place = backward ? projected.rows - 1 - count : count;
    recurrent.set(bias);
    addProduct(recurrent, hidden, weight);
    const next = rowOf(states, place);
    CELLS[kind](rowOf(projected, place), recurrent, next, hidden, cell);
    hidden = next;
  }
  return states;
}
