// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Roles} from "../../src/gov/Roles.sol";
import {IQuestBoard} from "../../src/interfaces/IQuestBoard.sol";
import {IQuestCheck} from "../../src/interfaces/IQuestCheck.sol";
import {QuestBoard} from "../../src/points/QuestBoard.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";
import {Test} from "../support/Test.sol";

/// @notice Awards of any size over several seasons, with repeated nonces.
contract QuestHandler is Test {
    QuestBoard private immutable _board;
    mapping(uint256 nonce => bool) private _spent;
    uint256[3] public given;
    uint256 public seasons;

    constructor(QuestBoard board) {
        _board = board;
    }

    function award(uint256 seed, uint256 points, uint256 nonce) external {
        uint256 quest = seed % 3;
        (points, nonce) = (bound(points, 0, 12), bound(nonce, 0, 400));
        IQuestBoard.Award[] memory many = new IQuestBoard.Award[](1);
        many[0] = IQuestBoard.Award(address(uint160(seed % 5 + 1)), quest, uint32(points), nonce, 0);
        bool fine = points <= 10 && !_spent[nonce] && given[quest] + points <= 200 * (quest + 1);
        (bool taken,) = address(_board).call(abi.encodeCall(_board.awardMany, (many)));
        assertTrue(taken == fine, "an award counts when nonce, size and cap allow it");
        if (!taken) return;
        (_spent[nonce], given[quest]) = (true, given[quest] + points);
    }

    function nextSeason(uint256 seed) external {
        if (seed % 8 != 0 || seasons > 3) return;
        _board.startSeason();
        ++seasons;
    }
}

contract QuestBoardInvariants is OpenDeployed {
    QuestBoard private board;
    QuestHandler private handler;

    function setUp() public {
        deployOpen();
        board = QuestBoard(deploy("QuestBoard", abi.encode(address(manager))));
        handler = new QuestHandler(board);
        restrict(address(board), board.awardMany.selector, Roles.ISSUER);
        restrict(address(board), board.startSeason.selector, Roles.PARAM);
        manager.grantRole(Roles.ISSUER, address(handler), 0);
        manager.grantRole(Roles.PARAM, address(handler), 0);
        for (uint32 i = 1; i <= 3; ++i) {
            board.addQuest(IQuestBoard.Quest("", 10, 200 * i, 0, type(uint40).max, IQuestCheck(address(0))));
        }
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](2);
        selectors[0] = handler.award.selector;
        selectors[1] = handler.nextSeason.selector;
        targetSelector(address(handler), selectors);
    }

    /// @dev I10; and every point given belongs to an account.
    function invariant_PointsStayWithinTheCapsAndAddUp() public view {
        uint256 given;
        for (uint256 quest; quest < 3; ++quest) {
            assertEq(board.givenBy(quest), handler.given(quest), "given");
            assertLe(board.givenBy(quest), board.questOf(quest).cap, "cap");
            given += board.givenBy(quest);
        }
        uint256 held;
        for (uint256 season; season <= board.season(); ++season) {
            for (uint160 who = 1; who <= 5; ++who) {
                held += board.pointsOf(season, address(who));
            }
        }
        assertEq(held, given, "points of all seasons");
    }
}
