// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallRule} from "../../src/attribution/lib/CallRule.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {Watcher} from "../support/Watcher.sol";

/// @notice Whole games over pots of random calls: who follows the rule never loses one, who says one false thing loses one to
///         a watcher that computes the pot again.
contract GamesFuzz is Watcher {
    function setUp() public virtual {
        deployPots();
    }

    function makePot(uint256 seed) internal {
        uint256 count = 1 + seed % 2;
        for (uint256 r; r < count; ++r) {
            uint256 random = uint256(keccak256(abi.encode(seed, r)));
            uint256[] memory counts = new uint256[](1 + random % 2);
            for (uint256 l; l < counts.length; ++l) {
                counts[l] = (random >> (8 + 8 * l)) % 4;
            }
            counts[0] += 1;
            redeemCalls(random, counts);
            vm.warp(vm.getBlockTimestamp() + 60);
        }
        sealPot();
    }

    /// forge-config: default.fuzz.runs = 128
    /// forge-config: nightly.fuzz.runs = 10000
    function testFuzz_WhoFollowsTheRuleNeverLosesAGame(uint256 seed, uint256 picks) public virtual {
        makePot(seed);
        propose(listOf(true));
        uint256 had = open.balanceOf(address(court));
        // Anyone may be asked about, also one without rows.
        challenge(holder(picks % (HOLDERS + 1)));
        while (!isOver) {
            if (court.gameOf(potId, game).proposersTurn) answer();
            else if (!pickAny(uint256(keccak256(abi.encode(picks, turn.level, turn.lo))))) timeout();
        }
        assertEq(court.docketOf(potId).live, 0, "no game is live");
        assertEq(court.docketOf(potId).convictions, 0, "not convicted");
        assertEq(open.balanceOf(address(court)), had, "the stake went to the lineage");
        vm.warp(vm.getBlockTimestamp() + 48 hours);
        court.finalize(meta);
        assertEq(open.balanceOf(address(court)), 0, "the bond is back");
        assertEq(ledger.rootOf(potId), meta.draft.root, "final");
    }

    /// @return Whether there was anything to pick.
    function pickAny(uint256 random) private returns (bool) {
        if (turn.level <= IAttributionCourt.Level.Range) {
            if (numbers.length == 0) return false;
            pick(random % numbers.length);
        } else if (!turn.isRowAsked && random & 256 != 0) {
            vm.recordLogs();
            vm.prank(challenger);
            court.pickRow(move(), random % rowCount);
            follow();
        } else {
            omitNothing();
            if (entries.length == 0) return false;
            pickEntry(random % entries.length);
        }
        return true;
    }

    /// @dev No row can be shown against true entries.
    function omitNothing() private {
        bytes memory vector = redemptions[atR][atL].paid[atC].vector;
        for (uint256 row; row < rowCount; row += 1 + rowCount / 4) {
            vm.expectRevert(IAttributionCourt.NothingOmitted.selector);
            vm.prank(challenger);
            court.omitted(move(), entries, vector, row, abi.encode(shownRow(row)));
        }
    }

    /// forge-config: default.fuzz.runs = 128
    /// forge-config: nightly.fuzz.runs = 10000
    function testFuzz_OneFalseEntryIsConvictedByAWatcher(uint256 seed, uint256 lie) public virtual {
        makePot(seed);
        if (!falsify(lie)) return;
        address who = firstDifference();
        if (who == address(0)) return;
        propose(listOf(false));
        uint256 supply = open.totalSupply();
        watchToTheEnd(who);
        assertEq(court.docketOf(potId).convictions, 1, "convicted");
        assertEq(supply - open.totalSupply(), poolOfPot, "the pool's worth is burnt");
        court.collect(move());
        assertEq(open.balanceOf(challenger), poolOfPot / 4 + stake(), "a quarter and the stake");
        assertEq(open.balanceOf(address(court)), 0, "nothing is left");
    }

    /// @dev Changes the entries of one call: leaves one out, moves one to another account, or changes a weight.
    function falsify(uint256 lie) private returns (bool) {
        Paid[] storage all = redemptions[lie % redemptions.length][0].paid;
        Paid storage paid = all[(lie >> 8) % all.length];
        uint256 count = paid.truth.length;
        if (count == 0) return false;
        uint256 at = (lie >> 16) % count;
        uint256 kind = (lie >> 24) % 3;
        if (kind == 0) {
            uint256[] memory fewer = new uint256[](count - 1);
            for (uint256 i; i + 1 < count; ++i) {
                fewer[i] = paid.truth[i < at ? i : i + 1];
            }
            paid.claimed = fewer;
        } else if (kind == 1) {
            uint256 entry = paid.truth[at];
            address other = holder((lie >> 32) % (HOLDERS + 1));
            if (other == CallRule.accountOf(entry)) return false;
            paid.claimed[at] = uint256(uint160(other)) << 96 | uint96(entry);
        } else {
            paid.claimed[at] = paid.truth[at] + 1 + uint24(lie >> 32);
        }
        return true;
    }
}

/// @notice The same with calls that list 64 of 67 clusters.
contract FullListsFuzz is GamesFuzz {
    function setUp() public override {
        useFullLists();
        super.setUp();
    }

    /// forge-config: default.fuzz.runs = 8
    /// forge-config: nightly.fuzz.runs = 1000
    function testFuzz_WhoFollowsTheRuleNeverLosesAGame(uint256 seed, uint256 picks) public override {
        super.testFuzz_WhoFollowsTheRuleNeverLosesAGame(seed, picks);
    }

    /// forge-config: default.fuzz.runs = 8
    /// forge-config: nightly.fuzz.runs = 1000
    function testFuzz_OneFalseEntryIsConvictedByAWatcher(uint256 seed, uint256 lie) public override {
        super.testFuzz_OneFalseEntryIsConvictedByAWatcher(seed, lie);
    }

    function test_ACallListsSixtyFourOfSixtySevenClusters() public {
        uint256[] memory counts = new uint256[](1);
        counts[0] = 8;
        redeemCalls(1, counts);
        uint256 full;
        for (uint256 i; i < 8; ++i) {
            if (redemptions[0][0].paid[i].truth.length == 64) ++full;
        }
        assertLe(6, full, "calls with influence are full");
    }
}
