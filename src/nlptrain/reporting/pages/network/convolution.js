// Embeddings → feature maps: y[t] = Σ_k W[:, :, k] x[s·t + d·k − left] + b, zeros outside.
// W[:, :, k] x is computed once for each token and tap, so that a window is a sum of as many rows.

function convolve(x, arrays, settings, memory) {
  const maps = settings.kernel_sizes.map((size, index) => {
    const [weight, bias] = [arrays[`${index}.weight`], arrays[`${index}.bias`]];
    memory[index] ??= new Map();
    const products = mapTokens(x, memory[index], (row) => multiplyTaps(row, weight, size));
    return sumWindows(products, bias, size, settings);
  });
  return concatenate(maps);
}

// The products of one row with a kernel's taps, one tap after another. Weights have the shape
// (channels, features, taps).
function multiplyTaps(x, weight, size) {
  const channels = weight.length / (x.length * size);
  const products = new Float64Array(size * channels);
  for (let tap = 0, place = 0; tap < size; tap++) {
    for (let channel = 0; channel < channels; channel++, place++) {
      let at = channel * x.length * size + tap;
      for (let feature = 0; feature < x.length; feature++, at += size) products[place] += weight[at] * x[feature];
    }
  }
  return products;
}

function paddingWidth(size, { dilation, padding }) {
  return padding === "same" ? dilation * (size - 1) : 0;
}

function countWindows(positions, { kernel_sizes: [size], stride, dilation, padding }) {
  const width = paddingWidth(size, { dilation, padding });
  const windows = Math.floor((positions + width - dilation * (size - 1) - 1) / stride) + 1;
  return positions > 0 ? Math.max(windows, 0) : 0;
}

// The place of a window's first character; an odd zero of the padding is on the right.
function windowStart(row, size, settings) {
  return row * settings.stride - Math.floor(paddingWidth(size, settings) / 2);
}

function sumWindows(products, bias, size, settings) {
  const y = makeMatrix(countWindows(products.length, settings), bias.length);
  for (let row = 0; row < y.rows; row++) {
    const out = rowOf(y, row);
    out.set(bias);
    for (let tap = 0, place = windowStart(row, size, settings); tap < size; tap++, place += settings.dilation) {
      const own = products[place];
      if (!own) continue; // Outside of the string.
      for (let unit = 0, at = tap * out.length; unit < out.length; unit++, at++) out[unit] += own[at];
    }
  }
  return y;
}
