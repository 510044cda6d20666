// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AttributionLedger} from "../../src/attribution/AttributionLedger.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {EpochWorld} from "../support/EpochWorld.sol";

contract AttributionLedgerTest is EpochWorld {
    address private judge = actor("judge");

    function setUp() public {
        deployEpochs();
        manager.grantRole(Roles.COURT, judge, 0);
    }

    function hashOf(Sealed memory s) private pure returns (bytes32) {
        return keccak256(abi.encode(s.p));
    }

    function refused(Sealed memory s, bytes memory why) private {
        vm.expectRevert(why);
        vm.prank(attester);
        ledger.propose(s.p);
    }

    function test_AProposalHoldsItsBondAndBecomesFinal() public {
        Draft memory d = draftOf(1, 3);
        Sealed memory s = seal(d);
        fund(s.p);
        vm.expectEmit(address(ledger));
        emit IAttributionLedger.Proposed(hashOf(s), attester, s.p, 5_000e18, vm.getBlockTimestamp() + 24 hours);
        vm.prank(attester);
        ledger.propose(s.p);
        assertEq(open.balanceOf(attester), 95_000e18, "bond");
        assertEq(ledger.bondHeld(), 5_000e18, "bond held");
        assertEq(ledger.attester(), attester, "attester");
        assertEq(ledger.pendingHash(), hashOf(s), "hash");
        assertEq(ledger.received(), POOL, "a bond is not income");

        uint256 end = vm.getBlockTimestamp() + 24 hours;
        vm.warp(end - 1);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.WindowOpen.selector, end));
        ledger.finalize(s.p);
        vm.warp(end);
        vm.expectEmit(address(ledger));
        emit IAttributionLedger.Finalized(hashOf(s), s.p.accountsRoot, s.p.total, s.p.to);
        ledger.finalize(s.p);
        assertEq(open.balanceOf(attester), 100_000e18, "bond back");
        assertEq(ledger.finalizedRoot(), s.p.accountsRoot, "root");
        assertEq(ledger.finalizedTotal(), s.p.total, "total");
        assertEq(ledger.finalizedAccounts(), s.p.accounts, "accounts");
        assertEq(ledger.lastEpoch(), s.p.to, "epoch");
        assertEq(ledger.pendingHash(), 0, "none pending");
        assertEq(ledger.bondHeld(), 0, "no bond held");
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotPending.selector, hashOf(s)));
        ledger.finalize(s.p);
    }

    function test_OnlyWhatIsPendingBecomesFinal() public {
        Sealed memory s = seal(draftOf(1, 3));
        propose(s);
        vm.warp(vm.getBlockTimestamp() + 24 hours);
        s.p.accountsRoot = "another";
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotPending.selector, hashOf(s)));
        ledger.finalize(s.p);
    }

    function test_APendingProposalIsNotReplaced() public {
        Sealed memory s = seal(draftOf(1, 3));
        propose(s);
        refused(s, abi.encodeWithSelector(IAttributionLedger.ProposalPending.selector, hashOf(s)));
    }

    function test_TheBondGrowsWithThePayment() public view {
        assertEq(ledger.bondFor(0), 5_000e18, "least");
        assertEq(ledger.bondFor(500_000e18), 5_000e18, "the turning point");
        assertEq(ledger.bondFor(500_000e18 + 1), 5_000e18 + 1, "rounded up");
        assertEq(ledger.bondFor(900_000e18), 9_000e18, "1 %");
    }

    function badRange(Sealed memory s) private {
        refused(s, abi.encodeWithSelector(IAttributionLedger.BadRange.selector, s.p.from, s.p.to, ledger.lastEpoch()));
    }

    function test_RangesFollowEachOtherAndAreOver() public {
        Sealed memory s = seal(draftOf(1, 3));
        fund(s.p);
        s.p.from += 1;
        badRange(s);
        s.p.from -= 2;
        badRange(s);
        s.p.from += 1;
        s.p.to += 1;
        badRange(s);
        s.p.to = s.p.from - 1;
        badRange(s);
        vm.warp((s.p.from + 744) * 1 hours + 1 hours);
        s.p.to = s.p.from + 744;
        badRange(s);
        s.p.to -= 1;
        vm.prank(attester);
        ledger.propose(s.p);
    }

    function test_AnEpochIsOverAtItsLastSecond() public {
        Sealed memory s = seal(draftOf(1, 3));
        fund(s.p);
        s.p.to += 1;
        vm.warp((s.p.to + 1) * 1 hours - 1);
        badRange(s);
        vm.warp((s.p.to + 1) * 1 hours);
        vm.prank(attester);
        ledger.propose(s.p);
    }

    /// @dev Otherwise an attester could propose one hour a day and delay the other twenty-three for everyone.
    function test_ARangeReachesToWithinADay() public {
        Sealed memory s = seal(draftOf(1, 3));
        fund(s.p);
        // The epoch after the range has been over for a day.
        uint256 late = (s.p.to + 2) * 1 hours + 24 hours;
        vm.warp(late);
        badRange(s);
        vm.warp(late - 1);
        vm.prank(attester);
        ledger.propose(s.p);
    }

    function test_AProposalBuildsOnTheFinal() public {
        Draft memory d = draftOf(1, 3);
        Sealed memory s = seal(d);
        propose(s);
        finalize(d, s);
        Sealed memory next = seal(draftOf(2, 3));
        fund(next.p);
        bytes memory why = abi.encodeWithSelector(IAttributionLedger.NotOnTheFinal.selector);
        next.p.previousRoot = "other";
        refused(next, why);
        next.p.previousRoot = s.p.accountsRoot;
        next.p.previousTotal -= 1;
        refused(next, why);
        next.p.previousTotal += 1;
        next.p.previousAccounts += 1;
        refused(next, why);
        next.p.previousAccounts -= 1;
        vm.prank(attester);
        ledger.propose(next.p);
    }

    function test_TotalsAgreeAndAreBacked() public {
        Sealed memory s = seal(draftOf(1, 3));
        fund(s.p);
        s.p.total += 1;
        refused(s, abi.encodeWithSelector(IAttributionLedger.BadTotals.selector));
        s.p.total -= 1;
        uint96 pools = s.p.pools;
        s.p.pools = s.p.paid - 1;
        refused(s, abi.encodeWithSelector(IAttributionLedger.BadTotals.selector));
        s.p.pools = s.p.paid;
        vm.prank(address(ledger));
        open.transfer(bank, pools - s.p.paid + 1);
        refused(s, abi.encodeWithSelector(IAttributionLedger.MoreThanReceived.selector, s.p.total, s.p.total - 1));
        give(address(ledger), 1);
        vm.prank(attester);
        ledger.propose(s.p);
    }

    function test_RejectionSplitsTheBond() public {
        Sealed memory s = seal(draftOf(1, 3));
        // A bond that is not divisible by four.
        s.p.paid = 500_000e18 + 203;
        (s.p.total, s.p.pools) = (s.p.paid, s.p.paid);
        propose(s);
        address challenger = actor("challenger");
        uint256 bond = 5_000e18 + 3;
        uint256 before = open.balanceOf(treasury);
        vm.expectEmit(address(ledger));
        emit IAttributionLedger.Rejected(hashOf(s), attester, challenger, bond / 2);
        vm.prank(judge);
        ledger.reject(hashOf(s), challenger);
        assertEq(open.balanceOf(challenger), 2_500e18 + 1, "half, rounded down");
        assertEq(open.totalSupply(), 1e27 - 1_250e18, "a quarter burnt, rounded down");
        assertEq(open.balanceOf(treasury) - before, 1_250e18 + 2, "the rest");
        assertEq(ledger.pendingHash(), 0, "none pending");
        assertEq(ledger.finalizedRoot(), 0, "nothing final");
        vm.warp(vm.getBlockTimestamp() + 25 hours);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotPending.selector, hashOf(s)));
        ledger.finalize(s.p);
    }

    function test_OnlyTheCourtRejectsAndOnlyWhatIsPending() public {
        Sealed memory s = seal(draftOf(1, 3));
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotPending.selector, bytes32(0)));
        vm.prank(judge);
        ledger.reject(0, judge);
        propose(s);
        expectUnauthorized(attester);
        vm.prank(attester);
        ledger.reject(hashOf(s), attester);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotPending.selector, bytes32("x")));
        vm.prank(judge);
        ledger.reject("x", judge);
    }

    function test_TheGuardianVetoesWhatIsPendingAndGainsNothing() public {
        Sealed memory s = seal(draftOf(1, 3));
        propose(s);
        uint256 before = open.balanceOf(treasury);
        expectUnauthorized(judge);
        vm.prank(judge);
        ledger.veto(hashOf(s));
        vm.startPrank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotPending.selector, bytes32("x")));
        ledger.veto("x");
        vm.expectEmit(address(ledger));
        emit IAttributionLedger.Rejected(hashOf(s), attester, address(0), 0);
        ledger.veto(hashOf(s));
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotPending.selector, bytes32(0)));
        ledger.veto(0);
        assertEq(open.balanceOf(treasury) - before, 5_000e18, "all of the bond");
        assertEq(open.balanceOf(guardian), 0, "nothing for the guardian");
        assertEq(open.totalSupply(), 1e27, "nothing burnt");
        assertEq(ledger.finalizedRoot(), 0, "nothing final");
    }

    function final_() private returns (Draft memory d, Sealed memory s) {
        d = draftOf(1, 3);
        s = seal(d);
        propose(s);
        finalize(d, s);
    }

    function test_EveryoneClaimsWhatIsTheirs() public {
        (Draft memory d, Sealed memory s) = final_();
        uint256 sum;
        for (uint256 i; i < d.accounts.length; ++i) {
            IAttributionLedger.Claim memory c = claimOf(d, s, i);
            vm.expectEmit(address(ledger));
            emit IAttributionLedger.Claimed(c.account, c.cumulative, c.cumulative);
            vm.prank(c.account);
            ledger.claim(c.cumulative, c.index, c.siblings, c.sums);
            assertEq(open.balanceOf(c.account), d.totals[i], "paid");
            assertEq(ledger.claimed(c.account), d.totals[i], "noted");
            sum += d.totals[i];
            vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NothingToClaim.selector, c.account));
            vm.prank(c.account);
            ledger.claim(c.cumulative, c.index, c.siblings, c.sums);
            vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NothingToClaim.selector, c.account));
            ledger.claimFor(c);
        }
        assertEq(sum, s.p.total, "all of it");
        assertEq(ledger.claimedTotal(), sum, "claimed");
        assertEq(ledger.received(), POOL, "a claim takes nothing from what came in");
    }

    function test_ALaterEpochPaysTheDifference() public {
        (Draft memory d, Sealed memory s) = final_();
        ledger.claimFor(claimOf(d, s, 0));
        uint256 first = d.totals[0];
        d = draftOf(2, 3);
        s = seal(d);
        propose(s);
        finalize(d, s);
        IAttributionLedger.Claim[] memory all = new IAttributionLedger.Claim[](d.accounts.length);
        for (uint256 i; i < all.length; ++i) {
            all[i] = claimOf(d, s, i);
        }
        assertTrue(d.totals[0] > first, "it earned more");
        ledger.claimFor(all[0]);
        // A claim that was paid meanwhile does not block the others.
        ledger.claimMany(all);
        for (uint256 i; i < all.length; ++i) {
            assertEq(open.balanceOf(all[i].account), d.totals[i], "paid");
        }
    }

    function test_FalseClaimsAreRefused() public {
        (Draft memory d, Sealed memory s) = final_();
        IAttributionLedger.Claim memory c = claimOf(d, s, 0);
        c.cumulative += 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotInTheTree.selector, c.account));
        ledger.claimFor(c);
        c.cumulative -= 1;
        c.account = attester;
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotInTheTree.selector, attester));
        ledger.claimFor(c);
        IAttributionLedger.Claim[] memory many = new IAttributionLedger.Claim[](1);
        many[0] = c;
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotInTheTree.selector, attester));
        ledger.claimMany(many);
    }

    function test_APauseStopsProposalsAndNoExit() public {
        (Draft memory d, Sealed memory s) = final_();
        Sealed memory next = seal(draftOf(2, 3));
        propose(next);
        vm.prank(guardian);
        ledger.pause();
        manager.setTargetClosed(address(ledger), true);
        ledger.claimFor(claimOf(d, s, 0));
        vm.warp(vm.getBlockTimestamp() + 24 hours);
        ledger.finalize(next.p);
        assertEq(open.balanceOf(attester), 100_000e18, "the bond comes back");
        Sealed memory third = seal(draftOf(3, 3));
        refused(third, abi.encodeWithSignature("EnforcedPause()"));
        manager.setTargetClosed(address(ledger), false);
        vm.prank(council);
        ledger.unpause();
        propose(third);
    }

    function test_ItStartsWithTheEpochItWasMadeIn() public {
        AttributionLedger fresh = new AttributionLedger(open, treasury, 1, address(manager));
        assertEq(fresh.lastEpoch(), vm.getBlockTimestamp() / 1 hours - 1, "the one before is done");
    }
}
