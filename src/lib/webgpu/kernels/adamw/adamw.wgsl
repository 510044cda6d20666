// p = (1 - rate * decay) * p - rate * m / (sqrt(v) + epsilon), with corrected moments, for parameters that lie in the pool times their scale
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> records: array<u32>;
@group(0) @binding(2) var<storage, read> scales: array<f32>;
@group(0) @binding(3) var<storage, read_write> pool: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> grads: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> first: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> second: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= PAGE_VECTORS || id.y >= table[1]) {
    return;
  }
  let page = page_at(id.y);
  let job = page.y;
  let record = job * RECORD_WORDS;
  let action = records[record + RECORD_ACTION];
  if (action == WAITED) {
    return;
  }
  let i = page.x * PAGE_VECTORS + id.x;
  if (i >= arrayLength(&grads)) {
    return;
  }
  let scale = scales[i / SCALE_VECTORS];
  let gradient = bitcast<f32>(records[record + RECORD_FACTOR]) * scale * grads[i];
  grads[i] = vec4<f32>();
  if (action == SKIPPED || scale == 0.0) {
    return;
  }
  let m = job_number(job, JOB_KEEP1) * first[i] + job_number(job, JOB_TAKE1) * gradient;
  let v = job_number(job, JOB_KEEP2) * second[i] + job_number(job, JOB_TAKE2) * gradient * gradient;
  first[i] = m;
  second[i] = v;
  let step = m / bitcast<f32>(records[record + RECORD_CORRECTION1]);
  let spread = sqrt(v / bitcast<f32>(records[record + RECORD_CORRECTION2])) + job_number(job, JOB_EPSILON);
  pool[i] = job_number(job, JOB_KEPT) * pool[i] - scale * job_number(job, JOB_RATE) * (step / spread);
}
