// norm = scale * sqrt(sum of squares over layers and pages of one adapter, and over what lies beside the pool), and its record for this step
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> squares: array<u32>;
@group(0) @binding(2) var<storage, read_write> records: array<u32>;

var<workgroup> sums: array<f32, THREADS>;
var<workgroup> broken: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let job = group.x;
  let pages = table[job_at(job) + JOB_PAGES];
  let first = table[job_at(job) + JOB_FIRST_PAGE];
  var sum = 0.0;
  var is_broken = 0u;
  for (var i = thread; i < LAYERS * pages; i += THREADS) {
    let bits = squares[i / pages * table[1] + first + i % pages];
    is_broken = select(1u, is_broken, is_finite(bits));
    sum += bitcast<f32>(bits);
  }
  let beside = table[job_at(job) + JOB_FIRST_SQUARE];
  for (var i = thread; i < table[job_at(job) + JOB_SQUARES]; i += THREADS) {
    let bits = squares[beside + i];
    is_broken = select(1u, is_broken, is_finite(bits));
    sum += bitcast<f32>(bits);
  }
  sums[thread] = sum;
  broken[thread] = is_broken;
  workgroupBarrier();
  if (thread != 0u) {
    return;
  }
  for (var i = 1u; i < THREADS; i++) {
    sum += sums[i];
    is_broken |= broken[i];
  }
  let record = job * RECORD_WORDS;
  if (table[job_at(job) + JOB_APPLIES] == 0u) {
    records[record + RECORD_ACTION] = WAITED;
    return;
  }
  let scale = job_number(job, JOB_SCALE);
  let norm = scale * sqrt(sum);
  let bits = bitcast<u32>(norm);
  if (is_broken == 1u || !is_finite(bits)) {
    records[record + RECORD_NORM] = 0x7f800000u;
    records[record + RECORD_ACTION] = SKIPPED;
    records[record + RECORD_SKIPPED] += 1u;
    return;
  }
  let clip = job_number(job, JOB_CLIP);
  let factor = scale * select(1.0, min(1.0, clip / (norm + NORM_EPSILON_F)), clip > 0.0);
  records[record + RECORD_NORM] = bits;
  records[record + RECORD_ACTION] = STEPPED;
  records[record + RECORD_STEPS] += 1u;
  records[record + RECORD_FACTOR] = bitcast<u32>(factor);
  // One minus a power of beta, from the one before: exact where the power is near one.
  let c1 = bitcast<f32>(records[record + RECORD_CORRECTION1]);
  let c2 = bitcast<f32>(records[record + RECORD_CORRECTION2]);
  records[record + RECORD_CORRECTION1] = bitcast<u32>(c1 + job_number(job, JOB_TAKE1) * (1.0 - c1));
  records[record + RECORD_CORRECTION2] = bitcast<u32>(c2 + job_number(job, JOB_TAKE2) * (1.0 - c2));
}
