// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Rewards for nodes, by what they worked
/// @notice Work is the protocol fee that payments to a node have paid (`ISettlement.workOf`), wei of OPEN: it cannot be had for
///         less than it counts. Rounds are seven days long, counted from 1970. In a round a node counts the work that it has
///         not counted before; when the round is over
///
///      given   min(budget, floor(work of all / 2))
///      reward  floor(given * work of the node / work of all)
///
///         so a reward is at most half of the fees that the work paid, and who pays itself loses. What a round does not give
///         is budget of the next one.
/// @dev Holds all budgets, rewards not taken, and under a wei of dust per reward.
interface IWorkRewards {
    /// @param budget What there is to give; once the round is over, what it gives.
    /// @param work Work that all nodes counted in the round.
    struct Round {
        uint128 budget;
        uint128 work;
    }

    event RewardAdded(address indexed from, uint256 indexed round, uint256 amount);
    event WorkCounted(address indexed node, uint256 indexed round, uint256 work);
    event RoundEnded(uint256 indexed round, uint256 given, uint256 work);
    event RewardPaid(address indexed node, uint256 amount);

    error AmountZero();
    /// @notice Only a node with a node's stake counts work.
    error NotANode(address node);
    error NothingToCount(address node);
    error NothingToClaim(address node);

    /// @notice Adds OPEN to the budget of this round.
    function addReward(uint256 amount) external;

    /// @notice Counts the caller's new work in this round. The caller must have the stake of a node.
    function countWork() external returns (uint256 work);

    /// @notice Pays the caller's rewards of rounds that are over.
    function claimReward() external returns (uint256 amount);

    /// @notice Wei of OPEN that `claimReward` would pay now.
    function rewardOf(address node) external view returns (uint256);

    /// @notice Work that `countWork` would count for a node now.
    function uncountedOf(address node) external view returns (uint256);

    /// @notice A round as it stands.
    function roundOf(uint256 round) external view returns (Round memory);

    /// @notice The round that runs now.
    function roundNow() external view returns (uint256);
}
