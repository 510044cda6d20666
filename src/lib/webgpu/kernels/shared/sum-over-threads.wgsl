// The sum of a value over the threads of a workgroup, in a fixed order. `Sum` is its type; more than 64 threads are a multiple of 16.
var<workgroup> partial: array<Sum, THREADS>;

// Few threads: one barrier and a short loop in each, since software adapters pay for barriers. Many: bands of 16 first.
fn sum_over_threads(thread: u32, value: Sum) -> Sum {
  partial[thread] = value;
  workgroupBarrier();
  var total = Sum();
  if (THREADS > 64u) {
    var band = Sum();
    if (thread < THREADS / 16u) {
      for (var i = 0u; i < 16u; i++) {
        band += partial[thread * 16u + i];
      }
    }
    workgroupBarrier();
    if (thread < THREADS / 16u) {
      partial[thread] = band;
    }
    workgroupBarrier();
    for (var i = 0u; i < THREADS / 16u; i++) {
      total += partial[i];
    }
  } else {
    for (var i = 0u; i < THREADS; i++) {
      total += partial[i];
    }
  }
  workgroupBarrier();
  return total;
}
