// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Roles} from "../gov/Roles.sol";
import {IQuestBoard} from "../interfaces/IQuestBoard.sol";
import {IQuestCheck} from "../interfaces/IQuestCheck.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

/// @title QuestBoard
contract QuestBoard is IQuestBoard, AccessManaged, EIP712 {
    using BitMaps for BitMaps.BitMap;

    bytes32 private constant AWARD =
        keccak256("Award(address who,uint256 quest,uint32 points,uint256 nonce,uint256 deadline)");

    /// @dev An award reads and writes one slot.
    struct Running {
        uint32 points;
        uint32 cap;
        uint40 from;
        uint40 to;
        uint32 given;
        bool isChecked;
        bytes32 meta;
        IQuestCheck check;
    }

    mapping(uint256 quest => Running) private _quests;
    uint256 public questCount;
    BitMaps.BitMap private _used;
    /// @notice The season in which points count now.
    uint256 public season;

    /// @inheritdoc IQuestBoard
    mapping(uint256 season => mapping(address who => uint256)) public pointsOf;
    mapping(uint256 quest => mapping(address who => bool)) public completed;

    constructor(address manager) AccessManaged(manager) EIP712("QuestBoard", "1") {}

    /// @inheritdoc IQuestBoard
    function addQuest(Quest calldata terms) external restricted returns (uint256 quest) {
        if (terms.points == 0 || terms.cap < terms.points || terms.to < terms.from) revert BadQuest();
        quest = questCount++;
        _quests[quest] = Running({
            points: terms.points,
            cap: terms.cap,
            from: terms.from,
            to: terms.to,
            given: 0,
            isChecked: address(terms.check) != address(0),
            meta: terms.meta,
            check: terms.check
        });
        emit QuestAdded(quest, terms);
    }

    /// @inheritdoc IQuestBoard
    function startSeason() external restricted returns (uint256) {
        emit SeasonStarted(++season);
        return season;
    }

    /// @inheritdoc IQuestBoard
    function award(Award calldata one, bytes calldata signature) external {
        if (block.timestamp > one.deadline) revert Expired(one.deadline);
        bytes32 content = keccak256(abi.encode(AWARD, one.who, one.quest, one.points, one.nonce, one.deadline));
        address signer = ECDSA.recover(_hashTypedDataV4(content), signature);
        // A signature cannot wait for a delay, so an issuer with an execution delay cannot sign awards.
        (bool issuer, uint32 delay) = IAccessManager(authority()).hasRole(Roles.ISSUER, signer);
        if (!issuer || delay != 0) revert NotAnIssuer(signer);
        _award(one);
    }

    /// @inheritdoc IQuestBoard
    function awardMany(Award[] calldata many) external restricted {
        for (uint256 i; i < many.length; ++i) {
            _award(many[i]);
        }
    }

    /// @inheritdoc IQuestBoard
    function complete(uint256 quest) external {
        Running storage running = _running(quest);
        if (!running.isChecked) revert WrongWay(quest);
        if (completed[quest][msg.sender]) revert AlreadyDone(msg.sender, quest);
        if (!running.check.done(msg.sender)) revert NotDone(msg.sender, quest);
        completed[quest][msg.sender] = true;
        _give(msg.sender, quest, running, running.points);
    }

    /// @inheritdoc IQuestBoard
    function questOf(uint256 quest) external view returns (Quest memory) {
        Running storage r = _running(quest);
        return Quest(r.meta, r.points, r.cap, r.from, r.to, r.check);
    }

    /// @inheritdoc IQuestBoard
    function givenBy(uint256 quest) external view returns (uint256) {
        return _quests[quest].given;
    }

    function isNonceUsed(uint256 nonce) external view returns (bool) {
        return _used.get(nonce);
    }

    function _award(Award calldata one) private {
        Running storage running = _running(one.quest);
        if (running.isChecked) revert WrongWay(one.quest);
        if (one.points > running.points) revert TooManyPoints(one.points, running.points);
        if (_used.get(one.nonce)) revert NonceUsed(one.nonce);
        _used.set(one.nonce);
        _give(one.who, one.quest, running, one.points);
    }

    function _give(address who, uint256 quest, Running storage running, uint32 points) private {
        if (block.timestamp < running.from || block.timestamp > running.to) {
            revert NotRunning(running.from, running.to);
        }
        uint256 given = uint256(running.given) + points;
        if (given > running.cap) revert CapReached(quest, running.cap);
        running.given = uint32(given);
        uint256 now_ = season;
        pointsOf[now_][who] += points;
        emit Awarded(who, quest, now_, points);
    }

    /// @dev A quest without points was never added.
    function _running(uint256 quest) private view returns (Running storage running) {
        running = _quests[quest];
        if (running.points == 0) revert UnknownQuest(quest);
    }
}
