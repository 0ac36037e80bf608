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

const NO_RUN = { projected: makeMatrix(0, 0) };

// Runs a cell over all positions from a state of zeros; backward reads the last position first. As
// long as it reads what the last run read, its states are the same.
function runCell(kind, projected, weight, bias, size, backward, last) {
  const { rows } = projected;
  const run = { projected, states: makeMatrix(rows, size), cells: makeMatrix(rows, size) };
  const recurrent = new Float64Array(GATES[kind] * size);
  let [hidden, cell] = [new Float64Array(size), new Float64Array(size)];
  let isSame = true;
  for (let count = 0; count < rows; count++) {
    const place = backward ? rows - 1 - count : count;
    const lastPlace = backward ? last.projected.rows - 1 - count : count;
    const [next, nextCell] = [rowOf(run.states, place), rowOf(run.cells, place)];
    isSame &&= isSameRow(projected, place, last.projected, lastPlace);
    if (isSame) {
      copyRow(last.states, lastPlace, run.states, place);
      copyRow(last.cells, lastPlace, run.cells, place);
    } else {
      recurrent.set(bias);
      addProduct(recurrent, hidden, weight);
      nextCell.set(cell);
      CELLS[kind](rowOf(projected, place), recurrent, next, hidden, nextCell);
    }
    [hidden, cell] = [next, nextCell];
  }
  return run;
}
