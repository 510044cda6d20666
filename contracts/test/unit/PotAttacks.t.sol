// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallRule} from "../../src/attribution/lib/CallRule.sol";
import {PayoutList} from "../../src/attribution/lib/PayoutList.sol";
import {PotCodec} from "../../src/attribution/lib/PotCodec.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {IInfluenceBook} from "../../src/interfaces/IInfluenceBook.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Watcher} from "../support/Watcher.sol";

/// @notice What was tried against pots and games by payers, nodes, challengers and owners of models, and fails.
contract PotAttacksTest is Watcher {
    address private thief = actor("thief");

    function setUp() public {
        deployPots();
    }

    function redeemOne(uint256 seed, uint256 calls) private {
        uint256[] memory counts = new uint256[](1);
        counts[0] = calls;
        redeemCalls(seed, counts);
    }

    function theft() private view returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = PayoutList.pack(thief, uint96(poolOfPot));
    }

    /// @dev Index of the first call with entries of a line.
    function paidCall(uint256 r, uint256 l) private view returns (uint256 c) {
        while (redemptions[r][l].paid[c].truth.length == 0) ++c;
    }

    function finish() private {
        vm.warp(vm.getBlockTimestamp() + 48 hours);
        court.finalize(meta);
        assertEq(uint256(ledger.potOf(meta.id).state), uint256(IAttributionLedger.State.Final), "final");
    }

    // --- calls

    function test_AnOmittedCallIsMissingInTheSumOfAnAccount() public {
        redeemOne(7, 4);
        redemptions[0][0].paid[paidCall(0, 0)].claimed = new uint256[](0);
        sealPot();
        propose(listOf(false));
        watchToTheEnd(firstDifference());
        assertEq(court.docketOf(potId).convictions, 1, "convicted");
    }

    function test_ALineThatIsPaidTwiceIsSharedTwiceAndStopsNothing() public {
        redeemOne(7, 3);
        redemptions.push();
        redemptions[1].push();
        redemptions[1][0] = redemptions[0][0];
        redeemLast();
        assertEq(redemptions[1][0].receipts, redemptions[0][0].receipts, "the same receipts");
        sealPot();
        propose(listOf(true));
        address who = PayoutList.accountOf(words[0]);
        assertEq(partOfPot(who, true), 2 * partOfRedemption(who, 0, true), "twice");
        challenge(who);
        while (court.gameOf(potId, game).proposersTurn && !isOver) {
            answer();
            if (!isOver && turn.level <= IAttributionCourt.Level.Range) pick(numbers.length - 1);
        }
        if (!isOver) timeout();
        assertEq(court.docketOf(potId).convictions, 0, "honest");
        finish();
    }

    function test_OnlyTheNodeWritesIntoItsPot() public {
        redeemOne(7, 2);
        bytes32 before = settlement.pots(node, version);
        ISettlement.Line[] memory lines = new ISettlement.Line[](1);
        lines[0] = ISettlement.Line(uint32(model), 1, 1e15, 1, "made by a stranger");
        ISettlement.Voucher memory signed_ = signed(payerKey, node, ISettlement.Voucher(payer, base, lines, 0, 0));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotNodeOrRelayer.selector, node, thief));
        vm.prank(thief);
        settlement.redeem(node, one(signed_));
        // A payment before the answer is all flat.
        address caller = rich("caller", 1e18, address(settlement));
        vm.prank(caller);
        settlement.invoke(uint32(model), 1, node, 1e18, "call");
        assertEq(settlement.pots(node, version), before, "the pot");
    }

    function test_TheVersionOfALineIsWhatThePayerSigned() public {
        vm.prank(maker);
        models.publish(model, release(0, refs()));
        ISettlement.Line[] memory lines = new ISettlement.Line[](1);
        lines[0] = ISettlement.Line(uint32(model), 1, 1e15, 1, "receipts");
        ISettlement.Voucher memory voucher_ = signed(payerKey, node, ISettlement.Voucher(payer, base, lines, 0, 0));
        // The version without a commitment, so that all would be flat.
        voucher_.lines[0].version = 2;
        vm.expectPartialRevert(ISettlement.UnknownChannel.selector);
        redeem(voucher_);
        voucher_.lines[0].version = 1;
        voucher_.lines[0].receipts = "other receipts";
        vm.expectPartialRevert(ISettlement.UnknownChannel.selector);
        redeem(voucher_);
    }

    function test_AVectorHashWithoutAPreimagePaysNoOne() public {
        redemptions.push();
        redemptions[0].push();
        addCall(redemptions[0][0], 1 << 128);
        Paid storage paid = redemptions[0][0].paid[0];
        paid.vectorHash = keccak256("no 258 bytes hash to this");
        paid.claimed = new uint256[](1);
        paid.claimed[0] = CallRule.pack(holder(1), 5, 100, 1);
        finishLine(redemptions[0][0]);
        redeemLast();
        sealPot();
        // One true row of the account takes the whole call.
        propose(listOf(false));
        challenge(holder(1));
        answer();
        pick(0);
        answer();
        pick(0);
        answer();
        pick(0);
        IAttributionCourt.CallLeaf memory leaf = leafOf(0);
        bytes memory guess = paid.vector;
        uint256[] memory claimed = paid.claimed;
        vm.expectRevert(IAttributionCourt.NotTheVector.selector);
        vm.prank(node);
        court.openCall(move(), leaf, guess, claimed);
        timeout();
        assertEq(court.docketOf(potId).convictions, 1, "what cannot be shown is wrong");
    }

    function test_ALineWithoutCallsPaysNothingAndHarmsNoOne() public {
        redeemOne(7, 3);
        redemptions.push();
        redemptions[1].push();
        (redemptions[1][0].receipts, redemptions[1][0].amount) = ("no calls", 1e15);
        redeemLast();
        sealPot();
        propose(listOf(true));
        challenge(PayoutList.accountOf(words[0]));
        answer();
        pick(1);
        answer();
        pick(0);
        answer();
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.OutsideRange.selector, 0, 0));
        vm.prank(challenger);
        court.pick(move(), "", 0);
        timeout();
        assertEq(court.docketOf(potId).convictions, 0, "the challenger has lost");
        finish();
    }

    function test_ANodeThatTookARootItDidNotBuildLosesByIt() public {
        redeemOne(7, 1);
        redemptions.push();
        redemptions[1].push();
        (redemptions[1][0].receipts, redemptions[1][0].amount, redemptions[1][0].calls) = ("made by the payer", 1e15, 2);
        redeemLast();
        sealPot();
        propose(listOf(true));
        challenge(PayoutList.accountOf(words[0]));
        answer();
        pick(1);
        answer();
        pick(0);
        answer();
        pick(1);
        IAttributionCourt.CallLeaf memory leaf;
        (leaf.siblings, leaf.sums) = (new bytes32[](1), new uint128[](1));
        vm.expectRevert(IAttributionCourt.NotTheCall.selector);
        vm.prank(node);
        court.openCall(move(), leaf, "", new uint256[](0));
        timeout();
        assertEq(court.docketOf(potId).convictions, 1, "so a node takes only roots that it built");
    }

    // --- money

    function test_PayerAndNodeTogetherDecideOnlyTheInfluencePart() public {
        redeemOne(7, 5);
        uint256 pool = uint96(records[0].terms);
        uint256 data = records[0].gross - records[0].gross * 300 / 10_000;
        data = data * 2000 / 10_000;
        assertEq(pool, data * 8000 / 10_000, "at most four fifths of the contributors' part");
        assertEq(settlement.flat(models.lineageOf(model, 1)), data - pool, "the rest is the lineage's in any case");
    }

    function test_AnEmptyListEarnsItsProposerNothing() public {
        redeemOne(7, 3);
        sealPot();
        uint256 keep = uint96(records[0].terms >> 96);
        propose(new uint256[](0));
        address finaliser = actor("finaliser");
        vm.warp(vm.getBlockTimestamp() + 48 hours);
        vm.prank(finaliser);
        court.finalize(meta);
        assertEq(open.balanceOf(node), poolOfPot + poolOfPot / 4, "the bond alone");
        assertEq(open.balanceOf(finaliser), keep / 5, "the finaliser's fifth");
        assertEq(ledger.flat(models.lineageOf(model, 1)), poolOfPot + keep - keep / 5, "all else is flat");
    }

    function test_AnotherModelsIncomeIsOutOfReach() public {
        redeemOne(7, 3);
        sealPot();
        PotCodec.Record[] memory honest = records;
        uint256 honestPot = potId;
        // The thief is maker, payer and node of an own pot, and names the honest pot's records.
        delete records;
        delete redemptions;
        redeemOne(8, 1);
        sealPot();
        uint256[] memory list = new uint256[](1);
        list[0] = PayoutList.pack(thief, uint96(honest[0].terms));
        uint256 fee = 2 * court.answerFee();
        vm.deal(node, fee);
        vm.expectPartialRevert(PotCodec.OtherRecords.selector);
        vm.prank(node);
        court.propose{value: fee}(potId, honest, list, 0);
        vm.deal(thief, fee);
        vm.expectPartialRevert(IAttributionCourt.MayNotPropose.selector);
        vm.prank(thief);
        court.propose{value: fee}(honestPot, honest, list, 0);
    }

    function test_AContractIsPaidLikeAnyAccount() public {
        redeemOne(7, 3);
        sealPot();
        propose(listOf(true));
        finish();
        for (uint256 i; i < words.length; ++i) {
            address who = PayoutList.accountOf(words[i]);
            vm.etch(who, hex"fe");
            IAttributionLedger.Claim[] memory claims = new IAttributionLedger.Claim[](1);
            claims[0] = IAttributionLedger.Claim(potId, i, uint96(words[i]), placeOf(who).path);
            ledger.claimMany(who, claims);
            assertEq(open.balanceOf(who), uint96(words[i]), "paid without being called");
        }
    }

    function test_ALieOfAFewWeiPaysItsChallengerInNativeMoney() public {
        redemptions.push();
        redemptions[0].push();
        addCall(redemptions[0][0], 1 << 128 | 99);
        redemptions[0][0].paid[0].cost = 100;
        finishLine(redemptions[0][0]);
        redeemLast();
        sealPot();
        assertLe(poolOfPot, 100, "a few wei");
        propose(theft());
        challenge(thief);
        timeout();
        court.collect(move());
        assertEq(court.nativeCredit(challenger), 3 * court.answerFee(), "its fee and two of the proposer");
    }

    // --- games

    function test_TwentyChallengesInTheLastSecondDelayByOneClockAndPayTheProposer() public {
        redeemOne(7, 3);
        sealPot();
        propose(listOf(true));
        uint256 begun = vm.getBlockTimestamp();
        vm.warp(begun + 48 hours - 1);
        IAttributionCourt.Turn[] memory turns = new IAttributionCourt.Turn[](20);
        for (uint256 i; i < 20; ++i) {
            challenge(PayoutList.accountOf(words[i % words.length]));
            answer();
            turns[i] = turn;
        }
        vm.warp(begun + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.GamesLive.selector, 20));
        court.finalize(meta);
        uint256 fee = court.answerFee();
        vm.warp(begun + 48 hours + 96 hours);
        for (uint256 i; i < 20; ++i) {
            (game, turn) = (i + 1, turns[i]);
            vm.recordLogs();
            court.timeout(move());
        }
        court.finalize(meta);
        assertEq(court.nativeCredit(node), 20 * (fee / 2) + meta.deposit, "half of each fee and the deposit");
        assertEq(court.docketOf(potId).convictions, 0, "honest");
    }

    function test_AProposalInDisputeHoldsUpNoOtherPot() public {
        redeemOne(7, 3);
        sealPot();
        propose(theft());
        challenge(thief);
        (IAttributionCourt.Move memory lie, uint256 first) = (move(), potId);
        delete records;
        delete redemptions;
        redeemOne(8, 3);
        sealPot();
        propose(listOf(true));
        finish();
        vm.warp(vm.getBlockTimestamp() + 96 hours);
        court.timeout(lie);
        assertEq(court.docketOf(first).convictions, 1, "convicted on its own");
    }

    function test_WhoConvictsItselfStillLosesThePoolsWorth() public {
        redeemOne(7, 3);
        sealPot();
        propose(theft());
        uint256 supply = open.totalSupply();
        // The challenger is the liar's own, and alone.
        challenge(thief);
        timeout();
        court.collect(move());
        uint256 had = poolOfPot + poolOfPot / 4 + stake();
        assertEq(supply - open.totalSupply(), poolOfPot, "burnt");
        assertEq(open.balanceOf(node) + open.balanceOf(challenger), had - poolOfPot, "lost");
    }

    function test_ARowWithoutOriginConvictsNoOne() public {
        redeemOne(7, 2);
        uint256 call = paidCall(0, 0);
        uint256 row = CallRule.rowOf(redemptions[0][0].paid[call].truth[0]);
        redemptions[0][0].paid[call].claimed = new uint256[](0);
        sealPot();
        propose(listOf(false));
        challenge(firstDifference());
        answer();
        pick(0);
        answer();
        pick(0);
        answer();
        pick(call);
        answer();
        IInfluenceBook.ShownRow memory shown = shownRow(row);
        shown.origin.rowsRoot = "no rows of the contributor";
        bytes memory vector = redemptions[0][0].paid[call].vector;
        vm.expectRevert(IInfluenceBook.NoOrigin.selector);
        vm.prank(challenger);
        court.omitted(move(), entries, vector, row, abi.encode(shown));
        omit(row);
        assertEq(court.docketOf(potId).convictions, 1, "with its origin it does");
    }
}
