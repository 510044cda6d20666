// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryPause} from "../gov/EntryPause.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {StakedOpen} from "../token/StakedOpen.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title NodeRegistry
contract NodeRegistry is INodeRegistry, EntryPause, ReentrancyGuardTransient {
    using SafeERC20 for OpenToken;

    /// @notice Seconds between a request to exit and the exit.
    uint256 public constant EXIT_DELAY = 7 days;
    /// @notice No parameter can ask for more stake than this.
    uint96 public constant MIN_STAKE_BOUND = 100_000e18;

    OpenToken public immutable open;
    StakedOpen public immutable staked = new StakedOpen();

    /// @inheritdoc INodeRegistry
    uint96 public minNodeStake = 1_000e18;

    mapping(address node => Node) private _nodes;

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
        _requireEnough(node.stake);
    }

    /// @inheritdoc INodeRegistry
    function addStake(uint96 amount) external whenNotPaused nonReentrant {
        if (amount == 0) revert AmountZero();
        Node storage node = _nodes[msg.sender];
        _stake(node, amount);
        _requireEnough(node.stake);
    }

    /// @inheritdoc INodeRegistry
    function requestExit(uint96 amount) external {
        if (amount == 0) revert AmountZero();
        Node storage node = _nodes[msg.sender];
        uint96 stake = node.stake;
        if (amount > stake) revert MoreThanStaked(amount, stake);
        uint96 left = stake - amount;
        if (left != 0) _requireEnough(left);
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
        open.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc INodeRegistry
    function setMinStake(uint96 least) external restricted {
        if (least > MIN_STAKE_BOUND) revert MinStakeOutOfBounds();
        minNodeStake = least;
        emit MinStakeSet(least);
    }

    /// @inheritdoc INodeRegistry
    function nodeOf(address node) external view returns (Node memory) {
        return _nodes[node];
    }

    function _stake(Node storage node, uint96 amount) private {
        node.stake += amount;
        emit Staked(msg.sender, amount);
        open.safeTransferFrom(msg.sender, address(this), amount);
        staked.mint(msg.sender, amount);
    }

    function _requireEnough(uint256 stake) private view {
        if (stake < minNodeStake) revert StakeTooSmall(stake, minNodeStake);
    }
}
