// Where the gain and the row of B of one output of an adapter lie, in elements: neighbours of a vector belong to other threads.
struct Call { outputs: u32, target_index: u32, descriptor: u32 }
@group(0) @binding(0) var<uniform> call: Call;

struct Places {
  gain: u32,
  b: u32,
  width: u32,
}

fn places_of(adapter: u32, n: u32) -> Places {
  let descriptor = ADAPTERS_AT + adapter;
  let greatest = state[descriptor + 2u * call.target_index + 1u];
  let list = descriptor + state[descriptor + 2u * call.target_index];
  return Places(state[list + greatest] + n, 4u * b_row(list + greatest + 1u, greatest, n), (greatest + 3u) / 4u * 4u);
}
