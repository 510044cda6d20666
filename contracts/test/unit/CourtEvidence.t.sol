// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayoutList} from "../../src/attribution/lib/PayoutList.sol";
import {PotCodec} from "../../src/attribution/lib/PotCodec.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {GameWorld} from "../support/GameWorld.sol";

/// @notice What an answer brings along is what the Settlement booked and what the payer signed.
contract CourtEvidenceTest is GameWorld {
    function setUp() public {
        deployPots();
    }

    function begin(uint256 seed, uint256 calls) private {
        uint256[] memory counts = new uint256[](2);
        (counts[0], counts[1]) = (calls, 1);
        redeemCalls(seed, counts);
        sealPot();
        propose(listOf(true));
        challenge(PayoutList.accountOf(words[0]));
    }

    function until(IAttributionCourt.Level level) private {
        while (turn.level != level) {
            if (court.gameOf(potId, game).proposersTurn) answer();
            else if (turn.level == IAttributionCourt.Level.Entries) pickEntry(0);
            else pick(mostOf());
        }
    }

    function mostOf() private view returns (uint256 most) {
        for (uint256 i; i < numbers.length; ++i) {
            if (numbers[i] > numbers[most]) most = i;
        }
    }

    function test_RecordsAndLinesAreTheBookedOnes() public {
        begin(7, 3);
        until(IAttributionCourt.Level.Lines);
        PotCodec.Record[] memory other = records;
        other[0].gross += 1;
        vm.expectPartialRevert(PotCodec.OtherRecords.selector);
        vm.prank(node);
        court.answerLines(move(), other, packed(new uint96[](2)));
        until(IAttributionCourt.Level.Calls);
        atR = 0;
        PotCodec.PaidLine[] memory lines = linesOf(0);
        lines[0].terms += 1;
        vm.expectPartialRevert(PotCodec.OtherLines.selector);
        vm.prank(node);
        court.answerCalls(move(), lines, packed(new uint96[](3)));
    }

    function test_ACallIsTheLeafAtItsPlace() public {
        begin(7, 3);
        until(IAttributionCourt.Level.Call);
        IAttributionCourt.CallLeaf memory leaf = leafOf(turn.lo);
        Paid storage paid = redemptions[atR][atL].paid[turn.lo];
        leaf.cost += 1;
        vm.expectRevert(IAttributionCourt.NotTheCall.selector);
        vm.prank(node);
        court.openCall(move(), leaf, paid.vector, paid.claimed);
        leaf.cost -= 1;
        leaf.receipt = "other";
        vm.expectRevert(IAttributionCourt.NotTheCall.selector);
        vm.prank(node);
        court.openCall(move(), leaf, paid.vector, paid.claimed);
        leaf.isEmpty = true;
        vm.expectRevert(IAttributionCourt.NotTheCall.selector);
        vm.prank(node);
        court.openCall(move(), leaf, paid.vector, paid.claimed);
        leaf = leafOf(turn.lo);
        leaf.siblings = new bytes32[](leaf.siblings.length + 1);
        vm.expectPartialRevert(bytes4(keccak256("WrongDepth(uint256,uint256)")));
        vm.prank(node);
        court.openCall(move(), leaf, paid.vector, paid.claimed);
        leaf = leafOf(turn.lo);
        vm.expectRevert(IAttributionCourt.NotTheVector.selector);
        vm.prank(node);
        court.openCall(move(), leaf, abi.encodePacked(bytes2(0), vectorOf(999)), paid.claimed);
    }

    function test_AnEmptyPlaceEndsTheGameWhereNothingIsClaimed() public {
        callsWithoutReceipt = 1;
        begin(7, 3);
        answer();
        pick(0);
        answer();
        pick(0);
        answer();
        pick(3);
        answer();
        assertTrue(isOver, "over");
        assertEq(court.docketOf(potId).convictions, 0, "honest");
    }

    function test_ACallWithoutInfluencePaysNothing() public {
        // Of seed 7 and these counts one call has no vector; where a part of it is claimed, it cannot be opened.
        uint256[] memory counts = new uint256[](1);
        counts[0] = 24;
        redeemCalls(7, counts);
        uint256 flatCall = 24;
        for (uint256 i; i < 24; ++i) {
            if (redemptions[0][0].paid[i].vectorHash == 0) flatCall = i;
        }
        assertLe(flatCall, 23, "one call has no influence");
        sealPot();
        propose(listOf(true));
        challenge(PayoutList.accountOf(words[0]));
        answer();
        pick(0);
        answer();
        pick(0);
        // Moves a wei of another call to it.
        uint256 donor = flatCall == 0 ? 1 : 0;
        while (partOfCall(turn.account, 0, 0, donor, true) == 0) ++donor;
        uint96[] memory said = new uint96[](24);
        for (uint256 i; i < 24; ++i) {
            said[i] = uint96(partOfCall(turn.account, 0, 0, i, true));
        }
        said[donor] -= 1;
        said[flatCall] += 1;
        (atR, atL) = (0, 0);
        vm.recordLogs();
        vm.prank(node);
        court.answerCalls(move(), linesOf(0), packed(said));
        follow();
        pick(flatCall);
        IAttributionCourt.CallLeaf memory leaf = leafOf(flatCall);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.DoNotAddUp.selector, 0, 1));
        vm.prank(node);
        court.openCall(move(), leaf, "", new uint256[](0));
        timeout();
        assertEq(court.docketOf(potId).convictions, 1, "convicted");
    }

    function test_AnEntryIsShownByItsOwnRowOnly() public {
        uint256[] memory counts = new uint256[](1);
        counts[0] = 3;
        redeemCalls(7, counts);
        uint256 call;
        while (redemptions[0][0].paid[call].truth.length == 0) ++call;
        redemptions[0][0].paid[call].claimed[0] += 1;
        sealPot();
        propose(listOf(false));
        challenge(address(uint160(redemptions[0][0].paid[call].truth[0] >> 96)));
        answer();
        pick(0);
        answer();
        pick(0);
        answer();
        pick(call);
        answer();
        pickEntry(0);
        bytes memory shown = abi.encode(shownRow(uint24(uint256(turn.said) >> 72)));
        bytes memory vector = redemptions[0][0].paid[call].vector;
        vm.expectRevert(IAttributionCourt.NotTheEntry.selector);
        vm.prank(node);
        court.showEntry(move(), vector, shown);
        vm.expectRevert(IAttributionCourt.NotTheVector.selector);
        vm.prank(node);
        court.showEntry(move(), abi.encodePacked(vector, bytes1(0)), shown);
    }

    function test_AfterAConvictionAPotRestsForSevenDays() public {
        begin(7, 3);
        vm.warp(vm.getBlockTimestamp() + 10 days);
        timeout();
        // 14 days are over now.
        vm.warp(vm.getBlockTimestamp() + 7 days - 1);
        vm.expectRevert(IAttributionCourt.NotFlatYet.selector);
        court.flatten(potId, records);
        vm.warp(vm.getBlockTimestamp() + 1);
        court.flatten(potId, records);
    }
}
