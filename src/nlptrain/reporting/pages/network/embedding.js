// Token ids → rows of a table.

function embed(ids, arrays, { dim }) {
  const rows = makeMatrix(ids.length, dim);
  ids.forEach((id, place) => rows.data.set(arrays.weight.subarray(id * dim, (id + 1) * dim), place * dim));
  return rows;
}
