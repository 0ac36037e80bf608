// Features at all positions → one vector for the string; zeros where there is no position.

const READOUTS = {
  mean: (x, y) => addWeighted(x, y, new Float64Array(x.rows).fill(1 / x.rows)),
  max(x, y) {
    originsOfMaximum(x).forEach((row, column) => (y.data[column] = x.data[row * x.columns + column]));
  },
  // Reading forward ends at the last position, backward at the first.
  last(x, y, arrays, { reverse_from: reverseFrom }) {
    y.data.set(rowOf(x, x.rows - 1));
    if (reverseFrom !== null) y.data.set(rowOf(x, 0).subarray(reverseFrom), reverseFrom);
  },
  attention: (x, y, arrays) => addWeighted(x, y, attentionShares(x, arrays)),
};

function readOut(x, arrays, settings, kind) {
  const y = makeMatrix(1, x.columns);
  if (x.rows) READOUTS[kind](x, y, arrays, settings);
  return y;
}

function readOutSeveral(x, arrays, { parts }) {
  return concatenate(
    parts.map(({ kind, settings }) => readOut(x, arraysBelow(arrays, `${kind}.`), settings, kind)),
  );
}

function addWeighted(x, y, shares) {
  for (let row = 0, at = 0; row < x.rows; row++) {
    for (let column = 0; column < x.columns; column++, at++) y.data[column] += shares[row] * x.data[at];
  }
}

// The softmax over the positions of q · h.
function attentionShares(x, { query }) {
  const scores = Float64Array.from({ length: x.rows }, (_, row) =>
    rowOf(x, row).reduce((sum, number, column) => sum + number * query[column], 0),
  );
  return softmax(scores);
}

// The row of each column's largest number, the first among equals.
function originsOfMaximum(x) {
  const origins = new Array(x.columns).fill(0);
  for (let row = 1, at = x.columns; row < x.rows; row++) {
    for (let column = 0; column < x.columns; column++, at++) {
      if (x.data[at] > x.data[origins[column] * x.columns + column]) origins[column] = row;
    }
  }
  return origins;
}

function placeOfLargest(numbers) {
  return numbers.reduce((best, number, place) => (number > numbers[best] ? place : best), 0);
}

// eˣ / Σ eˣ, with the largest x subtracted first.
function softmax(logits) {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = logits.map((logit) => Math.exp(logit - largest));
  const total = exponentials.reduce((sum, each) => sum + each, 0);
  return exponentials.map((each) => each / total);
}
