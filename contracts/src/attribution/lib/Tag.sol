// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title First byte of every hash that money depends on
/// @notice One value for each kind of hash, so that no hash of one kind can pass for another. `SumMerkle` uses 0x00 for leaves
///         and 0x01 for inner nodes of Merkle-sum trees.
library Tag {
    /// @notice Inner node of a `Merkle` tree.
    bytes1 internal constant NODE = 0x02;
    /// @notice Leaf of a payout list.
    bytes1 internal constant PAYOUT = 0x03;
    /// @notice Leaf of the tree of one contributor's rows.
    bytes1 internal constant ROW = 0x04;
    /// @notice Leaf of the influence tree of a model version.
    bytes1 internal constant INFLUENCE = 0x05;
    /// @notice Content of a leaf of a line's receipts.
    bytes1 internal constant RECEIPT = 0x06;
    /// @notice Content of a leaf of a Datanet version's shares.
    bytes1 internal constant HOLDER = 0x07;
    /// @notice Step of the chain over the lines of a redemption.
    bytes1 internal constant LINE = 0x08;
    /// @notice Step of the chain over the records of a pot.
    bytes1 internal constant RECORD = 0x09;
}
