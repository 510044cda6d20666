// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";

/// @title Splits income and pays it out on demand
/// @dev What is owed: `credit` to accounts and `dataOwed` to the contributors' ledger; channels add their rests to it.
abstract contract Splitter is ISettlement, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Values shared by all payments of one transaction, so that each is stored once.
    struct Batch {
        bytes32 acc;
        uint256 models;
        uint256 fee;
        uint256 data;
        uint256 node;
    }

    uint256 public constant EPOCH_SECONDS = 1 hours;
    uint256 private constant BPS = 10_000;
    uint16 private constant FIRST_FEE_BPS = 300;
    uint16 private constant MOST_FEE_BPS = 1000;

    IERC20 public immutable token;
    IModelRegistry public immutable models;
    /// @notice The AttributionLedger, which counts what it receives.
    address public immutable ledger;
    address public immutable treasury;

    /// @inheritdoc ISettlement
    uint16 public feeBps = FIRST_FEE_BPS;
    /// @inheritdoc ISettlement
    uint256 public dataOwed;
    /// @inheritdoc ISettlement
    mapping(address account => uint256) public credit;
    /// @inheritdoc ISettlement
    mapping(uint256 epoch => bytes32) public receiptsAcc;
    /// @inheritdoc ISettlement
    mapping(uint256 epoch => uint256) public epochData;

    constructor(address authority, IERC20 token_, IModelRegistry models_, address ledger_, address treasury_)
        AccessManaged(authority)
    {
        token = token_;
        models = models_;
        ledger = ledger_;
        treasury = treasury_;
    }

    /// @inheritdoc ISettlement
    function withdraw(address to) external nonReentrant returns (uint256) {
        return _withdraw(msg.sender, to);
    }

    /// @inheritdoc ISettlement
    function withdrawFor(address account) external nonReentrant returns (uint256) {
        return _withdraw(account, account);
    }

    /// @inheritdoc ISettlement
    function sweepData() external nonReentrant returns (uint256 amount) {
        amount = dataOwed;
        dataOwed = 0;
        emit DataSwept(amount);
        token.safeTransfer(ledger, amount);
    }

    /// @inheritdoc ISettlement
    function setFee(uint16 feeBps_) external restricted {
        if (feeBps_ > MOST_FEE_BPS) revert FeeTooLarge(feeBps_);
        feeBps = feeBps_;
        emit FeeSet(feeBps_);
    }

    /// @inheritdoc ISettlement
    function quote(uint256 modelId, uint256 calls, uint256 tokens) external view returns (uint256) {
        (uint128 perCall, uint128 per1kTokens) = models.priceOf(modelId);
        return calls * perCall + Math.ceilDiv(tokens * per1kTokens, 1000);
    }

    /// @inheritdoc ISettlement
    function currentEpoch() public view returns (uint256) {
        return block.timestamp / EPOCH_SECONDS;
    }

    /// @dev A batch that continues the epoch's accumulator; the caller passes it to `_bank`.
    function _newBatch() internal view returns (Batch memory batch) {
        batch.acc = receiptsAcc[currentEpoch()];
    }

    /// @dev Credits the developer and adds the other parts to the batch.
    function _split(uint256 modelId, address node, uint256 calls, uint256 gross, Batch memory batch) internal {
        IModelRegistry.Terms memory terms = models.termsOf(modelId);
        uint256 rest = gross - gross * feeBps / BPS;
        uint256 dev = rest * terms.devBps / BPS;
        uint256 data = rest * terms.dataBps / BPS;
        uint256 nodePart = rest * terms.nodeBps / BPS;
        uint256 fee = gross - dev - data - nodePart;
        credit[terms.payout] += dev;
        batch.fee += fee;
        batch.data += data;
        batch.node += nodePart;
        emit Split(modelId, node, calls, gross, fee, dev, data, nodePart);
    }

    /// @dev Stores the batch's totals.
    function _bank(address node, Batch memory batch) internal {
        uint256 epoch = currentEpoch();
        receiptsAcc[epoch] = batch.acc;
        epochData[epoch] += batch.data;
        dataOwed += batch.data;
        credit[node] += batch.node;
        credit[treasury] += batch.fee;
    }

    /// @dev Adds one payment to the epoch's accumulator.
    function _bind(bytes32 acc, bytes32 receipts, address payer, uint256 amount) internal pure returns (bytes32) {
        return EfficientHashLib.hash(uint256(acc), uint256(receipts), uint256(uint160(payer)), amount);
    }

    function _withdraw(address account, address to) private returns (uint256 amount) {
        amount = credit[account];
        if (amount == 0) revert NothingToWithdraw(account);
        credit[account] = 0;
        emit Withdrawn(account, to, amount);
        token.safeTransfer(to, amount);
    }
}
