// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {CourtWorld} from "../support/CourtWorld.sol";
import {SumTree} from "../support/SumTree.sol";

/// @notice Each kind of false statement, convicted by one transaction of any account.
contract AttributionCourtOrderTest is CourtWorld {
    // K4

    function test_K4_AccountsOutOfOrder() public {
        Draft memory d = draftOf(1, 3);
        (d.accounts[0], d.accounts[1]) = (d.accounts[1], d.accounts[0]);
        (d.totals[0], d.totals[1]) = (d.totals[1], d.totals[0]);
        Sealed memory s = seal(d);
        propose(s);
        convicts(s, IAttributionCourt.Kind.Order);
        court.proveOrder(
            s.p, IAttributionCourt.Tree.Accounts, keyLeaf(s.accounts, d.accounts, 0), keyLeaf(s.accounts, d.accounts, 1)
        );
        convicted();
    }

    function test_K4_AnEntryTwice() public {
        Draft memory d = draftOf(1, 3);
        d.entries[1] = d.entries[0];
        total(d);
        Sealed memory s = seal(d);
        propose(s);
        convicts(s, IAttributionCourt.Kind.Order);
        court.proveOrder(
            s.p, IAttributionCourt.Tree.Entries, keyLeaf(s.entries, d.entries, 0), keyLeaf(s.entries, d.entries, 1)
        );
        convicted();
    }

    function test_K4_NeighboursOnly() public {
        (Draft memory d, Sealed memory s) = honest();
        IAttributionCourt.KeyLeaf memory a = keyLeaf(s.entries, d.entries, 0);
        IAttributionCourt.KeyLeaf memory b = keyLeaf(s.entries, d.entries, 1);
        noFraud();
        court.proveOrder(s.p, IAttributionCourt.Tree.Entries, a, b);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotNeighbours.selector, 1, 0));
        court.proveOrder(s.p, IAttributionCourt.Tree.Entries, b, a);
        a.key += 1e30;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 0));
        court.proveOrder(s.p, IAttributionCourt.Tree.Entries, a, b);
        a.key -= 1e30;
        b.key = 0;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 1));
        court.proveOrder(s.p, IAttributionCourt.Tree.Entries, a, b);
        IAttributionCourt.CallLeaf memory c0 = callLeaf(d, s, 0);
        IAttributionCourt.CallLeaf memory c1 = callLeaf(d, s, 1);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotNeighbours.selector, 1, 0));
        court.proveCallOrder(s.p, c1, c0);
        IAttributionCourt.ShareLeaf memory s0 = shareLeaf(d, s, 2, 0);
        IAttributionCourt.ShareLeaf memory s1 = shareLeaf(d, s, 2, 1);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotNeighbours.selector, 1, 0));
        court.proveShareOrder(s.p, callLeaf(d, s, 2), s1, s0);
    }

    function test_K4_ACallTwice() public {
        Draft memory d = draftOf(1, 3);
        d.calls[1].callId = d.calls[0].callId;
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        court.proveCallOrder(s.p, callLeaf(d, s, 1), callLeaf(d, s, 2));
        convicts(s, IAttributionCourt.Kind.Order);
        court.proveCallOrder(s.p, callLeaf(d, s, 0), callLeaf(d, s, 1));
        convicted();
    }

    function test_K4_AClusterTwice() public {
        Draft memory d = draftOf(1, 3);
        d.shares[2][1].cluster = d.shares[2][0].cluster;
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        court.proveShareOrder(s.p, callLeaf(d, s, 2), shareLeaf(d, s, 2, 1), shareLeaf(d, s, 2, 2));
        convicts(s, IAttributionCourt.Kind.Order);
        court.proveShareOrder(s.p, callLeaf(d, s, 2), shareLeaf(d, s, 2, 0), shareLeaf(d, s, 2, 1));
        convicted();
    }

    // K5

    function account(Draft memory d, Sealed memory s, SumTree.Tree memory before, address who) private {
        uint256 key = uint160(who);
        court.proveAccount(
            s.p,
            who,
            run(before, finalKeys, key, key + 1),
            run(s.entries, d.entries, key << 64, (key + 1) << 64),
            run(s.accounts, d.accounts, key, key + 1)
        );
    }

    function second() private returns (Draft memory d, SumTree.Tree memory before) {
        Sealed memory s;
        (d, s) = honest();
        finalize(d, s);
        before = s.accounts;
        d = draftOf(2, 3);
    }

    function test_K5_WorthMovedFromOneAccountToAnother() public {
        (Draft memory d, SumTree.Tree memory before) = second();
        d.totals[0] -= 5;
        d.totals[2] += 5;
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        account(d, s, before, address(uint160(d.accounts[1])));
        noFraud();
        account(d, s, before, actor("stranger"));
        uint256 snapshot = vm.snapshotState();
        convicts(s, IAttributionCourt.Kind.Account);
        account(d, s, before, address(uint160(d.accounts[0])));
        convicted();
        vm.revertToState(snapshot);
        convicts(s, IAttributionCourt.Kind.Account);
        account(d, s, before, address(uint160(d.accounts[2])));
        convicted();
    }

    function test_K5_AnAccountLeftOutOrInvented() public {
        (Draft memory d, SumTree.Tree memory before) = second();
        address out = address(uint160(d.accounts[2]));
        d.accounts[2] = uint160(attester);
        Sealed memory s = seal(d);
        propose(s);
        uint256 snapshot = vm.snapshotState();
        convicts(s, IAttributionCourt.Kind.Account);
        account(d, s, before, out);
        convicted();
        vm.revertToState(snapshot);
        convicts(s, IAttributionCourt.Kind.Account);
        account(d, s, before, attester);
        convicted();
    }

    function test_K5_EdgesMustBeTight() public {
        (Draft memory d, SumTree.Tree memory before) = second();
        Sealed memory s = seal(d);
        propose(s);
        uint256 key = d.accounts[1];
        address who = address(uint160(key));
        IAttributionCourt.Run memory had = run(before, finalKeys, key, key + 1);
        IAttributionCourt.Run memory earned = run(s.entries, d.entries, key << 64, (key + 1) << 64);
        IAttributionCourt.Run memory has = run(s.accounts, d.accounts, key, key + 1);
        noFraud();
        court.proveAccount(s.p, who, had, earned, has);
        // Too wide at the left: it would include a neighbour's total.
        has.start = edge(s.accounts, d.accounts, key - 1);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotTheEdge.selector, key));
        court.proveAccount(s.p, who, had, earned, has);
        // Too narrow: it would omit the account's own entry.
        has.start = edge(s.accounts, d.accounts, key + 1);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotTheEdge.selector, key));
        court.proveAccount(s.p, who, had, earned, has);
        has.start = edge(s.accounts, d.accounts, key);
        has.start.left = has.start.right;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotTheEdge.selector, key));
        court.proveAccount(s.p, who, had, earned, has);
        has.start = edge(s.accounts, d.accounts, key);
        has.start.right = has.end.right;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotTheEdge.selector, key));
        court.proveAccount(s.p, who, had, earned, has);
        // A gap at the left: the sum before would omit the account between.
        has.start = edge(s.accounts, d.accounts, key);
        has.end = edge(s.accounts, d.accounts, key + 1);
        has.end.left = has.start.left;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotTheEdge.selector, key + 1));
        court.proveAccount(s.p, who, had, earned, has);
        has.end = edge(s.accounts, d.accounts, key + 1);
        has.start.right.amount += 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 1));
        court.proveAccount(s.p, who, had, earned, has);
    }
}
