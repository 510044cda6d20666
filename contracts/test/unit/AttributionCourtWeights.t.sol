// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {CourtWorld} from "../support/CourtWorld.sol";

/// @notice Each kind of false statement, convicted by one transaction of any account.
contract AttributionCourtWeightsTest is CourtWorld {
    // K1

    function weigh(Draft memory d, Sealed memory s, uint256 call, uint256 slot) private {
        IAttributionCourt.ShareLeaf memory share = shareLeaf(d, s, call, slot);
        court.proveWeight(s.p, callLeaf(d, s, call), share, rowLeaf(share.share.row), d.vectors[call]);
    }

    function test_K1_AWeightThatIsNotTheProduct() public {
        Draft memory d = draftOf(1, 3);
        d.weights[0][1] += 1;
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        weigh(d, s, 0, 0);
        convicts(s, IAttributionCourt.Kind.Weight);
        weigh(d, s, 0, 1);
        convicted();
    }

    function test_K1_AFlatWeightThatIsNotTheBase() public {
        Draft memory d = draftOf(1, 3);
        d.weights[2][1] += 1;
        Sealed memory s = seal(d);
        propose(s);
        convicts(s, IAttributionCourt.Kind.Weight);
        weigh(d, s, 2, 1);
        convicted();
    }

    function test_K1_AWeightBelowTheCutoff() public {
        Draft memory d = draftOf(1, 3);
        d.calls[0].cutoff = uint64(d.weights[0][0]);
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        weigh(d, s, 0, 0);
        d.calls[0].cutoff += 1;
        vm.expectPartialRevert(IAttributionCourt.NotInTree.selector);
        weigh(d, s, 0, 0);
    }

    function test_K1_AListedWeightBelowTheCutoff() public {
        Draft memory d = draftOf(1, 3);
        d.calls[0].cutoff = uint64(d.weights[0][0]) + 1;
        Sealed memory s = seal(d);
        propose(s);
        convicts(s, IAttributionCourt.Kind.Weight);
        weigh(d, s, 0, 0);
        convicted();
    }

    function test_K1_ARowOfNoWeight() public {
        // A threshold above all weights: the listed row's weight is zero, as stated.
        Draft memory d = draftOf(1, 3);
        d.calls[0].threshold = type(uint64).max;
        d.weights[0] = new uint256[](d.weights[0].length);
        Sealed memory s = seal(d);
        propose(s);
        convicts(s, IAttributionCourt.Kind.Weight);
        weigh(d, s, 0, 0);
        convicted();
    }

    function test_K1_AVectorOfAnotherLength() public {
        Draft memory d = draftOf(1, 3);
        d.vectors[0] = bytes.concat(d.vectors[0], hex"00");
        d.calls[0].vectorHash = keccak256(d.vectors[0]);
        Sealed memory s = seal(d);
        propose(s);
        convicts(s, IAttributionCourt.Kind.Weight);
        weigh(d, s, 0, 0);
        convicted();
    }

    function test_K1_ARowsVectorOfAnotherLength() public {
        rows[0].vector = bytes.concat(rows[0].vector, hex"00");
        rows[1].vector = rows[0].vector;
        books.commit(MODEL, VERSION, committed(), books.lineageOf(MODEL, VERSION));
        Draft memory d = draftOf(1, 3);
        Sealed memory s = seal(d);
        propose(s);
        (uint256 call, uint256 slot) = slotOfRowZeroOrOne(d);
        convicts(s, IAttributionCourt.Kind.Weight);
        weigh(d, s, call, slot);
        convicted();
    }

    function slotOfRowZeroOrOne(Draft memory d) private pure returns (uint256, uint256) {
        for (uint256 call; call < 2; ++call) {
            for (uint256 slot; slot < d.shares[call].length; ++slot) {
                if (d.shares[call][slot].row < 2) return (call, slot);
            }
        }
        revert("this seed lists neither row");
    }

    function test_K1_AsksForTheRightRowAndVector() public {
        (Draft memory d, Sealed memory s) = honest();
        IAttributionCourt.ShareLeaf memory share = shareLeaf(d, s, 0, 0);
        IAttributionCourt.CallLeaf memory call = callLeaf(d, s, 0);
        uint32 row = share.share.row;
        IAttributionCourt.RowLeaf memory other = rowLeaf(row ^ 1);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotTheSameRow.selector, row ^ 1, row));
        court.proveWeight(s.p, call, share, other, d.vectors[0]);
        other = rowLeaf(row);
        vm.expectRevert(IAttributionCourt.NotTheVector.selector);
        court.proveWeight(s.p, call, share, other, d.vectors[1]);
        other.base += 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInInfluence.selector, row));
        court.proveWeight(s.p, call, share, other, d.vectors[0]);
        other.base -= 1;
        other.rows = 16;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.WrongDepth.selector, 3, 4));
        court.proveWeight(s.p, call, share, other, d.vectors[0]);
        other.rows = row;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.IndexOutsideTree.selector, row, row));
        court.proveWeight(s.p, call, share, other, d.vectors[0]);
    }

    // K2

    function pay(Draft memory d, Sealed memory s, uint256 call, uint256 slot, uint256 e) private {
        court.proveAmount(s.p, callLeaf(d, s, call), shareLeaf(d, s, call, slot), entryLeaf(d, s, e));
    }

    function test_K2_AnAmountTooLargeOrTooSmall() public {
        for (uint256 more; more < 2; ++more) {
            Draft memory d = draftOf(1, 3);
            uint256 e = d.shares[0][0].entry;
            d.amounts[e] = more == 1 ? d.amounts[e] + 1 : d.amounts[e] - 1;
            total(d);
            Sealed memory s = seal(d);
            propose(s);
            noFraud();
            pay(d, s, 0, 1, d.shares[0][1].entry);
            convicts(s, IAttributionCourt.Kind.Amount);
            pay(d, s, 0, 0, e);
        }
        assertEq(open.balanceOf(challenger), 5_000e18, "twice half of a bond");
    }

    function test_K2_AnotherAccount() public {
        Draft memory d = draftOf(1, 3);
        // The largest of all keys, taken from another account.
        uint256 e = d.entries.length - 1;
        (uint256 call, uint256 slot) = (uint32(d.entries[e] >> 32), uint32(d.entries[e]));
        d.entries[e] = uint256(uint160(attester)) << 64 | call << 32 | slot;
        total(d);
        Sealed memory s = seal(d);
        propose(s);
        convicts(s, IAttributionCourt.Kind.Amount);
        pay(d, s, call, slot, e);
        convicted();
    }

    function test_K2_AShareThatPointsElsewhere() public {
        Draft memory d = draftOf(1, 3);
        uint32 right = d.shares[0][0].entry;
        d.shares[0][0].entry = d.shares[0][1].entry;
        Sealed memory s = seal(d);
        propose(s);
        uint256 snapshot = vm.snapshotState();
        convicts(s, IAttributionCourt.Kind.Amount);
        pay(d, s, 0, 0, right);
        convicted();
        // The entry that it points at does not point back: a second proof of the same fraud.
        vm.revertToState(snapshot);
        convicts(s, IAttributionCourt.Kind.Amount);
        pay(d, s, 0, 0, d.shares[0][1].entry);
        convicted();
    }

    function test_K2_OnlyPointersAreEvidence() public {
        (Draft memory d, Sealed memory s) = honest();
        uint32 other = d.shares[0][1].entry;
        vm.expectRevert(IAttributionCourt.DoNotPoint.selector);
        pay(d, s, 0, 0, other);
        uint32 far = d.shares[1][0].entry;
        vm.expectRevert(IAttributionCourt.DoNotPoint.selector);
        pay(d, s, 0, 0, far);
    }

    function test_K2_ACallThatGivesNothing() public {
        Draft memory d = draftOf(1, 3);
        d.weights[0] = new uint256[](d.weights[0].length);
        Sealed memory s = seal(d);
        propose(s);
        convicts(s, IAttributionCourt.Kind.Amount);
        pay(d, s, 0, 0, d.shares[0][0].entry);
        convicted();
    }

    function test_K2_AnEntryWithoutACall() public {
        Draft memory d = draftOf(1, 3);
        uint256 e = d.entries.length - 1;
        d.entries[e] = (d.entries[e] >> 64) << 64 | uint256(3) << 32;
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        court.proveEntryWithoutCall(s.p, entryLeaf(d, s, 0));
        convicts(s, IAttributionCourt.Kind.Amount);
        court.proveEntryWithoutCall(s.p, entryLeaf(d, s, e));
        convicted();
    }

    function test_K2_AnEntryWithoutAShare() public {
        Draft memory d = draftOf(1, 3);
        uint256 e = d.entries.length - 1;
        d.entries[e] = (d.entries[e] >> 64) << 64 | uint256(2) << 32 | d.shares[2].length;
        Sealed memory s = seal(d);
        propose(s);
        uint32 fine = d.shares[2][0].entry;
        noFraud();
        court.proveEntryWithoutShare(s.p, entryLeaf(d, s, fine), callLeaf(d, s, 2));
        vm.expectRevert(IAttributionCourt.DoNotPoint.selector);
        court.proveEntryWithoutShare(s.p, entryLeaf(d, s, e), callLeaf(d, s, 1));
        convicts(s, IAttributionCourt.Kind.Amount);
        court.proveEntryWithoutShare(s.p, entryLeaf(d, s, e), callLeaf(d, s, 2));
        convicted();
    }

    function test_K2_AShareWithoutAnEntry() public {
        Draft memory d = draftOf(1, 3);
        d.shares[1][0].entry = uint32(d.entries.length);
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        court.proveShareWithoutEntry(s.p, callLeaf(d, s, 0), shareLeaf(d, s, 0, 0));
        convicts(s, IAttributionCourt.Kind.Amount);
        court.proveShareWithoutEntry(s.p, callLeaf(d, s, 1), shareLeaf(d, s, 1, 0));
        convicted();
    }
}
