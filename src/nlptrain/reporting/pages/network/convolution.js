// Embeddings → feature maps: y[t] = Σ_k W[:, :, k] x[s·t + d·k − left] + b, zeros outside.

function convolve(x, arrays, settings, memory) {
  const last = memory.last ?? { x: NOTHING.x, maps: settings.kernel_sizes.map(() => NOTHING.y) };
  const shifts = findShifts(x, last.x);
  const shiftAt = (place) => (place < 0 ? 0 : place < x.rows ? shifts[place] : last.x.rows - x.rows);
  const maps = settings.kernel_sizes.map((size, index) => {
    const [weight, bias] = [arrays[`${index}.weight`], arrays[`${index}.bias`]];
    return convolveOnce(x, weight, bias, size, settings, last.maps[index], shiftAt);
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

// Windows that see what one of the last string saw have its features. `shiftAt` tells how far a
// place of the string or of the zeros around it was from here.
function convolveOnce(x, weight, bias, size, settings, lastMap, shiftAt) {
  const y = makeMatrix(countWindows(x.rows, settings), bias.length);
  const window = new Float64Array(x.columns * size);
  for (let row = 0; row < y.rows; row++) {
    const start = windowStart(row, size, settings);
    const lastRow = row + findWindowShift(shiftAt, start, size, settings);
    if (lastRow >= 0 && lastRow < lastMap.rows) {
      copyRow(lastMap, lastRow, y, row);
      continue;
    }
    const out = rowOf(y, row);
    fillWindow(window, x, start, size, settings.dilation);
    out.set(bias);
    addProduct(out, window, weight);
  }
  return y;
}

// By how many windows a window has moved, NaN if none saw the same.
function findWindowShift(shiftAt, start, size, { dilation, stride }) {
  const shift = shiftAt(start);
  for (let tap = 1; tap < size; tap++) {
    if (shiftAt(start + tap * dilation) !== shift) return NaN;
  }
  return shift === null || shift % stride ? NaN : shift / stride;
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
