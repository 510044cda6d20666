// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {CourtWorld} from "../support/CourtWorld.sol";

/// @notice Each kind of false statement, convicted by one transaction of any account.
contract AttributionCourtTest is CourtWorld {
    function test_OnlyAPendingProposalIsTried() public {
        Draft memory d = draftOf(1, 3);
        d.calls[1].callId = d.calls[0].callId;
        Sealed memory s = seal(d);
        IAttributionCourt.CallLeaf memory a = callLeaf(d, s, 0);
        IAttributionCourt.CallLeaf memory b = callLeaf(d, s, 1);
        bytes memory why = abi.encodeWithSelector(IAttributionLedger.NotPending.selector, keccak256(abi.encode(s.p)));
        vm.expectRevert(why);
        court.proveCallOrder(s.p, a, b);
        vm.expectRevert(why);
        court.proveBudget(s.p);
        uint64 to = s.p.to;
        s.p.to = type(uint64).max;
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotPending.selector, keccak256(abi.encode(s.p))));
        court.proveBudget{gas: 5_000_000}(s.p);
        s.p.to = to;
        propose(s);
        vm.warp(vm.getBlockTimestamp() + 24 hours);
        ledger.finalize(s.p);
        vm.expectRevert(why);
        court.proveCallOrder(s.p, a, b);
    }

    function test_ACallThatIsNotOfTheProposal() public {
        (Draft memory d, Sealed memory s) = honest();
        IAttributionCourt.CallLeaf memory call = callLeaf(d, s, 0);
        IAttributionCourt.ShareLeaf memory share = shareLeaf(d, s, 0, 0);
        bytes32 root = call.call.influenceRoot;
        call.call.influenceRoot = 0;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 0));
        court.proveCall(s.p, call);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 0));
        court.proveForeignTree(s.p, call);
        call.call.influenceRoot = root;
        share.weight += 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 0));
        court.proveShareWithoutEntry(s.p, call, share);
        share.weight -= 1;
        share.path.index = call.call.count;
        vm.expectRevert(
            abi.encodeWithSelector(IAttributionCourt.IndexOutsideTree.selector, call.call.count, call.call.count)
        );
        court.proveShareWithoutEntry(s.p, call, share);
        call.path.siblings = new bytes32[](3);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.WrongDepth.selector, 3, 2));
        court.proveCall(s.p, call);
    }
}
