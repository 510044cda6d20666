// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AnswerFees} from "../../src/attribution/AnswerFees.sol";
import {PayoutList} from "../../src/attribution/lib/PayoutList.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {IInfluenceBook} from "../../src/interfaces/IInfluenceBook.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {GameWorld} from "../support/GameWorld.sol";

/// @notice Windows, clocks, fees and shares.
contract AttributionCourtTest is GameWorld {
    address private first;

    function setUp() public {
        deployPots();
        uint256[] memory counts = new uint256[](1);
        counts[0] = 3;
        redeemCalls(7, counts);
        sealPot();
        propose(listOf(true));
        first = PayoutList.accountOf(words[0]);
    }

    function play() private {
        while (!isOver) {
            if (court.gameOf(potId, game).proposersTurn) {
                answer();
            } else if (turn.level == IAttributionCourt.Level.Entries) {
                if (entries.length == 0) timeout();
                else pickEntry(0);
            } else {
                pick(0);
            }
        }
    }

    function test_OfALostGameTheFeeIsSharedAndTheStakeIsFlat() public {
        challenge(first);
        uint256 fee = turn.fee;
        uint256 flat = ledger.flat(models.lineageOf(model, 1));
        play();
        assertEq(court.nativeCredit(node), fee / 2, "half pays for the answers");
        assertEq(court.nativeCredit(treasury), fee - fee / 2, "half to the treasury");
        assertEq(ledger.flat(models.lineageOf(model, 1)) - flat, stake(), "the stake");
    }

    function test_AWindowIsTwoDays() public {
        vm.expectRevert(IAttributionCourt.WindowNotOver.selector);
        court.finalize(meta);
        vm.warp(vm.getBlockTimestamp() + 48 hours - 1);
        challenge(first);
        vm.warp(vm.getBlockTimestamp() + 1);
        IAttributionCourt.Place memory place = placeOf(first);
        vm.expectRevert(IAttributionCourt.WindowOver.selector);
        court.challenge(meta, first, place);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.GamesLive.selector, 1));
        court.finalize(meta);
        play();
        court.finalize(meta);
        assertEq(open.balanceOf(node), poolOfPot + poolOfPot / 4 + wage(), "bond and wage");
        assertEq(court.nativeCredit(node), meta.deposit + turn.fee / 2, "deposit and half a fee");
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotProposed.selector, potId));
        court.finalize(meta);
    }

    function wage() private view returns (uint256) {
        return uint256(meta.draft.keep) * 4 * meta.draft.total / (5 * uint256(meta.draft.pool));
    }

    function test_EachSideHasFourDaysForAllItsMoves() public {
        challenge(first);
        vm.warp(vm.getBlockTimestamp() + 60 hours);
        answer();
        vm.warp(vm.getBlockTimestamp() + 96 hours);
        vm.expectRevert(IAttributionCourt.NotOutOfTime.selector);
        court.timeout(move());
        pick(0);
        vm.warp(vm.getBlockTimestamp() + 36 hours);
        vm.expectRevert(IAttributionCourt.NotOutOfTime.selector);
        court.timeout(move());
        vm.warp(vm.getBlockTimestamp() + 1);
        vm.expectRevert(IAttributionCourt.OutOfTime.selector);
        vm.prank(node);
        court.answerLines(move(), records, packed(new uint96[](1)));
        court.timeout(move());
        assertEq(court.docketOf(potId).convictions, 1, "the proposer's clock ran out");
    }

    function test_AMoveIsOfItsSideItsLevelAndItsState() public {
        challenge(first);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotYourTurn.selector, challenger));
        vm.prank(challenger);
        court.answerRedemptions(move(), packed(new uint96[](1)));
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotYourTurn.selector, challenger));
        vm.prank(challenger);
        court.pick(move(), packed(new uint96[](0)), 0);
        vm.expectRevert(
            abi.encodeWithSelector(IAttributionCourt.WrongLevel.selector, IAttributionCourt.Level.Redemptions)
        );
        vm.prank(node);
        court.answerRange(move(), packed(new uint96[](1)));
        IAttributionCourt.Move memory other = move();
        other.turn.amount -= 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.OtherTurn.selector, game));
        vm.prank(node);
        court.answerRedemptions(other, packed(new uint96[](1)));
        other = move();
        other.meta.deposit -= 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.OtherMeta.selector, potId));
        vm.prank(node);
        court.answerRedemptions(other, packed(new uint96[](1)));
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.WrongCount.selector, 2, 1));
        vm.prank(node);
        court.answerRedemptions(move(), packed(new uint96[](2)));
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.DoNotAddUp.selector, 0, turn.amount));
        vm.prank(node);
        court.answerRedemptions(move(), packed(new uint96[](1)));
        answer();
        numbers[0] += 1;
        vm.expectRevert(IAttributionCourt.OtherNumbers.selector);
        vm.prank(challenger);
        court.pick(move(), packed(numbers), 0);
        vm.expectRevert(
            abi.encodeWithSelector(IAttributionCourt.WrongLevel.selector, IAttributionCourt.Level.Redemptions)
        );
        vm.prank(challenger);
        court.pickRow(move(), 0);
    }

    function test_ARelayerAnswersForItsNode() public {
        challenge(first);
        address relayer = actor("relayer");
        uint96[] memory said = new uint96[](1);
        said[0] = turn.amount;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotYourTurn.selector, relayer));
        vm.prank(relayer);
        court.answerRedemptions(move(), packed(said));
        vm.prank(node);
        settlement.setRelayer(relayer, true);
        vm.prank(relayer);
        court.answerRedemptions(move(), packed(said));
    }

    function test_AnUnlistedAccountStandsBetweenItsNeighbours() public {
        IAttributionCourt.Place memory place = placeOf(actor("without rows"));
        IAttributionCourt.Place memory listed = placeOf(first);
        vm.expectPartialRevert(IAttributionCourt.NotAtThatPlace.selector);
        court.challenge(meta, first, place);
        listed.amount += 1;
        vm.expectPartialRevert(IAttributionCourt.NotAtThatPlace.selector);
        court.challenge(meta, first, listed);
        place.index = words.length + 1;
        vm.expectPartialRevert(IAttributionCourt.OutsideRange.selector);
        court.challenge(meta, actor("without rows"), place);
        challenge(actor("without rows"));
        assertTrue(turn.isUnlisted, "no amount yet");
        uint96[] memory said = new uint96[](1);
        said[0] = uint96((poolOfPot + 1023) / 1024);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.IsListed.selector, said[0]));
        vm.prank(node);
        court.answerRedemptions(move(), packed(said));
        play();
        assertEq(court.docketOf(potId).convictions, 0, "nothing for nothing");
    }

    function test_TheGamesOfAConvictedProposalShareAlike() public {
        // Three ask; the first lets its own clock run out, the proposer answers only the first.
        challenge(first);
        answer();
        IAttributionCourt.Move memory slow = move();
        vm.warp(vm.getBlockTimestamp() + 24 hours);
        challenge(first);
        IAttributionCourt.Move memory second = move();
        challenge(first);
        IAttributionCourt.Move memory third = move();
        vm.warp(vm.getBlockTimestamp() + 96 hours + 1);
        uint256 fees = uint256(slow.turn.fee);
        court.timeout(third);
        uint256 loot = poolOfPot / 4;
        IAttributionCourt.Verdict memory verdict = court.verdictOf(potId, 1);
        assertEq(verdict.share, loot / 3, "equal shares");
        uint256 atTreasury = open.balanceOf(treasury);
        court.collect(slow);
        assertEq(open.balanceOf(challenger), stake(), "out of time: the stake and no share");
        assertEq(open.balanceOf(treasury) - atTreasury, loot / 3, "whose share is the treasury's");
        court.collect(second);
        court.collect(third);
        assertEq(open.balanceOf(challenger), 3 * stake() + 2 * (loot / 3), "the others");
        assertEq(court.nativeCredit(challenger), 3 * fees + 2 * uint256(verdict.nativeShare), "fees and deposits");
        assertEq(open.balanceOf(address(court)), 0, "nothing is left");
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.OtherTurn.selector, second.game));
        court.collect(second);
        uint256 all = court.nativeCredit(challenger) + court.nativeCredit(treasury) + court.nativeCredit(node);
        assertEq(address(court).balance, all, "native money is all credited");
    }

    function test_AGameIsCollectedAfterAVerdictOnly() public {
        challenge(first);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NoVerdict.selector, potId, 1));
        court.collect(move());
    }

    function test_AHoldStopsWindowsAndClocksForThreeDays() public {
        challenge(first);
        vm.warp(vm.getBlockTimestamp() + 10 hours);
        expectUnauthorized(address(this));
        court.hold();
        vm.prank(guardian);
        court.hold();
        vm.warp(vm.getBlockTimestamp() + 72 hours + 86 hours);
        vm.expectRevert(IAttributionCourt.NotOutOfTime.selector);
        court.timeout(move());
        vm.warp(vm.getBlockTimestamp() + 1);
        court.timeout(move());
    }

    function test_AHoldLengthensTheWindow() public {
        vm.prank(guardian);
        court.hold();
        vm.warp(vm.getBlockTimestamp() + 72 hours + 48 hours - 1);
        vm.expectRevert(IAttributionCourt.WindowNotOver.selector);
        court.finalize(meta);
        vm.warp(vm.getBlockTimestamp() + 1);
        court.finalize(meta);
    }

    function test_HoldsAreRareEndAndDoNotServeTheGuardiansOwnProposals() public {
        uint256 end = vm.getBlockTimestamp() + 2 * 365 days;
        // The node is the guardian.
        manager.grantRole(2, node, 0);
        vm.prank(node);
        court.hold();
        vm.warp(vm.getBlockTimestamp() + 48 hours);
        court.finalize(meta);
        uint256 next = court.heldAt() + 30 days;
        vm.startPrank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.HoldNotAllowed.selector, next));
        court.hold();
        vm.warp(next);
        court.hold();
        vm.warp(end);
        vm.expectPartialRevert(IAttributionCourt.HoldNotAllowed.selector);
        court.hold();
    }

    function test_ARowIsAskedForOnceAndShownByItsPlace() public {
        challenge(first);
        while (turn.level != IAttributionCourt.Level.Entries) {
            if (court.gameOf(potId, game).proposersTurn) answer();
            else pick(0);
            if (isOver) return;
        }
        vm.recordLogs();
        vm.prank(challenger);
        court.pickRow(move(), 4);
        follow();
        IInfluenceBook.ShownRow memory shown = shownRow(4);
        shown.path = new bytes32[](0);
        vm.expectPartialRevert(bytes4(keccak256("WrongDepth(uint256,uint256)")));
        vm.prank(node);
        court.showRow(move(), abi.encode(shown));
        answer();
        vm.expectRevert(IAttributionCourt.RowAskedBefore.selector);
        vm.prank(challenger);
        court.pickRow(move(), 4);
        play();
        assertEq(court.docketOf(potId).convictions, 0, "honest");
    }

    function test_FeesHaveALeastValueAndBounds() public {
        IAttributionCourt.Place memory place = placeOf(first);
        uint256 least = court.answerFee();
        vm.deal(challenger, least);
        vm.expectRevert(abi.encodeWithSelector(AnswerFees.FeeTooSmall.selector, least - 1, least));
        vm.prank(challenger);
        court.challenge{value: least - 1}(meta, first, place);
        uint256 tooWide = uint256(type(uint96).max) + 1;
        vm.deal(challenger, tooWide);
        vm.expectRevert(abi.encodeWithSelector(AnswerFees.FeeTooSmall.selector, tooWide, least));
        vm.prank(challenger);
        court.challenge{value: tooWide}(meta, first, place);
        expectUnauthorized(address(this));
        court.setPostFee(1e15);
        vm.startPrank(council);
        vm.expectRevert(abi.encodeWithSelector(AnswerFees.PostFeeOutOfBounds.selector, 0));
        court.setPostFee(0);
        vm.expectRevert(abi.encodeWithSelector(AnswerFees.PostFeeOutOfBounds.selector, 1e17 + 1));
        court.setPostFee(1e17 + 1);
        vm.expectRevert(abi.encodeWithSelector(AnswerFees.PostFeeOutOfBounds.selector, 1e12 - 1));
        court.setPostFee(1e12 - 1);
        court.setPostFee(1e17);
        court.setPostFee(1e12);
        court.setPostFee(1e15);
        vm.stopPrank();
        assertEq(court.answerFee(), least - 1e14 + 1e15, "set");
    }

    function test_NativeMoneyIsPulledOnce() public {
        challenge(first);
        play();
        uint256 due = court.nativeCredit(node);
        uint256 had = node.balance;
        vm.startPrank(node);
        assertEq(court.withdrawNative(), due, "returned");
        assertEq(node.balance - had, due, "paid");
        vm.expectRevert(abi.encodeWithSelector(AnswerFees.NothingToWithdraw.selector, node));
        court.withdrawNative();
    }

    function test_AReceiverOfNativeMoneyEntersNoOtherFunction() public {
        challenge(first);
        play();
        vm.etch(node, address(new Reentrant()).code);
        vm.prank(node);
        court.withdrawNative();
        bytes32 seen = vm.load(node, 0);
        assertEq(seen, ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector, "refused by the guard");
    }
}

/// @notice Calls back when it is paid, and keeps the first bytes of the answer.
contract Reentrant {
    bytes4 private _answer;

    receive() external payable {
        (, bytes memory answer) = msg.sender.call(abi.encodeCall(AnswerFees.withdrawNative, ()));
        assembly ("memory-safe") {
            sstore(0, mload(add(answer, 32)))
        }
    }
}

/// @notice A line of more than 256 calls is asked about in ranges.
contract AttributionCourtRangesTest is GameWorld {
    function test_ALineOf300CallsIsAnsweredInRangesOfTwo() public {
        deployPots();
        uint256[] memory counts = new uint256[](1);
        counts[0] = 299;
        redeemCalls(1, counts);
        sealPot();
        propose(listOf(true));
        challenge(PayoutList.accountOf(words[0]));
        answer();
        pick(0);
        answer();
        pick(0);
        answer();
        assertEq(numbers.length, 150, "ranges");
        pick(149);
        assertEq(uint256(turn.level), uint256(IAttributionCourt.Level.Range), "a level of its own");
        assertEq(turn.count, 1, "the last range is shorter");
        answer();
        pick(0);
        assertEq(turn.lo, 298, "the last call");
        answer();
        assertEq(court.docketOf(potId).convictions, 0, "honest");
    }
}
