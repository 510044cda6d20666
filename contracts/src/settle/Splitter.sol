// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {PotCodec} from "../attribution/lib/PotCodec.sol";
import {DatanetRefs} from "../interfaces/DatanetRef.sol";
import {IAttributionLedger} from "../interfaces/IAttributionLedger.sol";
import {IInfluenceBook} from "../interfaces/IInfluenceBook.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Rounding} from "../lib/Rounding.sol";
import {Vault} from "./Vault.sol";

/// @title Splits income and pays it out on demand
/// @dev What is owed: `credit` to accounts and `owed` to the contributors' ledger; channels add their rests to it. The `vault`
///      holds exactly that.
abstract contract Splitter is ISettlement, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev One slot, so that a node's work is counted where its credit is written anyway.
    struct Account {
        uint128 credit;
        uint128 work;
    }

    /// @dev Values shared by all payments of one transaction, so that each is stored once.
    struct Batch {
        uint256 versions;
        uint256 fee;
        uint256 data;
        uint256 node;
    }

    /// @dev What one version was paid in a transaction. An invocation has no lines, and so no record.
    struct Income {
        uint64 version;
        uint256 gross;
        uint256 calls;
        uint256 count;
        bytes32 lines;
    }

    /// @dev Where the contracts are that a split reads and pays.
    struct Parts {
        IERC20 token;
        IModelRegistry models;
        IInfluenceBook influences;
        IAttributionLedger ledger;
        address treasury;
        uint256 window;
    }

    uint16 private constant FIRST_FEE_BPS = 300;
    uint16 private constant LEAST_FEE_BPS = 50;
    uint16 private constant MOST_FEE_BPS = 1000;
    uint256 private constant KEEP = 50;

    IERC20 public immutable token;
    IModelRegistry public immutable models;
    IInfluenceBook public immutable influences;
    /// @notice The AttributionLedger, which pays contributors.
    IAttributionLedger public immutable ledger;
    address public immutable treasury;
    /// @notice Where the money lies.
    Vault public immutable vault;
    /// @notice Seconds after which anyone may seal a pot.
    uint256 public immutable sealAfter;

    /// @inheritdoc ISettlement
    uint16 public feeBps = FIRST_FEE_BPS;
    /// @inheritdoc ISettlement
    uint256 public owed;
    mapping(address account => Account) private _accounts;
    /// @inheritdoc ISettlement
    mapping(address node => mapping(uint64 version => bytes32)) public pots;
    /// @inheritdoc ISettlement
    mapping(bytes32 lineage => uint256) public flat;
    /// @inheritdoc ISettlement
    mapping(address node => mapping(address relayer => bool)) public isRelayer;

    constructor(address authority, Parts memory parts) AccessManaged(authority) {
        token = parts.token;
        models = parts.models;
        influences = parts.influences;
        ledger = parts.ledger;
        treasury = parts.treasury;
        sealAfter = parts.window * 7 / 2;
        vault = new Vault(parts.token);
    }

    /// @inheritdoc ISettlement
    function setRelayer(address relayer, bool allowed) external {
        isRelayer[msg.sender][relayer] = allowed;
        emit RelayerSet(msg.sender, relayer, allowed);
    }

    /// @inheritdoc ISettlement
    function withdraw(address to) external nonReentrant returns (uint256) {
        bool isOurs = to == address(this) || to == address(vault) || to == address(ledger) || to == address(token);
        if (isOurs) revert NotAReceiver(to);
        return _withdraw(msg.sender, to);
    }

    /// @inheritdoc ISettlement
    function withdrawFor(address account) external nonReentrant returns (uint256) {
        return _withdraw(account, account);
    }

    /// @inheritdoc ISettlement
    function recoverStrays() external nonReentrant returns (uint256 amount) {
        amount = token.balanceOf(address(this));
        if (amount == 0) revert ZeroAmount();
        _accounts[treasury].credit += uint128(amount);
        emit StraysRecovered(amount);
        token.safeTransfer(address(vault), amount);
    }

    /// @inheritdoc ISettlement
    function seal(address node, uint64 version) external nonReentrant returns (uint256) {
        bytes32 pot = pots[node][version];
        if (pot == 0) revert NoPot(node, version);
        uint256 due = PotCodec.sinceOf(pot) + sealAfter;
        if (block.timestamp < due && !_actsFor(node)) revert SealNotDue(due);
        return _seal(node, version, pot);
    }

    /// @inheritdoc ISettlement
    function drawFlat(bytes32 lineage) external nonReentrant returns (uint256 amount) {
        if (msg.sender != address(ledger)) revert NotLedger(msg.sender);
        amount = flat[lineage];
        flat[lineage] = 0;
        _handOver();
    }

    /// @inheritdoc ISettlement
    function setFee(uint16 feeBps_) external restricted {
        if (feeBps_ < LEAST_FEE_BPS || feeBps_ > MOST_FEE_BPS) revert FeeOutOfBounds(feeBps_);
        feeBps = feeBps_;
        emit FeeSet(feeBps_);
    }

    /// @inheritdoc ISettlement
    function quote(uint256 modelId, uint256 calls, uint256 tokens) external view returns (uint256) {
        (uint128 perCall, uint128 per1kTokens) = models.priceOf(modelId);
        return calls * perCall + Rounding.divideUp(tokens * per1kTokens, 1000);
    }

    /// @inheritdoc ISettlement
    function credit(address account) external view returns (uint256) {
        return _accounts[account].credit;
    }

    /// @inheritdoc ISettlement
    function workOf(address node) external view returns (uint256) {
        return _accounts[node].work;
    }

    function _actsFor(address node) internal view returns (bool) {
        return msg.sender == node || isRelayer[node][msg.sender];
    }

    /// @dev Credits the developer, adds to the lineage and to the pot, and adds the other parts to the batch.
    function _split(address node, Income memory income, Batch memory batch) internal {
        (IModelRegistry.Terms memory terms, bytes32 lineage) =
            models.bookOf(income.version >> 32, uint32(income.version));
        uint256 gross = income.gross;
        uint256 rest = gross - Rounding.bpsDown(gross, feeBps);
        uint256 dev = Rounding.bpsDown(rest, terms.devBps);
        uint256 data = Rounding.bpsDown(rest, terms.dataBps);
        uint256 nodePart = Rounding.bpsDown(rest, terms.nodeBps);
        uint256 fee = gross - dev - data - nodePart;
        if (lineage == DatanetRefs.EMPTY_LINEAGE) (dev, data) = (dev + data, 0);
        if (data != 0) {
            (uint256 pool, uint256 keep) = _book(node, income, data, fee);
            fee -= keep;
            flat[lineage] += data - pool;
            batch.data += data + keep;
        }
        _accounts[terms.payout].credit += uint128(dev);
        batch.fee += fee;
        batch.node += nodePart;
        emit Split(income.version, node, income.calls, gross, fee, dev, data, nodePart);
    }

    /// @dev Stores the batch's totals.
    function _bank(address node, Batch memory batch) internal {
        owed += batch.data;
        Account storage own = _accounts[node];
        (own.credit, own.work) = (own.credit + uint128(batch.node), own.work + uint128(batch.fee));
        _accounts[treasury].credit += uint128(batch.fee);
    }

    /// @dev Adds a record to the pot. A full pot is sealed first, so that every pot can be passed in one transaction.
    function _book(address node, Income memory income, uint256 data, uint256 fee)
        private
        returns (uint256 pool, uint256 keep)
    {
        if (income.count == 0) return (0, 0);
        pool = Rounding.bpsDown(data, influences.rhoOf(income.version));
        if (pool == 0) return (0, 0);
        keep = Rounding.least(fee, pool / KEEP);
        bytes32 pot = pots[node][income.version];
        if (PotCodec.recordsOf(pot) == PotCodec.MOST_RECORDS) {
            _seal(node, income.version, pot);
            pot = 0;
        }
        PotCodec.Record memory record =
            PotCodec.Record(income.lines, PotCodec.packTerms(income.count, block.timestamp, keep, pool), income.gross);
        pots[node][income.version] = PotCodec.add(pot, record);
        emit Booked(node, income.version, record);
    }

    function _seal(address node, uint64 version, bytes32 pot) private returns (uint256 id) {
        pots[node][version] = 0;
        id = ledger.take(node, version, pot);
        _handOver();
    }

    function _handOver() private {
        uint256 amount = owed;
        owed = 0;
        emit HandedOver(amount);
        vault.pay(address(ledger), amount);
    }

    function _withdraw(address account, address to) private returns (uint256 amount) {
        amount = _accounts[account].credit;
        if (amount == 0) revert NothingToWithdraw(account);
        _accounts[account].credit = 0;
        emit Withdrawn(account, to, amount);
        vault.pay(to, amount);
    }
}
