// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryCodec} from "../../src/attribution/lib/EntryCodec.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {CourtWorld} from "../support/CourtWorld.sol";

/// @notice Each kind of false statement, convicted by one transaction of any account.
contract AttributionCourtRowsTest is CourtWorld {
    // K6

    function unlist(Draft memory d, uint256 call, uint256 slot) private view {
        uint256 n = d.shares[call].length - 1;
        for (uint256 i = slot; i < n; ++i) {
            (d.shares[call][i], d.weights[call][i]) = (d.shares[call][i + 1], d.weights[call][i + 1]);
        }
        (EntryCodec.Share[] memory shares, uint256[] memory weights) = (d.shares[call], d.weights[call]);
        assembly {
            mstore(shares, n)
            mstore(weights, n)
        }
        uint256 listed;
        for (uint256 i; i < d.calls.length; ++i) {
            listed += d.shares[i].length;
        }
        allot(d, listed);
        total(d);
    }

    function missing(Draft memory d, Sealed memory s, uint256 call, uint32 row, uint256 position) private {
        IAttributionCourt.ShareLeaf memory left;
        IAttributionCourt.ShareLeaf memory right;
        if (position > 0) left = shareLeaf(d, s, call, position - 1);
        if (position < d.shares[call].length) right = shareLeaf(d, s, call, position);
        court.proveMissingRow(
            s.p, callLeaf(d, s, call), rowLeaf(row), d.vectors[call], lineage(), position, left, right
        );
    }

    function test_K6_AMissingRowAtEveryPlace() public {
        uint256 listed = draftOf(1, 3).shares[2].length;
        assertEq(listed, 5, "clusters of the flat call");
        for (uint256 slot; slot < listed; ++slot) {
            Draft memory d = draftOf(1, 3);
            uint32 row = d.shares[2][slot].row;
            unlist(d, 2, slot);
            Sealed memory s = seal(d);
            propose(s);
            if (slot > 0) {
                vm.expectPartialRevert(IAttributionCourt.NotTheEdge.selector);
                missing(d, s, 2, row, slot - 1);
            }
            if (slot < listed - 1) {
                vm.expectPartialRevert(IAttributionCourt.NotTheEdge.selector);
                missing(d, s, 2, row, slot + 1);
            }
            convicts(s, IAttributionCourt.Kind.Omission);
            missing(d, s, 2, row, slot);
        }
        assertEq(open.balanceOf(challenger), listed * 2_500e18, "half of each bond");
    }

    function test_K6_AMissingRowOfAnInfluenceCall() public {
        Draft memory d = draftOf(1, 3);
        uint32 row = d.shares[0][0].row;
        uint256 weight = d.weights[0][0];
        unlist(d, 0, 0);
        // A row up to the cutoff may be omitted.
        d.calls[0].cutoff = uint64(weight);
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        missing(d, s, 0, row, 0);
        // A call that is not part of the proposal does not convict it either.
        IAttributionCourt.CallLeaf memory call = callLeaf(d, s, 0);
        call.call.cutoff = 0;
        IAttributionCourt.ShareLeaf memory first = shareLeaf(d, s, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 0));
        court.proveMissingRow(s.p, call, rowLeaf(row), d.vectors[0], lineage(), 0, first, first);
        vm.warp(vm.getBlockTimestamp() + 24 hours);
        ledger.finalize(s.p);
        (finalKeys, finalTotals) = (d.accounts, d.totals);
        vm.warp(vm.getBlockTimestamp() + 3 hours);

        total(d);
        d.calls[0].cutoff = uint64(weight) - 1;
        s = seal(d);
        propose(s);
        convicts(s, IAttributionCourt.Kind.Omission);
        missing(d, s, 0, row, 0);
        convicted();
    }

    function test_K6_NotEveryRowCounts() public {
        (Draft memory d, Sealed memory s) = honest();
        uint256 place;
        while (place < d.shares[2].length && d.shares[2][place].cluster < rows[6].cluster) ++place;
        vm.expectRevert(IAttributionCourt.NotEligible.selector);
        missing(d, s, 2, 6, place);
        place = 0;
        while (place < d.shares[2].length && d.shares[2][place].cluster < rows[7].cluster) ++place;
        vm.expectRevert(IAttributionCourt.NotEligible.selector);
        missing(d, s, 2, 7, place);
        vm.expectPartialRevert(IAttributionCourt.NotTheEdge.selector);
        missing(d, s, 2, d.shares[2][0].row, 0);
        vm.expectPartialRevert(IAttributionCourt.NotTheEdge.selector);
        missing(d, s, 2, d.shares[2][0].row, 1);
    }

    /// @dev Leaves that are not neighbours would make a listed cluster look unlisted.
    function test_K6_AListedRowCannotBeHiddenBetweenTwoOthers() public {
        (Draft memory d, Sealed memory s) = honest();
        IAttributionCourt.CallLeaf memory call = callLeaf(d, s, 2);
        IAttributionCourt.RowLeaf memory row = rowLeaf(d.shares[2][1].row);
        IAttributionCourt.ShareLeaf memory left = shareLeaf(d, s, 2, 0);
        IAttributionCourt.ShareLeaf memory right = shareLeaf(d, s, 2, 2);
        for (uint256 position = 1; position <= 2; ++position) {
            vm.expectPartialRevert(IAttributionCourt.NotTheEdge.selector);
            court.proveMissingRow(s.p, call, row, "", lineage(), position, left, right);
        }
    }

    function test_K6_TheLineageIsThatOfTheModel() public {
        (Draft memory d, Sealed memory s) = honest();
        IAttributionCourt.Lineage memory other = lineage();
        other.parent = 1;
        IAttributionCourt.ShareLeaf memory share = shareLeaf(d, s, 2, 0);
        IAttributionCourt.RowLeaf memory row = rowLeaf(share.share.row);
        vm.expectRevert(IAttributionCourt.NotTheLineage.selector);
        court.proveBetterRow(s.p, callLeaf(d, s, 2), share, row, "", other);
    }

    function test_K6_ABetterRowOfTheCluster() public {
        Draft memory d = draftOf(1, 3);
        // Rows 0 and 1 share a cluster; in a flat call 1 is the heavier.
        uint256 slot;
        while (d.shares[2][slot].cluster != rows[0].cluster) ++slot;
        assertEq(d.shares[2][slot].row, 1, "the rule takes row 1");
        (d.shares[2][slot].row, d.shares[2][slot].account, d.weights[2][slot]) = (0, rows[0].contributor, bases[0]);
        uint256 n = d.entries.length;
        allot(d, n);
        total(d);
        Sealed memory s = seal(d);
        propose(s);
        IAttributionCourt.CallLeaf memory call = callLeaf(d, s, 2);
        IAttributionCourt.ShareLeaf memory share = shareLeaf(d, s, 2, slot);
        IAttributionCourt.RowLeaf memory row = rowLeaf(0);
        noFraud();
        court.proveBetterRow(s.p, call, share, row, "", lineage());
        row = rowLeaf(2);
        vm.expectRevert(IAttributionCourt.NotTheSameCluster.selector);
        court.proveBetterRow(s.p, call, share, row, "", lineage());
        row = rowLeaf(6);
        vm.expectRevert(IAttributionCourt.NotEligible.selector);
        court.proveBetterRow(s.p, call, share, row, "", lineage());
        row = rowLeaf(1);
        convicts(s, IAttributionCourt.Kind.Omission);
        court.proveBetterRow(s.p, call, share, row, "", lineage());
        convicted();
    }

    // K7

    function test_K7_ATreeTheModelDidNotCommit() public {
        (Draft memory d, Sealed memory s) = honest();
        noFraud();
        court.proveForeignTree(s.p, callLeaf(d, s, 0));
        books.commit(MODEL, VERSION, "another", books.lineageOf(MODEL, VERSION));
        convicts(s, IAttributionCourt.Kind.Lineage);
        court.proveForeignTree(s.p, callLeaf(d, s, 0));
        convicted();
    }

    function test_K7_NoTreeIsNoFraud() public {
        Draft memory d = draftOf(1, 1);
        d.calls[0].influenceRoot = 0;
        while (d.shares[0].length > 0) unlist(d, 0, 0);
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        court.proveForeignTree(s.p, callLeaf(d, s, 0));
        noFraud();
        court.proveCall(s.p, callLeaf(d, s, 0));
    }

    function foreign(Draft memory d, Sealed memory s, uint256 slot, uint256 row) private {
        court.proveForeignRow(s.p, callLeaf(d, s, 2), shareLeaf(d, s, 2, slot), rowLeaf(row), lineage());
    }

    function test_K7_ForeignRows() public {
        for (uint256 lie; lie < 5; ++lie) {
            Draft memory d = draftOf(1, 3);
            EntryCodec.Share memory share = d.shares[2][0];
            if (lie == 0) share.row = uint32(ROWS);
            if (lie == 1) share.cluster = bytes32(uint256(share.cluster) - 1);
            if (lie == 2) share.account = attester;
            if (lie == 3) (share.row, share.cluster, share.account) = (6, rows[6].cluster, rows[6].contributor);
            if (lie == 4) (share.row, share.cluster, share.account) = (7, rows[7].cluster, rows[7].contributor);
            allot(d, d.entries.length);
            total(d);
            Sealed memory s = seal(d);
            propose(s);
            noFraud();
            foreign(d, s, 1, d.shares[2][1].row);
            convicts(s, IAttributionCourt.Kind.Lineage);
            foreign(d, s, 0, lie == 0 ? 0 : share.row);
        }
        assertEq(open.balanceOf(challenger), 5 * 2_500e18, "half of each bond");
    }

    function test_K7_AsksForTheRowThatIsNamed() public {
        (Draft memory d, Sealed memory s) = honest();
        uint32 row = d.shares[2][0].row;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotTheSameRow.selector, row ^ 1, row));
        foreign(d, s, 0, row ^ 1);
    }
}
