// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Roles} from "../../src/gov/Roles.sol";
import {IQuestBoard} from "../../src/interfaces/IQuestBoard.sol";
import {IQuestCheck} from "../../src/interfaces/IQuestCheck.sol";
import {NodeWorked} from "../../src/points/NodeWorked.sol";
import {QuestBoard} from "../../src/points/QuestBoard.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";

contract QuestBoardTest is MarketDeployed {
    QuestBoard private board;
    address private issuer;
    uint256 private issuerKey;
    address private alice;

    function setUp() public {
        deployMarket();
        board = QuestBoard(deploy("QuestBoard", abi.encode(address(manager))));
        (issuer, issuerKey) = account("issuer");
        manager.grantRole(Roles.ISSUER, issuer, 0);
        restrict(address(board), board.addQuest.selector, Roles.ISSUER);
        restrict(address(board), board.awardMany.selector, Roles.ISSUER);
        restrict(address(board), board.startSeason.selector, Roles.PARAM);
        alice = rich("alice", 5_000e18, address(nodes));
        add(10, 25, IQuestCheck(address(0)));
        add(7, 14, NodeWorked(deploy("NodeWorked", abi.encode(nodes, settlement, 1_000e18, 3e16))));
    }

    function add(uint32 points, uint32 cap, IQuestCheck check) private returns (uint256) {
        uint40 now_ = uint40(vm.getBlockTimestamp());
        vm.prank(issuer);
        return board.addQuest(IQuestBoard.Quest("meta", points, cap, now_, now_ + 100, check));
    }

    function one(uint32 points, uint256 nonce) private view returns (IQuestBoard.Award memory) {
        return IQuestBoard.Award(alice, 0, points, nonce, vm.getBlockTimestamp() + 50);
    }

    function sign(IQuestBoard.Award memory a, uint256 key) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("QuestBoard"),
                keccak256("1"),
                block.chainid,
                address(board)
            )
        );
        bytes32 kind = keccak256("Award(address who,uint256 quest,uint32 points,uint256 nonce,uint256 deadline)");
        bytes32 content = keccak256(abi.encode(kind, a.who, a.quest, a.points, a.nonce, a.deadline));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, content)));
        return abi.encodePacked(r, s, v);
    }

    function test_AnIssuersSignatureGivesPointsOnce() public {
        IQuestBoard.Award memory a = one(10, 3);
        bytes memory signature = sign(a, issuerKey);
        vm.expectEmit(address(board));
        emit IQuestBoard.Awarded(alice, 0, 0, 10);
        board.award(a, signature);
        assertEq(board.pointsOf(0, alice), 10, "points");
        assertEq(board.givenBy(0), 10, "given");
        assertTrue(board.isNonceUsed(3) && !board.isNonceUsed(4), "nonce");
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.NonceUsed.selector, 3));
        board.award(a, signature);
    }

    function test_SignaturesOfOthersGiveNothing() public {
        IQuestBoard.Award memory a = one(10, 3);
        (address other, uint256 key) = account("other");
        bytes memory signature = sign(a, key);
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.NotAnIssuer.selector, other));
        board.award(a, signature);
        // A member with an execution delay cannot sign awards.
        manager.grantRole(Roles.ISSUER, other, 1 days);
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.NotAnIssuer.selector, other));
        board.award(a, signature);
        signature = sign(a, issuerKey);
        a.points = 9;
        vm.expectPartialRevert(IQuestBoard.NotAnIssuer.selector);
        board.award(a, signature);
        a.points = 10;
        vm.chainId(block.chainid + 1);
        vm.expectPartialRevert(IQuestBoard.NotAnIssuer.selector);
        board.award(a, signature);
    }

    function test_SignaturesEnd() public {
        IQuestBoard.Award memory a = one(10, 3);
        bytes memory signature = sign(a, issuerKey);
        vm.warp(a.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.Expired.selector, a.deadline));
        board.award(a, signature);
        vm.warp(a.deadline);
        board.award(a, signature);
    }

    function batch(IQuestBoard.Award memory a) private {
        IQuestBoard.Award[] memory many = new IQuestBoard.Award[](1);
        many[0] = a;
        vm.prank(issuer);
        board.awardMany(many);
    }

    function test_IssuersSendBatches() public {
        IQuestBoard.Award[] memory many = new IQuestBoard.Award[](2);
        (many[0], many[1]) = (one(1, 1), one(2, 2));
        many[1].who = issuer;
        vm.prank(issuer);
        board.awardMany(many);
        assertEq(board.pointsOf(0, alice), 1, "first");
        assertEq(board.pointsOf(0, issuer), 2, "second");
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.NonceUsed.selector, 2));
        batch(one(1, 2));
    }

    function test_AQuestIsBounded() public {
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.TooManyPoints.selector, 11, 10));
        batch(one(11, 1));
        batch(one(10, 1));
        batch(one(10, 2));
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.CapReached.selector, 0, 25));
        batch(one(6, 3));
        batch(one(5, 3));
        IQuestBoard.Award memory a = one(1, 4);
        a.quest = 2;
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.UnknownQuest.selector, 2));
        batch(a);
    }

    function test_AQuestRunsFromItsFirstToItsLastSecond() public {
        vm.warp(vm.getBlockTimestamp() + 10);
        add(10, 25, IQuestCheck(address(0)));
        IQuestBoard.Quest memory quest = board.questOf(2);
        bytes memory why = abi.encodeWithSelector(IQuestBoard.NotRunning.selector, quest.from, quest.to);
        vm.warp(quest.from - 1);
        vm.expectRevert(why);
        later(1);
        vm.warp(quest.from);
        later(1);
        vm.warp(quest.to);
        later(2);
        vm.warp(quest.to + 1);
        vm.expectRevert(why);
        later(3);
    }

    function later(uint256 nonce) private {
        IQuestBoard.Award memory a = one(1, nonce);
        a.quest = 2;
        batch(a);
    }

    function test_ACheckedQuestIsTakenByWhoHasDoneIt() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.NotDone.selector, alice, 1));
        board.complete(1);
        nodes.register(1_000e18, "peer", 0);
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.NotDone.selector, alice, 1));
        board.complete(1);
        // 1 OPEN paid to this node is 0.03 OPEN of fee.
        open.approve(address(settlement), 1e18);
        settlement.invoke(uint32(model), 1, alice, 1e18, "call");
        board.complete(1);
        assertEq(board.pointsOf(0, alice), 7, "points");
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.AlreadyDone.selector, alice, 1));
        board.complete(1);
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.WrongWay.selector, 0));
        board.complete(0);
        vm.stopPrank();
        IQuestBoard.Award memory a = one(1, 4);
        a.quest = 1;
        vm.expectRevert(abi.encodeWithSelector(IQuestBoard.WrongWay.selector, 1));
        batch(a);
    }

    function test_SeasonsCountFromZero() public {
        batch(one(4, 1));
        vm.expectEmit(address(board));
        emit IQuestBoard.SeasonStarted(1);
        vm.prank(council);
        assertEq(board.startSeason(), 1, "season");
        batch(one(3, 2));
        assertEq(board.pointsOf(0, alice), 4, "first season");
        assertEq(board.pointsOf(1, alice), 3, "second season");
    }

    function test_QuestsAreWellFormed() public {
        IQuestBoard.Quest memory quest = board.questOf(0);
        vm.startPrank(issuer);
        quest.points = 0;
        vm.expectRevert(IQuestBoard.BadQuest.selector);
        board.addQuest(quest);
        quest.points = 26;
        vm.expectRevert(IQuestBoard.BadQuest.selector);
        board.addQuest(quest);
        quest.points = 25;
        quest.to = quest.from - 1;
        vm.expectRevert(IQuestBoard.BadQuest.selector);
        board.addQuest(quest);
        quest.to = quest.from;
        vm.expectEmit(address(board));
        emit IQuestBoard.QuestAdded(2, quest);
        assertEq(board.addQuest(quest), 2, "number");
        assertEq(board.questCount(), 3, "count");
    }

    function test_RolesAreAskedFor() public {
        IQuestBoard.Quest memory quest = board.questOf(0);
        vm.startPrank(alice);
        expectUnauthorized(alice);
        board.addQuest(quest);
        expectUnauthorized(alice);
        board.awardMany(new IQuestBoard.Award[](0));
        expectUnauthorized(alice);
        board.startSeason();
    }
}
