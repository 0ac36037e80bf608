// Matrices, row after row: one row per position, or a single row for a whole string's vector.

function makeMatrix(rows, columns) {
  return { rows, columns, data: arena.allocate(rows * columns) };
}

const MOST_REUSED = 2 ** 21; // Numbers: 16 MB. What long strings take beyond it is not kept.

// Memory for one string's matrices, used again for the string after the next: allocated anew for
// every character that is left out, it would keep the browser collecting garbage.
class Arena {
  constructor() {
    [this.numbers, this.others, this.used] = [new Float64Array(0), new Float64Array(0), 0];
  }

  // Begins a string. Matrices of the string before stay as they are until the next one begins.
  begin() {
    const size = Math.min(this.used, MOST_REUSED);
    [this.numbers, this.others, this.used] = [this.others, this.numbers, 0];
    if (this.numbers.length < size) this.numbers = new Float64Array(2 * size);
    arena = this;
  }

  // Returns zeros.
  allocate(size) {
    const begin = this.used;
    this.used += size;
    if (this.used > this.numbers.length) return new Float64Array(size);
    return this.numbers.subarray(begin, this.used).fill(0);
  }
}

let arena = new Arena();

function rowOf(matrix, row) {
  return matrix.data.subarray(row * matrix.columns, (row + 1) * matrix.columns);
}

// Writes a row of x to a row of y, from a column on. A loop, here and below: views of rows, and
// functions of each number, cost more than what they do.
function copyRow(x, row, y, place, column = 0) {
  let to = place * y.columns + column;
  for (let from = row * x.columns; from < (row + 1) * x.columns; from++, to++) y.data[to] = x.data[from];
}

function mapNumbers(matrix, convert) {
  const y = makeMatrix(matrix.rows, matrix.columns);
  for (let at = 0; at < y.data.length; at++) y.data[at] = convert(matrix.data[at], at);
  return y;
}

// y = x Wᵀ + b for every row of x; W has the shape (outputs, inputs).
function multiply(x, weight, bias) {
  const y = makeMatrix(x.rows, bias.length);
  for (let row = 0; row < x.rows; row++) {
    const out = rowOf(y, row);
    out.set(bias);
    addProduct(out, rowOf(x, row), weight);
  }
  return y;
}

// Whether a row of a matrix is, to the last bit, a row of another, which may be shorter.
function isSameRow(x, row, other, otherRow) {
  if (row < 0 || otherRow < 0 || row >= x.rows || otherRow >= other.rows) return false;
  const size = x.columns;
  for (let i = 0, at = row * size, otherAt = otherRow * size; i < size; i++) {
    if (x.data[at + i] !== other.data[otherAt + i]) return false;
  }
  return true;
}

// Adds W x to y, by eight rows of W at a time: as many sums keep the processor's pipeline full, and
// each number of x is read once for all of them.
function addProduct(y, x, weight) {
  const size = x.length;
  let unit = 0;
  for (; unit + 8 <= y.length; unit += 8) {
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    let fifth = 0;
    let sixth = 0;
    let seventh = 0;
    let eighth = 0;
    for (let i = 0, at = unit * size; i < size; i++, at++) {
      const value = x[i];
      first += weight[at] * value;
      second += weight[at + size] * value;
      third += weight[at + 2 * size] * value;
      fourth += weight[at + 3 * size] * value;
      fifth += weight[at + 4 * size] * value;
      sixth += weight[at + 5 * size] * value;
      seventh += weight[at + 6 * size] * value;
      eighth += weight[at + 7 * size] * value;
    }
    y[unit] += first;
    y[unit + 1] += second;
    y[unit + 2] += third;
    y[unit + 3] += fourth;
    y[unit + 4] += fifth;
    y[unit + 5] += sixth;
    y[unit + 6] += seventh;
    y[unit + 7] += eighth;
  }
  for (; unit < y.length; unit++) {
    for (let i = 0, at = unit * size; i < size; i++, at++) y[unit] += weight[at] * x[i];
  }
}

// Puts matrices of equally many rows side by side.
function concatenate(parts) {
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  const joined = makeMatrix(parts[0].rows, columns);
  for (let row = 0; row < joined.rows; row++) {
    let begin = 0;
    for (const part of parts) {
      copyRow(part, row, joined, row, begin);
      begin += part.columns;
    }
  }
  return joined;
}

// The arrays of a network, by name, from base64 of little-endian numbers.
function decodeArrays(encoded) {
  const types = {
    float16: (buffer) => Float32Array.from(new Uint16Array(buffer), widen),
    float32: (buffer) => new Float32Array(buffer),
    uint64: (buffer) => new BigUint64Array(buffer),
  };
  return Object.fromEntries(
    Object.entries(encoded).map(([name, { type, data }]) => {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      return [name, types[type](bytes.buffer)];
    }),
  );
}

// A number of 16 bits, as IEEE 754 has them: a sign, an exponent of five bits and ten of a fraction.
function widen(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
}

// The arrays whose names begin like that, without the beginning.
function arraysBelow(arrays, start) {
  return Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(start))
      .map(([name, array]) => [name.slice(start.length), array]),
  );
}
