// Embeddings → feature maps: y[t] = Σ_k W[:, :, k] x[s·t + d·k − left] + b, zeros outside.

function convolve(x, arrays, settings, memory) {
  const last = memory.last ?? { x: NOTHING.x, maps: settings.kernel_sizes.map(() => NOTHING.y) };
  const isChanged = Array.from({ length: Math.max(x.rows, last.x.rows) }, (_, row) => !isSameRow(x, row, last.x, row));
  const maps = settings.kernel_sizes.map((size, index) => {
    const [weight, bias] = [arrays[`${index}.weight`], arrays[`${index}.bias`]];
    return convolveOnce(x, weight, bias, size, settings, last.maps[index], isChanged);
  });
  memory.last = { x, maps };
  return concatenate(maps);
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

// Windows that see no change since the last string have the features that they had.
function convolveOnce(x, weight, bias, size, settings, lastMap, isChanged) {
  const y = makeMatrix(countWindows(x.rows, settings), bias.length);
  const window = new Float64Array(x.columns * size);
  for (let row = 0; row < y.rows; row++) {
    const start = windowStart(row, size, settings);
    const out = rowOf(y, row);
    if (row < lastMap.rows && !seesChange(isChanged, start, size, settings.dilation)) {
      out.set(rowOf(lastMap, row));
      continue;
    }
    fillWindow(window, x, start, size, settings.dilation);
    out.set(bias);
    addProduct(out, window, weight);
  }
  return y;
}

function seesChange(isChanged, start, size, dilation) {
  for (let tap = 0; tap < size; tap++) {
    if (isChanged[start + tap * dilation]) return true;
  }
  return false;
}

// Lays what a kernel sees out as its weights are: feature after feature, each at all taps.
function fillWindow(window, x, start, size, dilation) {
  for (let tap = 0; tap < size; tap++) {
    const place = start + tap * dilation;
    const isInside = place >= 0 && place < x.rows;
    for (let i = 0; i < x.columns; i++) {
      window[i * size + tap] = isInside ? x.data[place * x.columns + i] : 0;
    }
  }
}
