// Token ids → rows of a table.

function embed(ids, arrays, { dim }) {
  const rows = makeMatrix(ids.length, dim);
  ids.forEach((id, place) => rows.data.set(arrays.weight.subarray(id * dim, (id + 1) * dim), place * dim));
  return { ...rows, ids };
}

// Equal tokens have equal embeddings: what a layer makes of one is computed when it is first read,
// and kept in the layer's memory of tokens. Returns it for each position.
function mapTokens(x, memory, compute) {
  return x.ids.map((id, place) => {
    if (!memory.has(id)) memory.set(id, compute(rowOf(x, place)));
    return memory.get(id);
  });
}
