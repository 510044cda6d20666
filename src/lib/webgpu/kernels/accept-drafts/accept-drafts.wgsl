// slot = the token sampled after the longest run of rows in which each row holds what the row before it sampled
@group(0) @binding(0) var<storage, read> results: array<u32>;
@group(0) @binding(1) var<storage, read_write> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let outputs = state[OUTPUT_COUNT];
  let first = id.x;
  if (first >= outputs) {
    return;
  }
  let row = state[OUTPUTS_AT + first];
  let slot = row_slot(row);
  if (first > 0u && row_slot(state[OUTPUTS_AT + first - 1u]) == slot) {
    return;
  }
  var position = row_position(row);
  var last = first;
  for (var next = first + 1u; next < outputs; next++) {
    let proposed = state[OUTPUTS_AT + next];
    let at = ROWS_AT + proposed * ROW_WORDS;
    if (row_slot(proposed) != slot || state[at + 1u] != position + 1u || state[at] != results[last * RESULT_WORDS]) {
      break;
    }
    last = next;
    position++;
  }
  state[slot] = results[last * RESULT_WORDS];
  state[slot + SLOT_POSITION] = position + 1u;
}
