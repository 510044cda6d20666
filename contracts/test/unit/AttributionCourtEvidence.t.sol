// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {CourtWorld} from "../support/CourtWorld.sol";

/// @notice No proposal is convicted by a foreign leaf: every part of every proof, changed by one wei, is refused.
contract AttributionCourtEvidenceTest is CourtWorld {
    IAttributionLedger.Proposal private p;
    bytes private vector;
    IAttributionCourt.CallLeaf private call;
    IAttributionCourt.ShareLeaf private share;
    IAttributionCourt.EntryLeaf private entry;
    IAttributionCourt.RowLeaf private row;
    IAttributionCourt.CallLeaf private otherCall;
    IAttributionCourt.ShareLeaf private otherShare;

    function setUp() public override {
        super.setUp();
        (Draft memory draft, Sealed memory sealed_) = honest();
        (p, vector) = (sealed_.p, draft.vectors[1]);
        (call, otherCall) = (callLeaf(draft, sealed_, 1), callLeaf(draft, sealed_, 2));
        (share, otherShare) = (shareLeaf(draft, sealed_, 1, 0), shareLeaf(draft, sealed_, 1, 1));
        entry = entryLeaf(draft, sealed_, share.share.entry);
        row = rowLeaf(share.share.row);
    }

    function answers(bytes memory proof, bytes4 why) private {
        (bool taken, bytes memory answer) = address(court).call(proof);
        assertTrue(!taken, "an honest proposal was convicted");
        assertTrue(bytes4(answer) == why, "refused for another reason");
    }

    function allProofs() private view returns (bytes[] memory all) {
        all = new bytes[](11);
        all[0] = abi.encodeCall(court.proveCall, (p, call));
        all[1] = abi.encodeCall(court.proveForeignTree, (p, call));
        all[2] = abi.encodeCall(court.proveWeight, (p, call, share, row, vector));
        all[3] = abi.encodeCall(court.proveAmount, (p, call, share, entry));
        all[4] = abi.encodeCall(court.proveShareWithoutEntry, (p, call, share));
        all[5] = abi.encodeCall(court.proveBetterRow, (p, call, share, row, vector, lineage()));
        all[6] = abi.encodeCall(court.proveForeignRow, (p, call, share, row, lineage()));
        all[7] = abi.encodeCall(court.proveShareOrder, (p, call, share, otherShare));
        all[8] = abi.encodeCall(court.proveCallOrder, (p, call, otherCall));
        all[9] = abi.encodeCall(court.proveEntryWithoutShare, (p, entry, call));
        all[10] = abi.encodeCall(court.proveEntryWithoutCall, (p, entry));
    }

    /// @dev Every changed proof of `which` is refused for `why`; the unchanged one shows no fraud.
    function refused(uint256[] memory which, bytes4 why) private {
        bytes[] memory all = allProofs();
        for (uint256 i; i < which.length; ++i) {
            answers(all[which[i]], why);
        }
    }

    function these(bytes memory numbers) private pure returns (uint256[] memory which) {
        which = new uint256[](numbers.length);
        for (uint256 i; i < which.length; ++i) {
            which[i] = uint8(numbers[i]);
        }
    }

    function test_AsTheyAreTheyShowNoFraud() public {
        refused(these(hex"000102030405060708090a"), IAttributionCourt.NoFraud.selector);
    }

    function test_ACallOfTheProposal() public {
        call.pool += 1;
        refused(these(hex"00010203040506070809"), IAttributionCourt.NotInTree.selector);
    }

    function test_AShareOfTheCall() public {
        share.weight += 1;
        refused(these(hex"020304050607"), IAttributionCourt.NotInTree.selector);
    }

    function test_AnEntryOfTheProposal() public {
        entry.amount += 1;
        refused(these(hex"03090a"), IAttributionCourt.NotInTree.selector);
    }

    function test_ARowOfTheModel() public {
        row.base += 1;
        refused(these(hex"020506"), IAttributionCourt.NotInInfluence.selector);
    }

    function test_TheOtherOfTwoNeighbours() public {
        otherShare.weight += 1;
        refused(these(hex"07"), IAttributionCourt.NotInTree.selector);
        otherCall.pool += 1;
        refused(these(hex"08"), IAttributionCourt.NotInTree.selector);
    }

    /// @dev The call is read only for a tree of shares.
    function test_TheCallWhoseSharesAreSummed() public {
        IAttributionCourt.Node memory node;
        IAttributionCourt.Opening memory opening;
        node.hash = call.call.sharesRoot;
        opening.leaf = true;
        call.pool += 1;
        answers(
            abi.encodeCall(court.proveSum, (p, IAttributionCourt.Tree.Shares, call, node, opening)),
            IAttributionCourt.NotInTree.selector
        );
    }

    /// @dev A listed row, claimed to be between two shares.
    function missing(IAttributionCourt.ShareLeaf memory left, IAttributionCourt.ShareLeaf memory right, bytes4 why)
        private
    {
        answers(abi.encodeCall(court.proveMissingRow, (p, call, row, vector, lineage(), 1, left, right)), why);
    }

    function test_TheNeighboursOfAMissingRow() public {
        // The row of the first share, claimed to come after it: its own cluster is no smaller, so the edge is refused first.
        missing(share, otherShare, IAttributionCourt.NotTheEdge.selector);
        IAttributionCourt.ShareLeaf memory left = share;
        left.share.cluster = bytes32(uint256(share.share.cluster) - 1);
        missing(left, otherShare, IAttributionCourt.NotInTree.selector);
        row = rowLeaf(otherShare.share.row);
        IAttributionCourt.ShareLeaf memory right = otherShare;
        right.share.cluster = bytes32(uint256(otherShare.share.cluster) + 1);
        missing(share, right, IAttributionCourt.NotInTree.selector);
        row.base += 1;
        missing(share, right, IAttributionCourt.NotInInfluence.selector);
    }
}
