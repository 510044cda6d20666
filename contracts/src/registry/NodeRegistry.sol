// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryPause} from "../gov/EntryPause.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {StakedOpen} from "../token/StakedOpen.sol";
import {RewardStream} from "./RewardStream.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title NodeRegistry
/// @dev Rewards: see RewardStream, whose shares are the stakes at work.
contract NodeRegistry is INodeRegistry, EntryPause, ReentrancyGuardTransient, RewardStream {
    /// @notice Seconds between a request to exit and the exit.
    uint256 public constant EXIT_DELAY = 7 days;
    /// @notice No parameter can ask for more stake than this.
    uint96 public constant MIN_STAKE_BOUND = 100_000e18;
    /// @notice Bit of `caps` for nodes that propose or vote on epochs.
    uint16 public constant CAP_ATTEST = 1;
    uint256 private constant EPOCH_SECONDS = 1 hours;

    OpenToken public immutable open;
    StakedOpen public immutable staked = new StakedOpen();

    uint96 public minNodeStake = 1_000e18;
    uint96 public minAttesterStake = 10_000e18;
    uint64 public lastHeartbeat;

    mapping(address node => Node) private _nodes;
    mapping(uint64 epoch => bytes32 root) public heartbeatRoot;

    constructor(OpenToken open_, address manager) AccessManaged(manager) {
        open = open_;
    }

    /// @inheritdoc INodeRegistry
    function register(uint96 amount, bytes32 peerId, uint16 caps) external whenNotPaused nonReentrant {
        if (peerId == 0) revert PeerIdZero();
        Node storage node = _nodes[msg.sender];
        (node.caps, node.peerId) = (caps, peerId);
        emit Registered(msg.sender, peerId, caps);
        if (amount != 0) _stake(node, amount);
        _requireEnough(node.stake, caps);
    }

    /// @inheritdoc INodeRegistry
    function addStake(uint96 amount) external whenNotPaused nonReentrant {
        if (amount == 0) revert AmountZero();
        Node storage node = _nodes[msg.sender];
        _stake(node, amount);
        _requireEnough(node.stake, node.caps);
    }

    /// @inheritdoc INodeRegistry
    function requestExit(uint96 amount) external {
        if (amount == 0) revert AmountZero();
        Node storage node = _nodes[msg.sender];
        uint96 stake = node.stake;
        if (amount > stake) revert MoreThanStaked(amount, stake);
        uint96 left = stake - amount;
        if (left != 0) _requireEnough(left, node.caps);
        _settle(msg.sender, stake);
        uint40 exitAt = uint40(block.timestamp + EXIT_DELAY);
        (node.stake, node.exiting, node.exitAt) = (left, node.exiting + amount, exitAt);
        emit ExitRequested(msg.sender, amount, exitAt);
        staked.burn(msg.sender, amount);
    }

    /// @inheritdoc INodeRegistry
    function exit() external nonReentrant {
        Node storage node = _nodes[msg.sender];
        (uint96 amount, uint40 exitAt) = (node.exiting, node.exitAt);
        if (amount == 0) revert NothingToExit();
        if (block.timestamp < exitAt) revert TooEarly(exitAt);
        (node.exiting, node.exitAt) = (0, 0);
        emit Exited(msg.sender, amount);
        open.transfer(msg.sender, amount);
    }

    /// @inheritdoc INodeRegistry
    function addReward(uint256 amount) external nonReentrant {
        _addToStream(amount);
        open.transferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc INodeRegistry
    function claimReward() external nonReentrant returns (uint256 amount) {
        _settle(msg.sender, _nodes[msg.sender].stake);
        amount = _takeOwed(msg.sender);
        emit RewardPaid(msg.sender, amount);
        open.transfer(msg.sender, amount);
    }

    /// @inheritdoc INodeRegistry
    function postHeartbeat(uint64 epoch, bytes32 root) external restricted {
        if (epoch <= lastHeartbeat) revert EpochNotNew(epoch, lastHeartbeat);
        // Otherwise one post for a far future epoch would be the last.
        if (epoch >= block.timestamp / EPOCH_SECONDS) revert EpochNotOver(epoch);
        lastHeartbeat = epoch;
        heartbeatRoot[epoch] = root;
        emit HeartbeatRoot(epoch, root);
    }

    /// @inheritdoc INodeRegistry
    function setMinStakes(uint96 node, uint96 attester) external restricted {
        if (attester > MIN_STAKE_BOUND || node > attester) revert MinStakeOutOfBounds();
        (minNodeStake, minAttesterStake) = (node, attester);
        emit MinStakesSet(node, attester);
    }

    /// @inheritdoc INodeRegistry
    function nodeOf(address node) external view returns (Node memory) {
        return _nodes[node];
    }

    /// @inheritdoc INodeRegistry
    function rewardOf(address node) external view returns (uint256) {
        return _owedNow(node, _nodes[node].stake);
    }

    function _stake(Node storage node, uint96 amount) private {
        uint96 stake = node.stake;
        _settle(msg.sender, stake);
        node.stake = stake + amount;
        emit Staked(msg.sender, amount);
        open.transferFrom(msg.sender, address(this), amount);
        staked.mint(msg.sender, amount);
    }

    function _requireEnough(uint256 stake, uint16 caps) private view {
        uint256 least = caps & CAP_ATTEST != 0 ? minAttesterStake : minNodeStake;
        if (stake < least) revert StakeTooSmall(stake, least);
    }

    function _shares() internal view override returns (uint256) {
        return staked.totalSupply();
    }
}
