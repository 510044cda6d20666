// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Nodes and their stake
/// @notice Stake OPEN to run a node; leave after seven days of notice. No role can take a stake: what answers for a
///         proposal is the bond at the AttributionCourt. Rewards follow work, not stake: see `IWorkRewards`.
/// @dev What lies here is the sum of all `stake` and all `exiting`.
interface INodeRegistry {
    /// @param stake Wei of OPEN at work; the same number of sOPEN carries its votes.
    /// @param exiting Wei of OPEN on the way out.
    /// @param exitAt Seconds since 1970 from which `exiting` can be taken.
    /// @param caps What the node says that it offers, one bit each; no contract reads it.
    /// @param peerId Multihash digest of its libp2p peer id.
    struct Node {
        uint96 stake;
        uint96 exiting;
        uint40 exitAt;
        uint16 caps;
        bytes32 peerId;
    }

    event Registered(address indexed node, bytes32 indexed peerId, uint16 caps);
    event Staked(address indexed node, uint256 amount);
    event ExitRequested(address indexed node, uint256 amount, uint256 exitAt);
    event Exited(address indexed node, uint256 amount);
    event MinStakeSet(uint96 least);

    /// @notice The node would be left with less than a node must have.
    error StakeTooSmall(uint256 stake, uint256 least);
    error AmountZero();
    /// @notice More was asked for than is there.
    error MoreThanStaked(uint256 asked, uint256 staked);
    error NothingToExit();
    error TooEarly(uint256 exitAt);
    error PeerIdZero();
    /// @notice A least stake is above 100,000 OPEN.
    error MinStakeOutOfBounds();

    /// @notice Registers the caller with a stake, or changes what it says about itself and adds to the stake.
    /// @param amount Wei of OPEN to add, pulled from the caller; 0 when only peer id or caps change.
    function register(uint96 amount, bytes32 peerId, uint16 caps) external;

    /// @notice Adds wei of OPEN to the caller's stake.
    function addStake(uint96 amount) external;

    /// @notice Starts the way out for part of the stake, or all of it. A part must leave enough for a node.
    /// @dev The votes end now. A second request adds to what is leaving and starts the seven days anew for all of it.
    function requestExit(uint96 amount) external;

    /// @notice Pays out what has waited seven days.
    function exit() external;

    /// @notice Sets the least stake for new requests. A full exit stays possible at any value. `Roles.PARAM`.
    function setMinStake(uint96 least) external;

    /// @notice Wei of OPEN that a node must have staked.
    function minNodeStake() external view returns (uint96);

    function nodeOf(address node) external view returns (Node memory);
}
