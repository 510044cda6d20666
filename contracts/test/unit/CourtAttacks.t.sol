// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallRule} from "../../src/attribution/lib/CallRule.sol";
import {PayoutList} from "../../src/attribution/lib/PayoutList.sol";
import {PotCodec} from "../../src/attribution/lib/PotCodec.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {IInfluenceBook} from "../../src/interfaces/IInfluenceBook.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {GameWorld} from "../support/GameWorld.sol";

/// @notice What was tried against the proposals of who earned what, and fails.
contract CourtAttacksTest is GameWorld {
    address private thief = actor("thief");

    function setUp() public {
        deployPots();
        uint256[] memory counts = new uint256[](2);
        (counts[0], counts[1]) = (3, 2);
        redeemCalls(7, counts);
    }

    function theft() private view returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = PayoutList.pack(thief, uint96(poolOfPot));
    }

    function followTo(IAttributionCourt.Level level) private {
        while (turn.level != level) {
            if (court.gameOf(potId, game).proposersTurn) answer();
            else if (turn.level == IAttributionCourt.Level.Entries) pickEntry(0);
            else pick(firstPart());
        }
    }

    function firstPart() private view returns (uint256 i) {
        while (i + 1 < numbers.length && numbers[i] == 0) ++i;
    }

    function test_AListForAnAccountWithoutRowsCannotBeAnswered() public {
        sealPot();
        propose(theft());
        challenge(thief);
        // Its numbers must add up to the pool, and no call of the pot pays it anything.
        uint96[] memory said = new uint96[](1);
        said[0] = uint96(poolOfPot);
        vm.recordLogs();
        vm.prank(node);
        court.answerRedemptions(move(), packed(said));
        follow();
        pick(0);
        uint96[] memory lines = new uint96[](2);
        lines[0] = uint96(poolOfPot);
        vm.recordLogs();
        vm.prank(node);
        court.answerLines(move(), records, packed(lines));
        follow();
        pick(0);
        uint96[] memory calls = new uint96[](3);
        calls[0] = uint96(poolOfPot);
        vm.recordLogs();
        vm.prank(node);
        court.answerCalls(move(), linesOf(0), packed(calls));
        follow();
        pick(0);
        uint256[] memory made = new uint256[](1);
        made[0] = CallRule.pack(thief, 0, 1, 1);
        Paid storage paid = redemptions[0][0].paid[0];
        vm.expectPartialRevert(IAttributionCourt.DoNotAddUp.selector);
        vm.prank(node);
        court.openCall(move(), leafOf(0), paid.vector, made);
        timeout();
        assertTrue(isOver, "convicted");
        assertEq(court.docketOf(potId).convictions, 1, "convicted");
    }

    function test_AConvictionTouchesOnlyItsOwnPotAndARepairIsNotPunished() public {
        // What an earlier pot paid.
        sealPot();
        uint256[] memory earlier = listOf(true);
        propose(earlier);
        vm.warp(vm.getBlockTimestamp() + 48 hours);
        court.finalize(meta);
        uint256 firstPot = potId;
        delete records;
        delete redemptions;
        uint256[] memory counts = new uint256[](1);
        counts[0] = 2;
        redeemCalls(8, counts);
        sealPot();
        propose(theft());
        challenge(thief);
        timeout();
        // The pot is open again, and a true list stands.
        propose(listOf(true));
        vm.warp(vm.getBlockTimestamp() + 48 hours);
        court.finalize(meta);
        assertEq(uint256(ledger.potOf(potId).state), uint256(IAttributionLedger.State.Final), "repaired");
        claimAll(firstPot, earlier);
        claimAll(potId, listOf(true));
    }

    function claimAll(uint256 id, uint256[] memory list) private {
        words = list;
        for (uint256 i; i < list.length; ++i) {
            address who = PayoutList.accountOf(list[i]);
            IAttributionLedger.Claim[] memory one_ = new IAttributionLedger.Claim[](1);
            one_[0] = IAttributionLedger.Claim(id, i, uint96(list[i]), placeOf(who).path);
            uint256 had = open.balanceOf(who);
            ledger.claimMany(who, one_);
            assertEq(open.balanceOf(who) - had, uint96(list[i]), "paid");
            vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NothingToClaim.selector, who));
            ledger.claimMany(who, one_);
        }
    }

    function test_ARandomRootIsNothingThatCanBeProposed() public {
        sealPot();
        uint256[] memory list = theft();
        PotCodec.Record[] memory more = new PotCodec.Record[](1);
        more[0] = records[0];
        more[0].terms += 1;
        // Records that the Settlement did not write.
        uint256 fee = 2 * court.answerFee();
        vm.deal(node, fee);
        vm.expectPartialRevert(PotCodec.OtherRecords.selector);
        vm.prank(node);
        court.propose{value: fee}(potId, more, list, 0);
        // More than the pool.
        list[0] += 1;
        vm.expectPartialRevert(PayoutList.MoreThanThePool.selector);
        vm.prank(node);
        court.propose{value: fee}(potId, records, list, 0);
    }

    function test_AnInventedCallIsPaidByWhoInventsIt() public {
        // A stranger redeems an invented call at its own node: the pot of the honest node is untouched.
        bytes32 before = settlement.pots(node, version);
        address own = rich("own node", 10e18, address(settlement));
        (address signer, uint256 key) = account("own session");
        vm.startPrank(own);
        settlement.open(own, signer, 10e18);
        vm.stopPrank();
        ISettlement.Line[] memory lines = new ISettlement.Line[](1);
        lines[0] = ISettlement.Line(uint32(model), 1, 1e18, 1, "an invented call");
        ISettlement.Voucher memory invented = signed(key, own, ISettlement.Voucher(own, 0, lines, 0, 0));
        vm.prank(own);
        settlement.redeem(own, one(invented));
        assertEq(settlement.pots(node, version), before, "its own pot only");
        assertTrue(settlement.pots(own, version) != 0, "that of its own node");
        uint256 back = settlement.credit(own);
        assertLe(back, 1e17, "and of the money only the node's part comes back");
    }

    function test_ReceiptsOfOthersRepeatedForAWeiStopNoPot() public {
        address own = rich("griefer", 1, address(settlement));
        (address signer, uint256 key) = account("griefer's session");
        vm.prank(own);
        settlement.open(own, signer, 1);
        ISettlement.Line[] memory lines = new ISettlement.Line[](1);
        lines[0] = ISettlement.Line(uint32(model), 1, 1, 1, redemptions[0][0].receipts);
        ISettlement.Voucher memory copy = signed(key, own, ISettlement.Voucher(own, 0, lines, 0, 0));
        vm.prank(own);
        settlement.redeem(own, one(copy));
        sealPot();
        propose(listOf(true));
        vm.warp(vm.getBlockTimestamp() + 48 hours);
        court.finalize(meta);
        assertEq(ledger.rootOf(potId), meta.draft.root, "final");
    }

    function test_NoInfluenceWhereThereIsSomeCannotBeOpened() public {
        // An empty list: everything would be flat, and the node keeps nothing.
        sealPot();
        propose(new uint256[](0));
        address who = PayoutList.accountOf(listOf(true)[0]);
        challenge(who);
        vm.recordLogs();
        vm.prank(node);
        court.answerRedemptions(move(), packed(new uint96[](1)));
        follow();
        pick(0);
        vm.recordLogs();
        vm.prank(node);
        court.answerLines(move(), records, packed(new uint96[](2)));
        follow();
        // The account has a part of some call of some line.
        (uint256 l, uint256 c) = whereOf(who);
        pick(l);
        vm.recordLogs();
        vm.prank(node);
        court.answerCalls(move(), linesOf(0), packed(new uint96[](redemptions[0][l].calls)));
        follow();
        (atR, atL) = (0, l);
        pick(c);
        IAttributionCourt.CallLeaf memory leaf = leafOf(c);
        Paid storage paid = redemptions[0][l].paid[c];
        // A vector without influence is another leaf.
        bytes32 had = leaf.vectorHash;
        leaf.vectorHash = 0;
        vm.expectRevert(IAttributionCourt.NotTheCall.selector);
        vm.prank(node);
        court.openCall(move(), leaf, "", new uint256[](0));
        leaf.vectorHash = had;
        vm.expectRevert(IAttributionCourt.NotTheVector.selector);
        vm.prank(node);
        court.openCall(move(), leaf, abi.encodePacked(paid.vector, bytes1(0)), new uint256[](0));
        // The true vector with no entries: a row is omitted.
        atC = c;
        vm.recordLogs();
        vm.prank(node);
        court.openCall(move(), leaf, paid.vector, new uint256[](0));
        follow();
        omit(CallRule.rowOf(paid.truth[0]));
        assertEq(court.docketOf(potId).convictions, 1, "convicted");
    }

    function whereOf(address who) private view returns (uint256 l, uint256 c) {
        for (l = 0; l < redemptions[0].length; ++l) {
            for (c = 0; c < redemptions[0][l].paid.length; ++c) {
                if (partOfCall(who, 0, l, c, true) != 0) return (l, c);
            }
        }
    }

    function test_AThresholdIsTheCommitmentsAndOpensNoOtherWeights() public {
        // All weights less by the second heaviest, so that one row would take the whole call.
        sealPot();
        propose(listOf(true));
        challenge(PayoutList.accountOf(words[0]));
        followTo(IAttributionCourt.Level.Call);
        Paid storage paid = redemptions[atR][atL].paid[turn.lo];
        uint256[] memory only = new uint256[](1);
        only[0] = paid.truth[0] - 1;
        vm.expectPartialRevert(IAttributionCourt.DoNotAddUp.selector);
        vm.prank(node);
        court.openCall(move(), leafOf(turn.lo), paid.vector, only);
    }

    function test_TheLedgerAndTheZeroAccountAreNeitherPaidNorQuestioned() public {
        sealPot();
        uint256[] memory list = theft();
        list[0] = PayoutList.pack(address(ledger), uint96(poolOfPot));
        uint256 fee = 2 * court.answerFee();
        vm.deal(node, fee);
        vm.expectRevert(abi.encodeWithSelector(PayoutList.NotPayable.selector, address(ledger)));
        vm.prank(node);
        court.propose{value: fee}(potId, records, list, 0);
        propose(listOf(true));
        IAttributionCourt.Place memory place = placeOf(address(ledger));
        vm.expectRevert(abi.encodeWithSelector(PayoutList.NotPayable.selector, address(ledger)));
        court.challenge(meta, address(ledger), place);
        place = placeOf(address(0));
        vm.expectRevert(abi.encodeWithSelector(PayoutList.NotPayable.selector, address(0)));
        court.challenge(meta, address(0), place);
    }

    function test_APickOutsideTheNumbersIsRefused() public {
        sealPot();
        propose(listOf(true));
        challenge(PayoutList.accountOf(words[0]));
        answer();
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.OutsideRange.selector, 1, 1));
        vm.prank(challenger);
        court.pick(move(), packed(numbers), 1);
        followTo(IAttributionCourt.Level.Entries);
        uint256 count = entries.length;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.OutsideRange.selector, count, count));
        vm.prank(challenger);
        court.pickEntry(move(), entries, count);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.OutsideRange.selector, rowCount, rowCount));
        vm.prank(challenger);
        court.pickRow(move(), rowCount);
    }

    function test_AVoidedCommitmentSavesNoPendingProposalAndFlattensTheOthers() public {
        sealPot();
        propose(theft());
        // The owner lets a demand run out.
        uint256 fee = influences.answerFee();
        vm.deal(address(this), fee);
        influences.demandRow{value: fee}(version, 0);
        vm.warp(vm.getBlockTimestamp() + 24 hours);
        challenge(thief);
        vm.warp(vm.getBlockTimestamp() + 49 hours);
        influences.endDemand(version, 0);
        assertTrue(influences.isVoid(version), "void");
        timeout();
        assertEq(court.docketOf(potId).convictions, 1, "convicted all the same");
        uint256[] memory list = listOf(true);
        vm.deal(node, 1e18);
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.NoCommitment.selector, version));
        vm.prank(node);
        court.propose{value: 1e18}(potId, records, list, 0);
        court.flatten(potId, records);
        assertEq(uint256(ledger.potOf(potId).state), uint256(IAttributionLedger.State.Flat), "flat");
    }

    function test_ACopiedOrEqualProposalDoesNotTakeOldGames() public {
        sealPot();
        propose(theft());
        challenge(thief);
        IAttributionCourt.Move memory old = move();
        timeout();
        // The same list again: the old game belongs to the old round.
        propose(theft());
        old.meta = meta;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.OtherMeta.selector, potId));
        court.timeout(old);
        old.turn.meta = keccak256(abi.encode(meta));
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.OtherTurn.selector, game));
        court.timeout(old);
    }

    function test_ThreeConvictionsMakeAPotFlat() public {
        sealPot();
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(IAttributionCourt.NotFlatYet.selector);
            court.flatten(potId, records);
            propose(theft());
            challenge(thief);
            timeout();
        }
        bytes32 lineage = models.lineageOf(model, 1);
        address finaliser = actor("finaliser");
        vm.prank(finaliser);
        court.flatten(potId, records);
        uint256 keep = uint96(records[0].terms >> 96);
        assertEq(open.balanceOf(finaliser), keep / 5, "a fifth of keep");
        assertEq(ledger.flat(lineage), poolOfPot + keep - keep / 5, "the rest is flat");
    }

    function test_WithoutAProposalAPotIsFlatAfterFourteenDays() public {
        sealPot();
        vm.warp(vm.getBlockTimestamp() + 14 days - 1);
        vm.expectRevert(IAttributionCourt.NotFlatYet.selector);
        court.flatten(potId, records);
        vm.warp(vm.getBlockTimestamp() + 1);
        court.flatten(potId, records);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotSealed.selector, potId));
        court.flatten(potId, records);
    }

    function test_AStrangerProposesAfterSevenDaysOnly() public {
        sealPot();
        uint256[] memory list = listOf(true);
        uint256 due = PotCodec.sinceOf(ledger.potOf(potId).word) + 7 days;
        uint256 fee = 2 * court.answerFee();
        give(thief, 2 * poolOfPot);
        vm.deal(thief, 2 * fee);
        vm.startPrank(thief);
        open.approve(address(court), 2 * poolOfPot);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.MayNotPropose.selector, thief, due));
        court.propose{value: fee}(potId, records, list, 0);
        vm.warp(due);
        court.propose{value: fee}(potId, records, list, 0);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.AlreadyProposed.selector, potId));
        court.propose{value: fee}(potId, records, list, 0);
    }

    function test_WithoutTheCourtAPotIsFlatAfterNinetyDaysAndBondsComeBack() public {
        sealPot();
        propose(theft());
        challenge(thief);
        uint256 due = ledger.potOf(potId).sealedAt + 90 days;
        vm.warp(due - 1);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotDue.selector, due));
        ledger.flatten(potId, records, address(this));
        vm.expectRevert(IAttributionCourt.NotFlatYet.selector);
        court.release(meta);
        vm.warp(due);
        ledger.flatten(potId, records, address(this));
        court.release(meta);
        assertEq(open.balanceOf(node), poolOfPot + poolOfPot / 4, "bond");
        court.collect(move());
        assertEq(open.balanceOf(challenger), stake(), "stake");
        assertEq(open.balanceOf(address(court)), 0, "nothing is left");
        assertEq(court.nativeCredit(challenger), turn.fee, "fee");
        assertEq(court.nativeCredit(node), meta.deposit, "deposit");
    }
}
