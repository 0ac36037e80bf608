// (x − mean) / √(var + ε) · γ + β: batch with the statistics of training, layer over the features
// of a position, instance over the positions of a feature.

const EPSILON = 1e-5;

function normalizeFeatures(x, arrays, { kind }) {
  const places = { layer: overRow, instance: overColumn }[kind];
  const scale = ([mean, variance], at, feature) =>
    ((x.data[at] - mean) / Math.sqrt(variance + EPSILON)) * arrays.weight[feature] + arrays.bias[feature];
  const y = makeMatrix(x.rows, x.columns);
  const moments = places && places(x);
  for (let at = 0; at < y.data.length; at++) {
    const feature = at % x.columns;
    const own = {
      batch: () => [arrays.running_mean[feature], arrays.running_var[feature]],
      layer: () => moments[(at - feature) / x.columns],
      instance: () => moments[feature],
    }[kind]();
    y.data[at] = scale(own, at, feature);
  }
  return y;
}

function overRow(x) {
  return Array.from({ length: x.rows }, (_, row) => momentsOf(rowOf(x, row)));
}

function overColumn(x) {
  return Array.from({ length: x.columns }, (_, column) => momentsOf(columnOf(x, column)));
}

function columnOf(x, column) {
  return Float64Array.from({ length: x.rows }, (_, row) => x.data[row * x.columns + column]);
}

// The mean and the biased variance.
function momentsOf(numbers) {
  const count = Math.max(numbers.length, 1);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / count;
  const variance = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / count;
  return [mean, variance];
}
