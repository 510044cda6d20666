// Which sequence a row belongs to and where it stands in it.
fn row_slot(row: u32) -> u32 {
  return SLOTS_AT + state[ROWS_AT + row * ROW_WORDS + ROW_SLOT] * SLOT_WORDS;
}

fn row_position(row: u32) -> u32 {
  let position = state[ROWS_AT + row * ROW_WORDS + 1u];
  if (position == FROM_SLOT) {
    return state[row_slot(row) + SLOT_POSITION];
  }
  return position;
}
