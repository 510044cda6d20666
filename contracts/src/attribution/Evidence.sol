// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatanetRef, DatanetRefs} from "../interfaces/DatanetRef.sol";
import {IAttributionCourt} from "../interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../interfaces/IAttributionLedger.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {EntryCodec} from "./lib/EntryCodec.sol";
import {SumMerkle} from "./lib/SumMerkle.sol";

/// @title What belongs to a proposal
/// @notice Reads leaves, places and rows that a challenger brings, and lets pass only what the proposal's own roots, or its
///         models' commitments, contain. What is fraud is the Court's business.
abstract contract Evidence is IAttributionCourt {
    IModelRegistry public immutable models;

    constructor(IModelRegistry models_) {
        models = models_;
    }

    /// @dev The one place where a path is followed for a leaf. Reverts unless it is leaf `path.index` of the tree. Where the
    ///      path's sums end in another total than the stated one is for K3 to say; no other proof depends on it.
    /// @return before Sum of all leaves to the left.
    function _leaf(bytes32 root, uint256 count, bytes32 content, uint128 amount, Path calldata path)
        internal
        pure
        returns (uint256 before)
    {
        if (path.index >= count) revert IndexOutsideTree(path.index, count);
        _depth(path.siblings.length, SumMerkle.depth(count));
        bytes32 top;
        (top,, before) = SumMerkle.fold(SumMerkle.leaf(content, amount), amount, path.index, path.siblings, path.sums);
        if (top != root) revert NotInTree(path.index);
    }

    function _depth(uint256 depth, uint256 expected) internal pure {
        if (depth != expected) revert WrongDepth(depth, expected);
    }

    function _call(IAttributionLedger.Proposal calldata p, CallLeaf calldata c) internal pure {
        _leaf(p.callsRoot, p.calls, EntryCodec.callContent(c.call), c.pool, c.path);
    }

    function _share(EntryCodec.Call calldata call, ShareLeaf calldata s) internal pure {
        bytes32 content = EntryCodec.shareContent(s.share);
        _leaf(call.sharesRoot, call.count, content, s.weight, s.path);
    }

    function _entry(IAttributionLedger.Proposal calldata p, EntryLeaf calldata e) internal pure {
        bytes32 content = bytes32(EntryCodec.entryKey(e.account, e.call, e.slot));
        _leaf(p.entriesRoot, p.entries, content, e.amount, e.path);
    }

    /// @dev The size of the influence tree is part of what is committed, so a place in it cannot be claimed twice.
    function _row(EntryCodec.Call calldata call, RowLeaf calldata r) internal pure {
        Path calldata path = r.path;
        if (path.index >= r.rows) revert IndexOutsideTree(path.index, r.rows);
        _depth(path.siblings.length, SumMerkle.depth(r.rows));
        (bytes32 top, uint256 total,) = SumMerkle.fold(
            SumMerkle.leaf(EntryCodec.rowContent(r.row), r.base), r.base, path.index, path.siblings, path.sums
        );
        if (EntryCodec.influenceRoot(top, total, r.rows) != call.influenceRoot) revert NotInInfluence(path.index);
    }

    /// @dev The weight of a row in a call, from the call's own vector.
    function _weight(EntryCodec.Call calldata call, RowLeaf calldata r, bytes calldata vector)
        internal
        pure
        returns (uint256)
    {
        if (call.vectorHash != 0 && keccak256(vector) != call.vectorHash) revert NotTheVector();
        return EntryCodec.weightOf(call, r.row, r.base, vector);
    }

    /// @dev Whether the rule lets a row be listed at all.
    function _eligible(EntryCodec.Call calldata call, EntryCodec.Row calldata row, Lineage calldata lineage)
        internal
        view
        returns (bool cited)
    {
        if (DatanetRefs.lineage(lineage.parent, lineage.refs) != models.lineageOf(call.model, call.version)) {
            revert NotTheLineage();
        }
        uint96 key = uint96(row.datanet) << 32 | row.version;
        for (uint256 i; i < lineage.refs.length; ++i) {
            if (DatanetRefs.keyOf(lineage.refs[i]) == key) cited = row.contributor != address(0);
        }
    }

    function _neighbours(Path calldata left, Path calldata right) internal pure {
        if (right.index != left.index + 1) revert NotNeighbours(left.index, right.index);
    }

    /// @dev Sum of a tree of numbers over the keys in [first, next).
    function _sumOf(bytes32 root, uint256 count, uint256 first, uint256 next, Run calldata run)
        internal
        pure
        returns (uint256)
    {
        return _before(root, count, next, run.end) - _before(root, count, first, run.start);
    }

    /// @dev Sum of all leaves whose key is below `key`, given the place where such leaves end.
    function _before(bytes32 root, uint256 count, uint256 key, Edge calldata edge) private pure returns (uint256 sum) {
        if (edge.position != 0) {
            KeyLeaf calldata left = edge.left;
            if (left.path.index + 1 != edge.position || left.key >= key) revert NotTheEdge(key);
            sum = _leaf(root, count, bytes32(left.key), left.amount, left.path) + left.amount;
        }
        if (edge.position != count) {
            KeyLeaf calldata right = edge.right;
            if (right.path.index != edge.position || right.key < key) revert NotTheEdge(key);
            _leaf(root, count, bytes32(right.key), right.amount, right.path);
        }
    }
}
