// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title OPEN for the points of a season
/// @notice Governance funds this contract and publishes, per season, a Merkle-sum tree of who gets how much (leaf content
///         uint256(account), see SumMerkle). Everyone then claims, for ever: nothing can be taken back.
interface ISeasonRewards {
    event SeasonPublished(uint256 indexed season, bytes32 root, uint256 total);
    event Claimed(uint256 indexed season, address indexed account, uint256 amount);

    error AlreadyPublished(uint256 season);
    error RootZero();
    /// @notice Less lies here than this season and the unclaimed rest of earlier ones need.
    error NotFunded(uint256 needed, uint256 held);
    error AlreadyClaimed(uint256 season, address account);
    error NotInTheTree(uint256 season, address account);

    /// @notice Promises `total` wei of OPEN. Governance only, once per season.
    function publish(uint256 season, bytes32 root, uint256 total) external;

    /// @notice Pays the account its part; anyone may call.
    function claim(
        uint256 season,
        address account,
        uint128 amount,
        uint256 index,
        bytes32[] calldata siblings,
        uint128[] calldata sums
    ) external;
}
