// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {IWorkRewards} from "../interfaces/IWorkRewards.sol";
import {Rounding} from "../lib/Rounding.sol";

/// @title WorkRewards
contract WorkRewards is IWorkRewards, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @dev `counted` is all work ever counted, `work` what of it was counted in `round` and is not settled yet.
    struct Worker {
        uint128 counted;
        uint128 work;
        uint128 round;
        uint128 owed;
    }

    uint256 private constant ROUND = 7 days;
    /// @dev Of what work paid, at most one part in so many comes back.
    uint256 private constant BACK = 2;

    IERC20 public immutable open;
    INodeRegistry public immutable nodes;
    ISettlement public immutable settlement;

    /// @dev The newest round that anything was written for. Those before it are over and settled.
    uint256 private _current;
    mapping(uint256 round => Round) private _rounds;
    mapping(address node => Worker) private _workers;

    constructor(IERC20 open_, INodeRegistry nodes_, ISettlement settlement_) {
        (open, nodes, settlement) = (open_, nodes_, settlement_);
        _current = roundNow();
    }

    /// @inheritdoc IWorkRewards
    function addReward(uint256 amount) external nonReentrant {
        if (amount == 0) revert AmountZero();
        _roll();
        _rounds[_current].budget += amount.toUint128();
        emit RewardAdded(msg.sender, _current, amount);
        open.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IWorkRewards
    function countWork() external nonReentrant returns (uint256 work) {
        if (nodes.nodeOf(msg.sender).stake < nodes.minNodeStake()) revert NotANode(msg.sender);
        _roll();
        Worker storage worker = _settled(msg.sender);
        work = uncountedOf(msg.sender);
        if (work == 0) revert NothingToCount(msg.sender);
        worker.counted += work.toUint128();
        worker.work += uint128(work);
        worker.round = uint128(_current);
        _rounds[_current].work += uint128(work);
        emit WorkCounted(msg.sender, _current, work);
    }

    /// @inheritdoc IWorkRewards
    function claimReward() external nonReentrant returns (uint256 amount) {
        _roll();
        Worker storage worker = _settled(msg.sender);
        amount = worker.owed;
        if (amount == 0) revert NothingToClaim(msg.sender);
        worker.owed = 0;
        emit RewardPaid(msg.sender, amount);
        open.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IWorkRewards
    function rewardOf(address node) external view returns (uint256) {
        Worker memory worker = _workers[node];
        if (worker.work == 0 || worker.round >= roundNow()) return worker.owed;
        Round memory round = _rounds[worker.round];
        uint256 given = worker.round < _current ? round.budget : _given(round);
        return worker.owed + Rounding.portionDown(given, worker.work, round.work);
    }

    /// @inheritdoc IWorkRewards
    function uncountedOf(address node) public view returns (uint256) {
        return settlement.workOf(node) - _workers[node].counted;
    }

    /// @inheritdoc IWorkRewards
    function roundOf(uint256 round) external view returns (Round memory) {
        return _rounds[round];
    }

    /// @inheritdoc IWorkRewards
    function roundNow() public view returns (uint256) {
        return block.timestamp / ROUND;
    }

    /// @dev Ends the round that was current, once its time is over. Between it and now no round has a budget.
    function _roll() private {
        uint256 next = roundNow();
        uint256 last = _current;
        if (next == last) return;
        Round storage over = _rounds[last];
        uint128 given = uint128(_given(over));
        _rounds[next].budget = over.budget - given;
        over.budget = given;
        _current = next;
        emit RoundEnded(last, given, over.work);
    }

    /// @dev Books what a node has earned in a round that is over.
    function _settled(address node) private returns (Worker storage worker) {
        worker = _workers[node];
        if (worker.work == 0 || worker.round == _current) return worker;
        Round memory round = _rounds[worker.round];
        worker.owed += uint128(Rounding.portionDown(round.budget, worker.work, round.work));
        worker.work = 0;
    }

    function _given(Round memory round) private pure returns (uint256) {
        return Rounding.least(round.budget, round.work / BACK);
    }
}
