// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The pool of data contributors
/// @notice Holds what the Settlement sweeps here. Attesters propose, epoch range after epoch range, who has earned how much
///         in all; after a challenge window the proposal is final and everyone claims. Totals are cumulative and the tree
///         commits its sums, so all claims of all time stay within the total, and the total within what was received.
/// @dev One proposal is pending at a time and can neither be replaced nor withdrawn: it ends final or rejected.
interface IAttributionLedger {
    /// @notice A claim on what was earned between two epochs. Only its hash is stored; the event carries the rest.
    /// @param from First epoch it covers: the one after the last final epoch. An epoch is one hour since 1970.
    /// @param to Last epoch it covers; over. A range of fewer than 744 epochs, the most, leaves out at most 24 that are over.
    /// @param previousRoot Root, total and number of accounts that are final now.
    /// @param previousTotal Wei.
    /// @param previousAccounts Leaves of the tree that is final now.
    /// @param accountsRoot Merkle-sum tree of what each account has earned since the beginning.
    /// @param total Its total in wei: `previousTotal` + `paid`.
    /// @param accounts Its number of leaves.
    /// @param entriesRoot Merkle-sum tree of what the range pays to whom for which row of which call.
    /// @param paid Its total in wei.
    /// @param entries Its number of leaves.
    /// @param callsRoot Merkle-sum tree of the calls of the range and their pools.
    /// @param pools Its total in wei: what the Settlement set aside for data in the range.
    /// @param calls Its number of leaves.
    /// @param dataHash Content id of all leaves.
    struct Proposal {
        uint64 from;
        uint64 to;
        bytes32 previousRoot;
        uint96 previousTotal;
        uint32 previousAccounts;
        bytes32 accountsRoot;
        uint96 total;
        uint32 accounts;
        bytes32 entriesRoot;
        uint96 paid;
        uint32 entries;
        bytes32 callsRoot;
        uint96 pools;
        uint32 calls;
        bytes32 dataHash;
    }

    /// @notice One leaf of the final accounts tree with its path.
    struct Claim {
        address account;
        uint96 cumulative;
        uint256 index;
        bytes32[] siblings;
        uint128[] sums;
    }

    event Proposed(
        bytes32 indexed hash, address indexed attester, Proposal proposal, uint256 bond, uint256 challengeEnd
    );
    event Finalized(bytes32 indexed hash, bytes32 indexed accountsRoot, uint96 total, uint64 epoch);
    /// @notice Convicted, or vetoed: then there is no challenger and no reward.
    event Rejected(bytes32 indexed hash, address indexed attester, address indexed challenger, uint256 reward);
    event Claimed(address indexed account, uint256 amount, uint256 cumulative);

    error ProposalPending(bytes32 hash);
    /// @notice The range does not start after `last`, is empty or longer than 744 epochs, is not over yet, or is shorter
    ///         than it could be by more than 24.
    error BadRange(uint64 from, uint64 to, uint64 last);
    /// @notice The proposal does not build on what is final.
    error NotOnTheFinal();
    /// @notice The totals contradict each other: total = previous + paid, and paid <= pools.
    error BadTotals();
    error MoreThanReceived(uint256 total, uint256 received);
    error NotPending(bytes32 hash);
    error WindowOpen(uint256 challengeEnd);
    error NothingToClaim(address account);
    error NotInTheTree(address account);

    /// @notice Proposes who earned what, with a bond of 5,000 OPEN or 1 % of `paid` (rounded up), whichever is larger.
    function propose(Proposal calldata proposal) external;

    /// @notice Makes a proposal final when its window is over, and returns the bond. Anyone may call it.
    function finalize(Proposal calldata proposal) external;

    /// @notice Ends the pending proposal: half of the bond to the challenger, a quarter burnt, the rest to the treasury.
    ///         Both rounded down; the treasury gains the dust. Court only.
    function reject(bytes32 hash, address challenger) external;

    /// @notice Ends the pending proposal without proof. Guardian only, for what the Court cannot prove: calls that were never
    ///         made, leaves that are withheld. The whole bond goes to the treasury, from where governance can give it back.
    function veto(bytes32 hash) external;

    /// @notice Pays the caller what it has not claimed yet.
    function claim(uint96 cumulative, uint256 index, bytes32[] calldata siblings, uint128[] calldata sums) external;

    /// @notice Pays the account of the claim; anyone may call.
    function claimFor(Claim calldata one) external;

    /// @notice Pays the accounts of all claims; one that was paid before is passed over.
    function claimMany(Claim[] calldata many) external;

    /// @notice Wei of OPEN that ever came in for contributors.
    function received() external view returns (uint256);

    /// @notice The bond a proposal that pays `paid` needs, in wei of OPEN.
    function bondFor(uint96 paid) external pure returns (uint256);

    /// @notice Hash of the pending proposal, zero when none is.
    function pendingHash() external view returns (bytes32);
}
