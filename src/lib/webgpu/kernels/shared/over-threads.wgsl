// The shares of all threads of a workgroup, joined in a fixed order. More than 64 threads are a multiple of 16.
var<workgroup> partial: array<Share, THREADS>;

// Few threads: one barrier and a short loop in each, since software adapters pay for barriers. Many: bands of 16 first.
fn over_threads(thread: u32, value: Share) -> Share {
  partial[thread] = value;
  workgroupBarrier();
  if (THREADS > 64u) {
    var band = value;
    if (thread < THREADS / 16u) {
      band = partial[thread * 16u];
      for (var i = 1u; i < 16u; i++) {
        band = joined(band, partial[thread * 16u + i]);
      }
    }
    workgroupBarrier();
    if (thread < THREADS / 16u) {
      partial[thread] = band;
    }
    workgroupBarrier();
  }
  var total = partial[0];
  for (var i = 1u; i < select(THREADS, THREADS / 16u, THREADS > 64u); i++) {
    total = joined(total, partial[i]);
  }
  workgroupBarrier();
  return total;
}
