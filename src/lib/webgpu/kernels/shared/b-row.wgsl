// Where row `n` of B starts in the pool, in vectors of four. `pages` is the word that names the first page of B.
fn b_row(pages: u32, greatest: u32, n: u32) -> u32 {
  let width = (greatest + 3u) / 4u;
  let rows = (PAGE_VECTORS / width) & ~3u;
  let page = n / rows;
  return (state[pages + page] >> 2u) + (n - page * rows) * width;
}
