// How the kernels of the optimizer read its table, and how they know numbers that are none.
fn job_at(job: u32) -> u32 {
  return HEADER_WORDS + job * JOB_WORDS;
}

fn job_number(job: u32, word: u32) -> f32 {
  return bitcast<f32>(table[job_at(job) + word]);
}

// The physical page, and whose it is.
fn page_at(entry: u32) -> vec2<u32> {
  let at = table[0] + entry * PAGE_WORDS;
  return vec2<u32>(table[at], table[at + 1u]);
}

// By its bits: compilers may assume that floats are numbers.
fn is_finite(bits: u32) -> bool {
  return (bits & 0x7f800000u) != 0x7f800000u;
}
