// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryCodec} from "../attribution/lib/EntryCodec.sol";
import {DatanetRef} from "./DatanetRef.sol";
import {IAttributionLedger} from "./IAttributionLedger.sol";

/// @title One-transaction proofs that a pending proposal is wrong
/// @notice Anyone who proves one is paid half of the bond. The Court takes no opinion: every function re-computes one
///         statement of the proposal from its own leaves, the model's commitments and the Settlement's books, and rejects the
///         proposal only if the statement is false. A proposal that follows the rule in EntryCodec has no false statement,
///         and hashes have no second preimage, so it can never be convicted. A proof that shows no fraud reverts with
///         `NoFraud`; a proof that does not belong to the proposal reverts with what does not fit.
/// @dev What a proof cannot reach, since it is not on the chain: whether a receipt's vector, threshold and pool are true to
///      the call, and leaves that the attester keeps to himself.
interface IAttributionCourt {
    /// @notice What was false: K1 to K7.
    enum Kind {
        None,
        Weight,
        Amount,
        Sum,
        Order,
        Account,
        Omission,
        Lineage
    }

    /// @notice The trees of a proposal; Shares are those of one call.
    enum Tree {
        Accounts,
        Entries,
        Calls,
        Shares
    }

    /// @notice The way of a node up to its root.
    /// @param index Position of the node in its level, from the left.
    struct Path {
        uint256 index;
        bytes32[] siblings;
        uint128[] sums;
    }

    /// @notice A leaf of `calls`.
    struct CallLeaf {
        EntryCodec.Call call;
        uint96 pool;
        Path path;
    }

    /// @notice A leaf of a call's `shares`.
    struct ShareLeaf {
        EntryCodec.Share share;
        uint128 weight;
        Path path;
    }

    /// @notice A leaf of `entries`.
    struct EntryLeaf {
        address account;
        uint32 call;
        uint32 slot;
        uint128 amount;
        Path path;
    }

    /// @notice A leaf of a model version's influence tree, and the tree's size.
    struct RowLeaf {
        EntryCodec.Row row;
        uint128 base;
        uint32 rows;
        Path path;
    }

    /// @notice A leaf of `accounts` or `entries`, whose contents are numbers.
    struct KeyLeaf {
        uint256 key;
        uint128 amount;
        Path path;
    }

    /// @notice The place between two neighbours; `left` is not read at position 0, `right` not at the end.
    struct Edge {
        uint256 position;
        KeyLeaf left;
        KeyLeaf right;
    }

    /// @notice An account's part of a tree: the edges before its first and after its last leaf. Without a leaf of its own
    ///         both are the place where it would stand.
    struct Run {
        Edge start;
        Edge end;
    }

    /// @notice What an inner node or a leaf was made of.
    /// @param leaf Whether it is a leaf: then only `left` (content) and `leftSum` (amount) are read.
    struct Opening {
        bool leaf;
        bytes32 left;
        uint128 leftSum;
        bytes32 right;
        uint128 rightSum;
    }

    /// @notice A node of one of the trees.
    struct Node {
        bytes32 hash;
        uint128 sum;
        Path path;
    }

    /// @notice The preimage of a model version's lineage.
    struct Lineage {
        uint256 parent;
        DatanetRef[] refs;
    }

    event Convicted(bytes32 indexed hash, Kind indexed kind, address indexed challenger);

    error NoFraud();
    error WrongDepth(uint256 depth, uint256 expected);
    error IndexOutsideTree(uint256 index, uint256 count);
    error NotInTree(uint256 index);
    error NotInInfluence(uint256 index);
    error NotNeighbours(uint256 index, uint256 next);
    error NotTheEdge(uint256 key);
    error NotTheVector();
    error NotTheLineage();
    error NotTheSameRow(uint256 index, uint256 row);
    error NotTheSameCluster();
    error DoNotPoint();
    error NotEligible();

    /// @notice K1. A listed weight is not what call vector and row give, is zero, or lies below the call's cutoff.
    function proveWeight(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata s,
        RowLeaf calldata r,
        bytes calldata vector
    ) external;

    /// @notice K2. An entry and a share, one of which points at the other, disagree: in who, where, or how much.
    function proveAmount(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata s,
        EntryLeaf calldata e
    ) external;

    /// @notice K2. An entry points at a call that is not there.
    function proveEntryWithoutCall(IAttributionLedger.Proposal calldata p, EntryLeaf calldata e) external;

    /// @notice K2. An entry points at a share that its call does not list.
    function proveEntryWithoutShare(IAttributionLedger.Proposal calldata p, EntryLeaf calldata e, CallLeaf calldata c)
        external;

    /// @notice K2. A share points at an entry that is not there.
    function proveShareWithoutEntry(IAttributionLedger.Proposal calldata p, CallLeaf calldata c, ShareLeaf calldata s)
        external;

    /// @notice K3. A node's sum is not that of its children, a root's is not the stated total, a leaf stands above or an
    ///         inner node at the bottom, a leaf's content is wider than its tree's, or a place within the count is empty or
    ///         one beyond it is not.
    /// @param c The call whose shares are meant; not read for the other trees.
    /// @param n For a root (empty path) its `sum` is not read: the stated total takes its place.
    /// @param o Not read when the node is empty or stands where none should be.
    function proveSum(
        IAttributionLedger.Proposal calldata p,
        Tree tree,
        CallLeaf calldata c,
        Node calldata n,
        Opening calldata o
    ) external;

    /// @notice K3. A call lists more than it may, has a cutoff without listing as many as it may, lists without a commitment,
    ///         or is flat with a threshold.
    function proveCall(IAttributionLedger.Proposal calldata p, CallLeaf calldata c) external;

    /// @notice K3. The pools are not what the Settlement set aside in the range.
    function proveBudget(IAttributionLedger.Proposal calldata p) external;

    /// @notice K4. Two neighbours in `accounts` or `entries` do not ascend.
    /// @param tree Accounts or Entries.
    function proveOrder(
        IAttributionLedger.Proposal calldata p,
        Tree tree,
        KeyLeaf calldata left,
        KeyLeaf calldata right
    ) external;

    /// @notice K4. Two neighbours in `calls` do not ascend: a call counted twice, or out of place.
    function proveCallOrder(IAttributionLedger.Proposal calldata p, CallLeaf calldata left, CallLeaf calldata right)
        external;

    /// @notice K4. Two neighbours in a call's shares do not ascend: a cluster counted twice, or out of place.
    function proveShareOrder(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata left,
        ShareLeaf calldata right
    ) external;

    /// @notice K5. An account's total is not its total before plus its entries.
    function proveAccount(
        IAttributionLedger.Proposal calldata p,
        address account,
        Run calldata before,
        Run calldata entries,
        Run calldata now_
    ) external;

    /// @notice K6. A row above the cutoff belongs to a cluster that the call does not list.
    /// @param position The place in the call's shares where the cluster would stand, between `left` and `right`.
    function proveMissingRow(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        RowLeaf calldata r,
        bytes calldata vector,
        Lineage calldata lineage,
        uint256 position,
        ShareLeaf calldata left,
        ShareLeaf calldata right
    ) external;

    /// @notice K6. A listed row is not the one of greatest weight of its cluster.
    function proveBetterRow(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata s,
        RowLeaf calldata r,
        bytes calldata vector,
        Lineage calldata lineage
    ) external;

    /// @notice K7. A call uses an influence tree that its model version has not committed.
    function proveForeignTree(IAttributionLedger.Proposal calldata p, CallLeaf calldata c) external;

    /// @notice K7. A share names a row that the influence tree does not have, or has for another cluster or contributor, or
    ///         that is from a Datanet version the model does not cite.
    /// @param r The row the share names; any row of the tree when it names one beyond its end.
    function proveForeignRow(
        IAttributionLedger.Proposal calldata p,
        CallLeaf calldata c,
        ShareLeaf calldata s,
        RowLeaf calldata r,
        Lineage calldata lineage
    ) external;
}
