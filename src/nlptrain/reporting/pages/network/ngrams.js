// N-grams of token ids → the sum of their vectors, divided by their number or its root.

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const MIXERS = [0xff51afd7ed558ccdn, 0xc4ceb9fe1a85ec53n];

function poolNGrams(ids, arrays, settings, memory) {
  const y = makeMatrix(1, settings.dim);
  let known = 0;
  for (const { row } of listNGrams(ids, arrays, settings, memory)) {
    if (row < 0) continue;
    known++;
    const begin = row * settings.dim;
    for (let feature = 0; feature < settings.dim; feature++) y.data[feature] += arrays.weight[begin + feature];
  }
  const count = Math.max(known, 1);
  const divisor = settings.combine === "mean" ? count : Math.sqrt(count);
  return mapNumbers(y, (sum) => sum / divisor);
}

// All n-grams, where each begins with marks counted, and its row of the table, −1 if it has none. The
// rows found before are kept in a tree of ids, at whose depth n the n-grams are.
function listNGrams(ids, arrays, settings, memory) {
  memory.root ??= { children: new Map(), row: null };
  const begin = settings.vocabulary_size;
  const marked = settings.boundaries ? [begin, ...ids, begin + 1] : ids;
  const nodes = marked.map(() => memory.root);
  const found = [];
  let depth = 0;
  for (const size of settings.sizes) {
    for (; depth < size; depth++) {
      for (let start = 0; start + depth < marked.length; start++) {
        nodes[start] = childOf(nodes[start], marked[start + depth]);
      }
    }
    for (let start = 0; start + size <= marked.length; start++) {
      // A mark alone is no n-gram.
      if (size === 1 && settings.boundaries && marked[start] >= begin) continue;
      nodes[start].row ??= findRow(keyOf(marked.slice(start, start + size)), arrays, settings);
      found.push({ start, size, row: nodes[start].row });
    }
  }
  return found;
}

function childOf(node, id) {
  let child = node.children.get(id);
  if (!child) node.children.set(id, (child = { children: new Map(), row: null }));
  return child;
}

// FNV-1a over whole ids, then the last mixing step of MurmurHash3, in 64 bits.
function keyOf(ids) {
  const wrap = (number) => BigInt.asUintN(64, number);
  let key = FNV_OFFSET;
  for (const id of ids) key = wrap((key ^ BigInt(id)) * FNV_PRIME);
  key ^= key >> 33n;
  for (const mixer of MIXERS) {
    key = wrap(key * mixer);
    key ^= key >> 33n;
  }
  return key;
}

// A bucket where the table is hashed, else the place of the key among the known ones, ascending.
function findRow(key, { keys }, { hashed, count }) {
  if (hashed) return Number(((key >> 32n) * BigInt(count)) >> 32n);
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low < count && keys[low] === key ? low : -1;
}
