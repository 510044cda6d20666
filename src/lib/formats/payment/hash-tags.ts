// The first byte of every hash that money depends on, as in contracts/src/attribution/lib/Tag.sol: no hash of one kind can pass
// for another. Merkle-sum trees (core/merkle-sum.ts) use 0 for leaves and 1 for inner nodes.

export const TAG = {
  /** Inner node of a tree with places. */
  node: 0x02,
  /** Leaf of a payout list. */
  payout: 0x03,
  /** Leaf of the tree of one contributor's rows. */
  row: 0x04,
  /** Leaf of the influence tree of a model version. */
  influence: 0x05,
  /** Content of a leaf of a line's receipts. */
  receipt: 0x06,
  /** Content of a leaf of a Datanet version's shares. */
  holder: 0x07,
  /** Step of the chain over the lines of a redemption. */
  line: 0x08,
  /** Step of the chain over the records of a pot. */
  record: 0x09,
  // The rest is in receipts of answers, which no contract reads.
  /** Leaf of the tree over the entries of a call. */
  entry: 0x0a,
  /** Salted question. */
  input: 0x0b,
  /** Salted answer. */
  output: 0x0c,
} as const;
