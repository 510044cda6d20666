// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttributionCourt} from "../interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../interfaces/IAttributionLedger.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Evidence} from "./Evidence.sol";
import {EntryCodec} from "./lib/EntryCodec.sol";
import {SumMerkle} from "./lib/SumMerkle.sol";

/// @title AttributionCourt
/// @dev Has no funds and no storage. It needs `Roles.COURT` at the ledger.
contract AttributionCourt is Evidence {
    IAttributionLedger public immutable ledger;
    ISettlement public immutable settlement;

    constructor(IAttributionLedger ledger_, IModelRegistry models_, ISettlement settlement_) Evidence(models_) {
        (ledger, settlement) = (ledger_, settlement_);
    }

    /// @inheritdoc IAttributionCourt
    function proveWeight(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata s,
        RowLeaf calldata r,
        bytes calldata vector
    ) external {
        _call(p, c);
        _share(c.call, s);
        _row(c.call, r);
        if (r.path.index != s.share.row) revert NotTheSameRow(r.path.index, s.share.row);
        uint256 weight = _weight(c.call, r, vector);
        _convict(p, Kind.Weight, weight != s.weight || weight == 0 || weight < c.call.cutoff);
    }

    /// @inheritdoc IAttributionCourt
    function proveAmount(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata s,
        EntryLeaf calldata e
    ) external {
        _call(p, c);
        _share(c.call, s);
        _entry(p, e);
        bool forth = e.call == c.path.index && e.slot == s.path.index;
        bool back = s.share.entry == e.path.index;
        if (!forth && !back) revert DoNotPoint();
        // A call without weight pays nothing; its shares fall under K1.
        uint256 due = c.call.weightSum == 0 ? 0 : uint256(c.pool) * s.weight / c.call.weightSum;
        _convict(p, Kind.Amount, !forth || !back || e.account != s.share.account || e.amount != due);
    }

    /// @inheritdoc IAttributionCourt
    function proveEntryWithoutCall(IAttributionLedger.Proposal calldata p, EntryLeaf calldata e) external {
        _entry(p, e);
        _convict(p, Kind.Amount, e.call >= p.calls);
    }

    /// @inheritdoc IAttributionCourt
    function proveEntryWithoutShare(IAttributionLedger.Proposal calldata p, EntryLeaf calldata e, CallLeaf calldata c)
        external
    {
        _entry(p, e);
        _call(p, c);
        if (e.call != c.path.index) revert DoNotPoint();
        _convict(p, Kind.Amount, e.slot >= c.call.count);
    }

    /// @inheritdoc IAttributionCourt
    function proveShareWithoutEntry(IAttributionLedger.Proposal calldata p, CallLeaf calldata c, ShareLeaf calldata s)
        external
    {
        _call(p, c);
        _share(c.call, s);
        _convict(p, Kind.Amount, s.share.entry >= p.entries);
    }

    /// @inheritdoc IAttributionCourt
    function proveSum(
        IAttributionLedger.Proposal calldata p,
        Tree tree,
        CallLeaf calldata c,
        Node calldata n,
        Opening calldata o
    ) external {
        (bytes32 root, uint256 total, uint256 count) = (p.accountsRoot, p.total, p.accounts);
        uint256 widest = type(uint160).max;
        if (tree == Tree.Entries) {
            (root, total, count, widest) = (p.entriesRoot, p.paid, p.entries, type(uint224).max);
        } else if (tree == Tree.Calls) {
            (root, total, count, widest) = (p.callsRoot, p.pools, p.calls, type(uint256).max);
        } else if (tree == Tree.Shares) {
            _call(p, c);
            (root, total, count) = (c.call.sharesRoot, c.call.weightSum, c.call.count);
            widest = type(uint256).max;
        }
        _convict(p, Kind.Sum, _wrongNode(root, total, count, widest, n, o));
    }

    /// @inheritdoc IAttributionCourt
    function proveCall(IAttributionLedger.Proposal calldata p, CallLeaf calldata c) external {
        _call(p, c);
        EntryCodec.Call calldata call = c.call;
        bool wrong;
        if (call.vectorHash == 0) wrong = call.cutoff != 0 || call.threshold != 0;
        else wrong = call.count > EntryCodec.TOP || (call.cutoff != 0 && call.count < EntryCodec.TOP);
        _convict(p, Kind.Sum, wrong || (call.influenceRoot == 0 && call.count != 0));
    }

    /// @inheritdoc IAttributionCourt
    function proveBudget(IAttributionLedger.Proposal calldata p) external {
        uint256 budget;
        bytes32 hash = keccak256(abi.encode(p));
        // Only a pending proposal's range is bounded; for any other the sum could run out of gas.
        if (hash != ledger.pendingHash()) revert IAttributionLedger.NotPending(hash);
        for (uint256 epoch = p.from; epoch <= p.to; ++epoch) {
            budget += settlement.epochData(epoch);
        }
        _convict(p, Kind.Sum, p.pools != budget);
    }

    /// @inheritdoc IAttributionCourt
    function proveOrder(
        IAttributionLedger.Proposal calldata p,
        Tree tree,
        KeyLeaf calldata left,
        KeyLeaf calldata right
    ) external {
        _neighbours(left.path, right.path);
        (bytes32 root, uint256 count) =
            tree == Tree.Accounts ? (p.accountsRoot, p.accounts) : (p.entriesRoot, p.entries);
        _leaf(root, count, bytes32(left.key), left.amount, left.path);
        _leaf(root, count, bytes32(right.key), right.amount, right.path);
        _convict(p, Kind.Order, left.key >= right.key);
    }

    /// @inheritdoc IAttributionCourt
    function proveCallOrder(IAttributionLedger.Proposal calldata p, CallLeaf calldata left, CallLeaf calldata right)
        external
    {
        _neighbours(left.path, right.path);
        _call(p, left);
        _call(p, right);
        _convict(p, Kind.Order, left.call.callId >= right.call.callId);
    }

    /// @inheritdoc IAttributionCourt
    function proveShareOrder(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata left,
        ShareLeaf calldata right
    ) external {
        _neighbours(left.path, right.path);
        _call(p, c);
        _share(c.call, left);
        _share(c.call, right);
        _convict(p, Kind.Order, left.share.cluster >= right.share.cluster);
    }

    /// @inheritdoc IAttributionCourt
    function proveAccount(
        IAttributionLedger.Proposal calldata p,
        address account,
        Run calldata before,
        Run calldata entries,
        Run calldata now_
    ) external {
        uint256 key = uint160(account);
        uint256 had = _sumOf(p.previousRoot, p.previousAccounts, key, key + 1, before);
        uint256 earned = _sumOf(p.entriesRoot, p.entries, key << 64, (key + 1) << 64, entries);
        uint256 has = _sumOf(p.accountsRoot, p.accounts, key, key + 1, now_);
        _convict(p, Kind.Account, has != had + earned);
    }

    /// @inheritdoc IAttributionCourt
    function proveMissingRow(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        RowLeaf calldata r,
        bytes calldata vector,
        Lineage calldata lineage,
        uint256 position,
        ShareLeaf calldata left,
        ShareLeaf calldata right
    ) external {
        _call(p, c);
        _row(c.call, r);
        if (!_eligible(c.call, r.row, lineage)) revert NotEligible();
        bytes32 cluster = r.row.cluster;
        if (position != 0) {
            _share(c.call, left);
            if (left.path.index + 1 != position || left.share.cluster >= cluster) revert NotTheEdge(uint256(cluster));
        }
        if (position != c.call.count) {
            _share(c.call, right);
            if (right.path.index != position || right.share.cluster <= cluster) revert NotTheEdge(uint256(cluster));
        }
        _convict(p, Kind.Omission, _weight(c.call, r, vector) > c.call.cutoff);
    }

    /// @inheritdoc IAttributionCourt
    function proveBetterRow(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata s,
        RowLeaf calldata r,
        bytes calldata vector,
        Lineage calldata lineage
    ) external {
        _call(p, c);
        _share(c.call, s);
        _row(c.call, r);
        if (!_eligible(c.call, r.row, lineage)) revert NotEligible();
        if (r.row.cluster != s.share.cluster) revert NotTheSameCluster();
        _convict(p, Kind.Omission, _weight(c.call, r, vector) > s.weight);
    }

    /// @inheritdoc IAttributionCourt
    function proveForeignTree(IAttributionLedger.Proposal calldata p, CallLeaf calldata c) external {
        _call(p, c);
        (bytes32 committed,,) = models.influenceOf(c.call.model, c.call.version);
        _convict(p, Kind.Lineage, c.call.influenceRoot != 0 && c.call.influenceRoot != committed);
    }

    /// @inheritdoc IAttributionCourt
    function proveForeignRow(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata s,
        RowLeaf calldata r,
        Lineage calldata lineage
    ) external {
        _call(p, c);
        _share(c.call, s);
        _row(c.call, r);
        bool foreign = s.share.row >= r.rows;
        if (!foreign) {
            if (r.path.index != s.share.row) revert NotTheSameRow(r.path.index, s.share.row);
            foreign = r.row.cluster != s.share.cluster || r.row.contributor != s.share.account
                || !_eligible(c.call, r.row, lineage);
        }
        _convict(p, Kind.Lineage, foreign);
    }

    /// @dev Whether a node of a tree is one that no valid tree contains. See `proveSum`.
    function _wrongNode(bytes32 root, uint256 total, uint256 count, uint256 widest, Node calldata n, Opening calldata o)
        private
        pure
        returns (bool)
    {
        uint256 depth = SumMerkle.depth(count);
        uint256 levels = n.path.siblings.length;
        if (levels > depth) revert WrongDepth(levels, depth);
        uint256 sum = levels == 0 ? total : n.sum;
        (bytes32 top, uint256 whole,) = SumMerkle.fold(n.hash, uint128(sum), n.path.index, n.path.siblings, n.path.sums);
        if (top != root) revert NotInTree(n.path.index);
        if (whole != total) return true;

        uint256 level = depth - levels;
        bool beyond = n.path.index << level >= count;
        if (beyond || n.hash == 0) return !beyond || n.hash != 0 || sum != 0;

        bytes32 made =
            o.leaf ? SumMerkle.leaf(o.left, o.leftSum) : SumMerkle.parent(o.left, o.leftSum, o.right, o.rightSum);
        if (made != n.hash) revert NotInTree(n.path.index);
        if (o.leaf) return level != 0 || o.leftSum != sum || uint256(o.left) > widest;
        return level == 0 || uint256(o.leftSum) + o.rightSum != sum;
    }

    /// @dev The ledger refuses proposals that are not pending.
    function _convict(IAttributionLedger.Proposal calldata p, Kind kind, bool fraud) private {
        if (!fraud) revert NoFraud();
        bytes32 hash = keccak256(abi.encode(p));
        emit Convicted(hash, kind, msg.sender);
        ledger.reject(hash, msg.sender);
    }
}
