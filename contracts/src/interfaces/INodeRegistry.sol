// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Nodes and their stake
/// @notice Stake OPEN to run a node; leave after seven days of notice. Nobody can take a stake: what answers for a
///         proposal is the bond at the AttributionLedger.
/// @dev What lies here is the sum of all `stake` and all `exiting`, and rewards beside it.
interface INodeRegistry {
    /// @param stake Wei of OPEN at work; the same number of sOPEN carries its votes.
    /// @param exiting Wei of OPEN on the way out.
    /// @param exitAt Seconds since 1970 from which `exiting` can be taken.
    /// @param caps What the node offers, one bit each; bit 0 is attesting.
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
    event HeartbeatRoot(uint64 indexed epoch, bytes32 root);
    event RewardAdded(address indexed from, uint256 amount, uint256 ratePerSecond, uint256 endsAt);
    event RewardPaid(address indexed node, uint256 amount);
    event MinStakesSet(uint96 node, uint96 attester);

    /// @notice The node would be left with less than its capabilities ask for.
    error StakeTooSmall(uint256 stake, uint256 least);
    error AmountZero();
    /// @notice More was asked for than is there.
    error MoreThanStaked(uint256 asked, uint256 staked);
    error NothingToExit();
    error TooEarly(uint256 exitAt);
    error PeerIdZero();
    /// @notice A least stake is above 100,000 OPEN, or an attester's below a node's.
    error MinStakeOutOfBounds();
    /// @notice Heartbeat roots are written once, epoch after epoch.
    error EpochNotNew(uint64 epoch, uint64 last);
    /// @notice Heartbeats of an epoch are known when it is over.
    error EpochNotOver(uint64 epoch);
    /// @notice The stream would run slower than before: too little was added for its seven days.
    error RewardTooSmall(uint256 ratePerSecond, uint256 least);

    /// @notice Registers the caller with a stake, or changes what it says about itself and adds to the stake.
    /// @param amount Wei of OPEN to add, pulled from the caller; 0 when only peer id or caps change.
    function register(uint96 amount, bytes32 peerId, uint16 caps) external;

    /// @notice Adds wei of OPEN to the caller's stake.
    function addStake(uint96 amount) external;

    /// @notice Starts the way out for part of the stake, or all of it. A part must leave enough for the node's caps.
    /// @dev The votes end now. A second request adds to what is leaving and starts the seven days anew for all of it.
    function requestExit(uint96 amount) external;

    /// @notice Pays out what has waited seven days.
    function exit() external;

    /// @notice Adds OPEN to the reward stream, which runs for seven days from now.
    function addReward(uint256 amount) external;

    /// @notice Pays the caller's rewards. Each share is rounded down; the dust stays in the contract.
    function claimReward() external returns (uint256 amount);

    /// @notice Commits the heartbeats that were seen in an epoch, which is one hour since 1970. `Roles.NODES`.
    function postHeartbeat(uint64 epoch, bytes32 root) external;

    /// @notice Sets the least stakes for new requests. A full exit stays possible at any value.
    function setMinStakes(uint96 node, uint96 attester) external;

    function nodeOf(address node) external view returns (Node memory);

    /// @notice Wei of OPEN that `claimReward` would pay now.
    function rewardOf(address node) external view returns (uint256);
}
