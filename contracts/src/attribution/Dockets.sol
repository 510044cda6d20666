// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {GuardianLimits} from "../gov/GuardianLimits.sol";
import {IAttributionCourt} from "../interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../interfaces/IAttributionLedger.sol";
import {IInfluenceBook} from "../interfaces/IInfluenceBook.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Rounding} from "../lib/Rounding.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {AnswerFees} from "./AnswerFees.sol";
import {PotCodec} from "./lib/PotCodec.sol";

/// @title Proposals, their bonds and their ends
/// @dev All times follow from the window.
abstract contract Dockets is IAttributionCourt, AnswerFees {
    using SafeERC20 for IERC20;

    /// @dev Where the contracts are that a court works with.
    struct Parts {
        OpenToken open;
        IAttributionLedger ledger;
        IInfluenceBook influences;
        ISettlement settlement;
        address treasury;
        uint256 window;
    }

    uint256 private constant META_BYTES = 14 * 32;
    uint256 private constant MOST_CONVICTIONS = 3;
    uint256 private constant STAKE_PARTS = 1000;

    OpenToken public immutable open;
    IAttributionLedger public immutable ledger;
    IInfluenceBook public immutable influences;
    ISettlement public immutable settlement;
    address public immutable treasury;
    /// @notice Seconds in which a proposal can be questioned.
    uint256 public immutable window;
    /// @notice Seconds that each side of a game may take for all its moves.
    uint256 public immutable clock;
    /// @notice When the guardian's power to hold ends.
    uint256 public immutable holdEnd;

    mapping(uint256 id => Docket) internal _dockets;
    mapping(uint256 id => mapping(uint256 game => Game)) internal _games;
    mapping(uint256 id => mapping(uint32 round => Verdict)) internal _verdicts;
    /// @notice Who held last, and since when.
    address public holder;
    uint40 public heldAt;

    constructor(address authority, Parts memory parts) AccessManaged(authority) {
        (open, ledger, influences) = (parts.open, parts.ledger, parts.influences);
        (settlement, treasury, window) = (parts.settlement, parts.treasury, parts.window);
        clock = parts.window * 2;
        holdEnd = block.timestamp + GuardianLimits.TERM;
        // The ledger takes the stakes of lost games, and nothing else.
        parts.open.approve(address(parts.ledger), type(uint256).max);
    }

    /// @inheritdoc IAttributionCourt
    function propose(uint256 id, PotCodec.Record[] calldata records, uint256[] calldata list, bytes32 dataHash)
        external
        payable
        nonReentrant
    {
        IAttributionLedger.Pot memory pot = ledger.potOf(id);
        uint256 due = PotCodec.sinceOf(pot.word) + window * 7 / 2;
        if (!_actsFor(pot.node) && block.timestamp < due) revert MayNotPropose(msg.sender, due);
        Docket storage docket = _dockets[id];
        if (docket.meta != 0) revert AlreadyProposed(id);
        Meta memory meta = Meta({
            id: id,
            proposer: msg.sender,
            version: pot.version,
            round: docket.round + 1,
            acc: pot.word,
            draft: ledger.draft(id, records, list),
            values: influences.valuesOf(pot.version),
            deposit: _takeFee(2)
        });
        (docket.meta, docket.begunAt, docket.round) = (keccak256(abi.encode(meta)), uint40(block.timestamp), meta.round);
        emit Proposed(id, msg.sender, meta, list, dataHash);
        _pull(_bondOf(meta));
    }

    /// @inheritdoc IAttributionCourt
    function finalize(Meta calldata meta) external nonReentrant {
        Docket storage docket = _pending(meta);
        if (_elapsed(docket.begunAt, block.timestamp, meta.proposer) < window) revert WindowNotOver();
        if (docket.live != 0) revert GamesLive(docket.live);
        docket.meta = 0;
        nativeCredit[meta.proposer] += meta.deposit;
        ledger.finalize(meta.id, meta.draft, meta.proposer, msg.sender);
        _push(meta.proposer, _bondOf(meta));
    }

    /// @inheritdoc IAttributionCourt
    function flatten(uint256 id, PotCodec.Record[] calldata records) external nonReentrant {
        Docket storage docket = _dockets[id];
        if (docket.meta != 0) revert AlreadyProposed(id);
        IAttributionLedger.Pot memory pot = ledger.potOf(id);
        bool isOld = block.timestamp >= PotCodec.sinceOf(pot.word) + 7 * window
            && block.timestamp >= docket.convictedAt + window * 7 / 2;
        if (!isOld && docket.convictions < MOST_CONVICTIONS && !influences.isVoid(pot.version)) revert NotFlatYet();
        ledger.flatten(id, records, msg.sender);
    }

    /// @inheritdoc IAttributionCourt
    function release(Meta calldata meta) external nonReentrant {
        Docket storage docket = _pending(meta);
        if (ledger.potOf(meta.id).state != IAttributionLedger.State.Flat) revert NotFlatYet();
        (docket.meta, docket.live) = (0, 0);
        _verdicts[meta.id][meta.round] = Verdict(0, 0, uint40(block.timestamp));
        nativeCredit[meta.proposer] += meta.deposit;
        _push(meta.proposer, _bondOf(meta));
    }

    /// @inheritdoc IAttributionCourt
    function hold() external restricted {
        uint256 from = heldAt == 0 ? 0 : heldAt + 15 * window;
        if (block.timestamp < from || block.timestamp >= holdEnd) revert HoldNotAllowed(from);
        (holder, heldAt) = (msg.sender, uint40(block.timestamp));
        emit Held(msg.sender, block.timestamp + _holdTime());
    }

    /// @inheritdoc IAttributionCourt
    function docketOf(uint256 id) external view returns (Docket memory) {
        return _dockets[id];
    }

    /// @inheritdoc IAttributionCourt
    function gameOf(uint256 id, uint256 game) external view returns (Game memory) {
        return _games[id][game];
    }

    /// @inheritdoc IAttributionCourt
    function verdictOf(uint256 id, uint32 round) external view returns (Verdict memory) {
        return _verdicts[id][round];
    }

    /// @dev Burns the pool's worth of the bond and sets the rest aside for the live games. What does not divide is the treasury's.
    function _convict(Meta calldata meta) internal {
        Docket storage docket = _dockets[meta.id];
        uint256 live = docket.live;
        (docket.meta, docket.live, docket.convictedAt) = (0, 0, uint40(block.timestamp));
        // More need not be counted.
        if (docket.convictions < MOST_CONVICTIONS) ++docket.convictions;
        uint256 loot = _bondOf(meta) - meta.draft.pool;
        uint256 share = loot / live;
        uint256 nativeShare = meta.deposit / live;
        _verdicts[meta.id][meta.round] = Verdict(uint96(share), uint96(nativeShare), uint40(block.timestamp));
        nativeCredit[treasury] += meta.deposit - nativeShare * live;
        emit Convicted(meta.id, meta.round, meta.proposer, live);
        open.burn(meta.draft.pool);
        _push(treasury, loot - share * live);
    }

    /// @dev The docket of a proposal that is pending; else reverts.
    function _pending(Meta calldata meta) internal view returns (Docket storage docket) {
        docket = _dockets[meta.id];
        if (docket.meta == 0) revert NotProposed(meta.id);
        if (docket.meta != _hashMeta(meta)) revert OtherMeta(meta.id);
    }

    /// @dev keccak256(abi.encode(meta)): all its fields are words. Words that are not clean have another hash than any stored.
    function _hashMeta(Meta calldata meta) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, meta, META_BYTES)
            hash := keccak256(free, META_BYTES)
        }
    }

    /// @dev Seconds from `from` to `to` that no hold stopped.
    function _elapsed(uint256 from, uint256 to, address proposer) internal view returns (uint256 time) {
        time = to - from;
        if (proposer == holder) return time;
        uint256 start = from > heldAt ? from : heldAt;
        uint256 end = Rounding.least(to, heldAt + _holdTime());
        if (end > start) time -= end - start;
    }

    function _actsFor(address account) internal view returns (bool) {
        return msg.sender == account || settlement.isRelayer(account, msg.sender);
    }

    function _bondOf(Meta memory meta) internal pure returns (uint256) {
        uint256 pool = meta.draft.pool;
        return pool + pool / 4;
    }

    function _stakeOf(Meta memory meta) internal pure returns (uint256) {
        return Rounding.divideUp(meta.draft.pool, STAKE_PARTS);
    }

    function _pull(uint256 amount) internal {
        IERC20(address(open)).safeTransferFrom(msg.sender, address(this), amount);
    }

    function _push(address to, uint256 amount) internal {
        if (amount != 0) IERC20(address(open)).safeTransfer(to, amount);
    }

    function _holdTime() private view returns (uint256) {
        return window * 3 / 2;
    }
}
