// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAttributionLedger} from "../interfaces/IAttributionLedger.sol";
import {IDatanetRegistry} from "../interfaces/IDatanetRegistry.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {FlatStream} from "./FlatStream.sol";
import {Rounding} from "../lib/Rounding.sol";
import {Merkle} from "./lib/Merkle.sol";
import {PayoutList} from "./lib/PayoutList.sol";
import {PotCodec} from "./lib/PotCodec.sol";

/// @title AttributionLedger
contract AttributionLedger is FlatStream {
    using SafeERC20 for IERC20;

    /// @notice Seconds from a court's announcement until it judges new pots.
    uint256 public immutable courtNotice;
    /// @notice Seconds after which a pot needs no court to become flat.
    uint256 public immutable exitAfter;

    address private _court;
    address private _nextCourt;
    uint40 private _nextFrom;
    /// @inheritdoc IAttributionLedger
    uint256 public potCount;
    mapping(uint256 id => Pot) private _pots;
    mapping(uint256 id => bytes32) private _drafts;
    /// @inheritdoc IAttributionLedger
    mapping(uint256 id => bytes32) public rootOf;
    mapping(address account => mapping(uint256 word => uint256)) private _claimed;

    constructor(address authority, IERC20 open_, IModelRegistry models_, IDatanetRegistry datanets_, uint256 window)
        FlatStream(open_, models_, datanets_)
        AccessManaged(authority)
    {
        (courtNotice, exitAfter) = (window * 15, window * 45);
    }

    modifier onlyCourtOf(uint256 id) {
        if (msg.sender != _pots[id].court) revert NotCourt(msg.sender);
        _;
    }

    /// @inheritdoc IAttributionLedger
    function wire(address settlement_, address court_) external restricted {
        if (_court != address(0)) revert AlreadyWired();
        if (settlement_ == address(0) || court_ == address(0)) revert ZeroAddress();
        _wireSettlement(settlement_);
        _court = court_;
        emit Wired(settlement_, court_);
    }

    /// @inheritdoc IAttributionLedger
    function announceCourt(address court_) external restricted {
        if (court_ == address(0)) revert ZeroAddress();
        _court = court();
        (_nextCourt, _nextFrom) = (court_, uint40(block.timestamp + courtNotice));
        emit CourtAnnounced(court_, _nextFrom);
    }

    /// @inheritdoc IAttributionLedger
    function take(address node, uint64 version, bytes32 pot) external returns (uint256 id) {
        if (msg.sender != address(settlement)) revert NotSettlement(msg.sender);
        id = ++potCount;
        address judge = court();
        _pots[id] = Pot(pot, node, version, State.Sealed, judge, uint40(block.timestamp));
        emit Sealed(id, node, version, pot, judge);
    }

    /// @inheritdoc IAttributionLedger
    function draft(uint256 id, PotCodec.Record[] calldata records, uint256[] calldata words)
        external
        onlyCourtOf(id)
        returns (Draft memory checked)
    {
        Pot storage pot = _sealedPot(id);
        (uint256 pool, uint256 keep) = PotCodec.unroll(pot.word, records);
        (bytes32 root, uint256 total) = PayoutList.check(words, pool, address(this));
        checked = Draft(uint96(pool), uint96(keep), uint96(total), uint32(words.length), root);
        _drafts[id] = keccak256(abi.encode(checked));
    }

    /// @inheritdoc IAttributionLedger
    function finalize(uint256 id, Draft calldata checked, address proposer, address finaliser)
        external
        onlyCourtOf(id)
        nonReentrant
    {
        Pot storage pot = _sealedPot(id);
        if (keccak256(abi.encode(checked)) != _drafts[id]) revert OtherDraft(id);
        pot.state = State.Final;
        (pot.word, _drafts[id]) = (0, 0);
        rootOf[id] = checked.root;
        uint256 keep = checked.keep;
        uint256 wage = Rounding.portionDown(keep * 4, checked.total, uint256(checked.pool) * 5);
        uint256 tip = keep / 5;
        uint256 rest = checked.pool - checked.total + keep - wage - tip;
        _addFlat(_lineageOf(pot.version), rest);
        emit Finalized(id, checked.root, checked.total, rest);
        _pay(proposer, wage);
        _pay(finaliser, tip);
    }

    /// @inheritdoc IAttributionLedger
    function flatten(uint256 id, PotCodec.Record[] calldata records, address caller) external nonReentrant {
        Pot storage pot = _sealedPot(id);
        uint256 due = pot.sealedAt + exitAfter;
        if (msg.sender != pot.court && block.timestamp < due) revert NotDue(due);
        (uint256 pool, uint256 keep) = PotCodec.unroll(pot.word, records);
        uint256 tip = keep / 5;
        pot.state = State.Flat;
        (pot.word, _drafts[id]) = (0, 0);
        _addFlat(_lineageOf(pot.version), pool + keep - tip);
        emit Flattened(id, pool + keep - tip);
        _pay(caller, tip);
    }

    /// @inheritdoc IAttributionLedger
    function claimMany(address account, Claim[] calldata claims) external nonReentrant {
        uint256 sum;
        for (uint256 i; i < claims.length; ++i) {
            Claim calldata claim = claims[i];
            uint256 id = claim.id;
            uint256 bits = _claimed[account][id >> 8];
            uint256 bit = 1 << (id & 255);
            if (bits & bit != 0) continue;
            bytes32 node = PayoutList.leaf(PayoutList.pack(account, claim.amount));
            if (Merkle.fold(node, claim.index, claim.path) != rootOf[id]) revert NotInList(id, account);
            _claimed[account][id >> 8] = bits | bit;
            sum += claim.amount;
            emit Claimed(id, account, claim.amount);
        }
        if (sum == 0) revert NothingToClaim(account);
        open.safeTransfer(account, sum);
    }

    /// @inheritdoc IAttributionLedger
    function potOf(uint256 id) external view returns (Pot memory) {
        return _pots[id];
    }

    /// @inheritdoc IAttributionLedger
    function isClaimed(uint256 id, address account) external view returns (bool) {
        return _claimed[account][id >> 8] & 1 << (id & 255) != 0;
    }

    /// @inheritdoc IAttributionLedger
    function court() public view returns (address) {
        return _nextCourt != address(0) && block.timestamp >= _nextFrom ? _nextCourt : _court;
    }

    function _sealedPot(uint256 id) private view returns (Pot storage pot) {
        pot = _pots[id];
        if (pot.state != State.Sealed) revert NotSealed(id);
    }

    function _pay(address account, uint256 amount) private {
        if (amount != 0) open.safeTransfer(account, amount);
    }
}
