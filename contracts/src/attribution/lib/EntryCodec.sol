// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SketchDot} from "./SketchDot.sol";

/// @title What the leaves of an epoch say, byte for byte
/// @notice Five Merkle-sum trees (see SumMerkle); each leaf has a `content` of 32 bytes and an `amount`:
///
///         tree       content                                       amount             sorted by, strictly ascending
///         accounts   uint256(account)                              cumulative wei     content
///         entries    account << 64 | call << 32 | slot             wei of this entry  content
///         calls      keccak256(abi.encode(Call))                   pool of the call   callId
///         shares     keccak256(abi.encode(Share)), one per call    weight             cluster
///         influence  keccak256(Row packed, see `rowContent`),      base weight        nothing: its order is the owner's
///                    one per model version
///
///         `call` is the index of a leaf in `calls`, `slot` of a leaf in that call's `shares`, `entry` of a leaf in
///         `entries`, `row` of a leaf in `influence`. Entries and shares point at each other, one to one.
///
///         The rule they follow, in integers:
///           raw weight  of an influence call: dot(call vector, row vector) x row scale
///                       of a flat call (vectorHash zero): the row's base weight
///           weight      raw - threshold, or 0 when that is negative
///           listed      per cluster its row of greatest weight, if above 0 and if its Datanet version is in the lineage;
///                       of an influence call only the TOP clusters. `cutoff` is the least listed weight when an influence
///                       call lists TOP, and 0 otherwise
///           amount      pool x weight / weightSum, rounded down; the contributor loses less than a wei, which stays in
///                       the ledger for later epochs
///           cumulative  the account's cumulative of the epoch before + its entries' amounts
library EntryCodec {
    /// @notice Most clusters an influence call lists.
    uint256 internal constant TOP = 64;

    /// @param callId Hash of the receipt.
    /// @param model Token id in the ModelRegistry.
    /// @param version Version of that model.
    /// @param influenceRoot The version's commitment; zero when none is used, and then nothing is listed.
    /// @param vectorHash keccak256(scale: 2 bytes | 256 signed bytes), or zero for a flat call.
    /// @param threshold Taken off every raw weight; zero for a flat call.
    /// @param cutoff Weights above it are all listed.
    /// @param sharesRoot Merkle-sum root of the call's shares.
    /// @param weightSum Total of that tree.
    /// @param count Leaves of that tree.
    struct Call {
        bytes32 callId;
        uint256 model;
        uint32 version;
        bytes32 influenceRoot;
        bytes32 vectorHash;
        uint64 threshold;
        uint64 cutoff;
        bytes32 sharesRoot;
        uint96 weightSum;
        uint32 count;
    }

    struct Share {
        bytes32 cluster;
        address account;
        uint32 row;
        uint32 entry;
    }

    /// @param rowLeaf sha256 of the canonical row.
    /// @param datanet Token id of the Datanet the row is from, and `version` its version.
    /// @param vector 256 signed bytes.
    struct Row {
        bytes32 rowLeaf;
        bytes32 cluster;
        address contributor;
        uint64 datanet;
        uint32 version;
        uint16 scale;
        bytes vector;
    }

    /// @notice Content of a leaf in `entries`.
    function entryKey(address account, uint32 call, uint32 slot) internal pure returns (uint256) {
        return uint256(uint160(account)) << 64 | uint256(call) << 32 | slot;
    }

    /// @notice Content of a leaf in `calls`.
    function callContent(Call calldata call) internal pure returns (bytes32) {
        return keccak256(abi.encode(call));
    }

    /// @notice Content of a leaf in `shares`.
    function shareContent(Share calldata share) internal pure returns (bytes32) {
        return keccak256(abi.encode(share));
    }

    /// @notice Content of a leaf in `influence`: 354 bytes hashed.
    function rowContent(Row calldata row) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(row.rowLeaf, row.cluster, row.contributor, row.datanet, row.version, row.scale, row.vector)
        );
    }

    /// @notice What a model version commits: the influence tree with its size.
    /// @dev keccak256(0x02 | root: 32 bytes | total: 16 | rows: 4)
    function influenceRoot(bytes32 root, uint256 total, uint32 rows) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x02), root, uint128(total), rows));
    }

    /// @notice The weight of a row in a call by the rule above. A vector of a wrong length weighs nothing.
    /// @param vector The preimage of `vectorHash`; not read for a flat call.
    function weightOf(Call calldata call, Row calldata row, uint128 base, bytes calldata vector)
        internal
        pure
        returns (uint256)
    {
        int256 raw = int256(uint256(base));
        if (call.vectorHash != 0) {
            if (vector.length != SketchDot.SIZE + 2 || row.vector.length != SketchDot.SIZE) return 0;
            raw = SketchDot.dot(vector[2:], row.vector) * int256(uint256(row.scale));
        }
        int256 weight = raw - int256(uint256(call.threshold));
        return weight > 0 ? uint256(weight) : 0;
    }
}
