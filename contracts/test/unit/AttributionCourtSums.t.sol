// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryCodec} from "../../src/attribution/lib/EntryCodec.sol";
import {SumMerkle} from "../../src/attribution/lib/SumMerkle.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {CourtWorld} from "../support/CourtWorld.sol";
import {SumTree} from "../support/SumTree.sol";

/// @notice K3: sums, shapes and bounds. A tampered tree is recomputed above the tampered node, so its root matches.
contract AttributionCourtSumsTest is CourtWorld {
    using SumTree for SumTree.Tree;

    IAttributionCourt.CallLeaf private noCall;
    IAttributionCourt.Tree private constant ACCOUNTS = IAttributionCourt.Tree.Accounts;

    function node(SumTree.Tree memory tree, uint256 level, uint256 index)
        private
        pure
        returns (IAttributionCourt.Node memory)
    {
        return IAttributionCourt.Node(
            tree.nodes[level][index], uint128(tree.sums[level][index]), path(tree.pathFrom(level, index))
        );
    }

    function inner(SumTree.Tree memory tree, uint256 level, uint256 index)
        private
        pure
        returns (IAttributionCourt.Opening memory)
    {
        return IAttributionCourt.Opening(
            false,
            tree.nodes[level - 1][2 * index],
            uint128(tree.sums[level - 1][2 * index]),
            tree.nodes[level - 1][2 * index + 1],
            uint128(tree.sums[level - 1][2 * index + 1])
        );
    }

    function leaf(bytes32 content, uint256 amount) private pure returns (IAttributionCourt.Opening memory) {
        return IAttributionCourt.Opening(true, content, uint128(amount), 0, 0);
    }

    function convict(Sealed memory s, IAttributionCourt.Node memory n, IAttributionCourt.Opening memory o) private {
        convicts(s, IAttributionCourt.Kind.Sum);
        court.proveSum(s.p, ACCOUNTS, noCall, n, o);
        convicted();
    }

    /// @dev A proposal whose accounts tree is `tree`, with the totals that the ledger requires.
    function withAccounts(Draft memory d, SumTree.Tree memory tree) private returns (Sealed memory s) {
        s = seal(d);
        s.accounts = tree;
        s.p.accountsRoot = tree.root();
        propose(s);
    }

    function accounts(Draft memory d) private pure returns (SumTree.Tree memory) {
        return SumTree.build(words(d.accounts), d.totals);
    }

    function test_K3_ANodeThatClaimsMoreThanItsChildren() public {
        Draft memory d = draftOf(1, 3);
        SumTree.Tree memory tree = accounts(d);
        tree.sums[1][0] += 7;
        tree.sums[1][1] -= 7;
        tree.raise(1);
        Sealed memory s = withAccounts(d, tree);
        IAttributionCourt.Node memory n = node(tree, 1, 0);
        IAttributionCourt.Opening memory o = inner(tree, 1, 0);
        o.leftSum += 7;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 0));
        court.proveSum(s.p, ACCOUNTS, noCall, n, o);
        o.leftSum -= 7;
        convict(s, n, o);
    }

    function test_K3_ALeafThatClaimsMoreThanItsAmount() public {
        Draft memory d = draftOf(1, 3);
        SumTree.Tree memory tree = accounts(d);
        tree.sums[0][0] += 7;
        tree.sums[0][1] -= 7;
        tree.raise(0);
        Sealed memory s = withAccounts(d, tree);
        convict(s, node(tree, 0, 0), leaf(bytes32(d.accounts[0]), d.totals[0]));
    }

    function test_K3_ARootThatClaimsMoreThanItsChildren() public {
        Draft memory d = draftOf(1, 3);
        d.totals[0] += 7;
        SumTree.Tree memory tree = accounts(d);
        Sealed memory s = withAccounts(d, tree);
        uint256 snapshot = vm.snapshotState();
        // From the root itself, whose sum is the stated total regardless of the challenger's value.
        IAttributionCourt.Node memory n = node(tree, 2, 0);
        n.sum = 1;
        convict(s, n, inner(tree, 2, 0));
        // And from below: a path that leads to another total.
        vm.revertToState(snapshot);
        convict(s, node(tree, 0, 1), leaf(bytes32(d.accounts[1]), d.totals[1]));
    }

    function test_K3_ARootsOwnSumIsNotTheChallengers() public {
        (Draft memory d, Sealed memory s) = honest();
        assertEq(d.accounts.length, 3, "three accounts, one empty place");
        IAttributionCourt.Node memory n = node(s.accounts, 2, 0);
        n.sum = 1;
        noFraud();
        court.proveSum(s.p, ACCOUNTS, noCall, n, inner(s.accounts, 2, 0));
    }

    function test_K3_HonestNodesAreNoFraud() public {
        (, Sealed memory s) = honest();
        for (uint256 level; level < 3; ++level) {
            for (uint256 i; i < s.accounts.nodes[level].length; ++i) {
                IAttributionCourt.Opening memory o = level == 0
                    ? leaf(bytes32(i < 3 ? finalOf(s, i) : 0), s.accounts.sums[0][i])
                    : inner(s.accounts, level, i);
                noFraud();
                court.proveSum(s.p, ACCOUNTS, noCall, node(s.accounts, level, i), o);
            }
        }
    }

    function finalOf(Sealed memory, uint256 i) private view returns (uint256) {
        return draftOf(1, 3).accounts[i];
    }

    function test_K3_AnEmptyPlaceThatIsNotEmpty() public {
        Draft memory d = draftOf(1, 3);
        SumTree.Tree memory tree = accounts(d);
        tree.nodes[0][3] = "hidden";
        tree.raise(0);
        Sealed memory s = withAccounts(d, tree);
        IAttributionCourt.Opening memory nothing;
        convict(s, node(tree, 0, 3), nothing);
    }

    function test_K3_AnEmptyPlaceThatIsWorthSomething() public {
        Draft memory d = draftOf(1, 3);
        SumTree.Tree memory tree = accounts(d);
        tree.sums[0][3] = 7;
        tree.raise(0);
        Sealed memory s = withAccounts(d, tree);
        IAttributionCourt.Opening memory nothing;
        convict(s, node(tree, 0, 3), nothing);
    }

    function test_K3_AnEmptyPlaceWorthSomethingWithinTheTotal() public {
        Draft memory d = draftOf(1, 3);
        d.totals[0] -= 7;
        SumTree.Tree memory tree = accounts(d);
        tree.sums[0][3] = 7;
        tree.raise(0);
        Sealed memory s = withAccounts(d, tree);
        IAttributionCourt.Opening memory nothing;
        convict(s, node(tree, 0, 3), nothing);
    }

    function test_K3_AHoleWithinTheCount() public {
        Draft memory d = draftOf(1, 3);
        SumTree.Tree memory tree = accounts(d);
        tree.nodes[0][1] = 0;
        tree.raise(0);
        Sealed memory s = withAccounts(d, tree);
        IAttributionCourt.Opening memory nothing;
        convict(s, node(tree, 0, 1), nothing);
    }

    function test_K3_AnInnerNodeAtTheBottom() public {
        Draft memory d = draftOf(1, 3);
        SumTree.Tree memory tree = accounts(d);
        bytes32 a = SumMerkle.leaf("a", 1);
        bytes32 b = SumMerkle.leaf("b", d.totals[0] - 1);
        tree.nodes[0][0] = SumMerkle.parent(a, 1, b, d.totals[0] - 1);
        tree.raise(0);
        Sealed memory s = withAccounts(d, tree);
        convict(s, node(tree, 0, 0), IAttributionCourt.Opening(false, a, 1, b, uint128(d.totals[0] - 1)));
    }

    function test_K3_ALeafAboveTheBottom() public {
        Draft memory d = draftOf(1, 3);
        SumTree.Tree memory tree = accounts(d);
        tree.nodes[1][0] = SumMerkle.leaf(bytes32(d.accounts[0]), tree.sums[1][0]);
        tree.raise(1);
        Sealed memory s = withAccounts(d, tree);
        convict(s, node(tree, 1, 0), leaf(bytes32(d.accounts[0]), tree.sums[1][0]));
    }

    function test_K3_AnAccountWiderThanAnAddress() public {
        Draft memory d = draftOf(1, 3);
        d.accounts[2] = uint256(type(uint160).max);
        Sealed memory s = seal(d);
        propose(s);
        noFraud();
        court.proveSum(s.p, ACCOUNTS, noCall, node(s.accounts, 0, 2), leaf(bytes32(d.accounts[2]), d.totals[2]));
        vm.warp(vm.getBlockTimestamp() + 24 hours);
        ledger.finalize(s.p);
        (finalKeys, finalTotals) = (d.accounts, d.totals);
        vm.warp(vm.getBlockTimestamp() + 3 hours);
        d = draftOf(2, 3);
        d.accounts[d.accounts.length - 1] = 1 << 160;
        s = seal(d);
        propose(s);
        uint256 last = d.accounts.length - 1;
        convict(s, node(s.accounts, 0, last), leaf(bytes32(d.accounts[last]), d.totals[last]));
    }

    function test_K3_AnEntryWiderThanItsFields() public {
        for (uint256 wide; wide < 2; ++wide) {
            Draft memory d = draftOf(1, 3);
            uint256 e = d.entries.length - 1;
            d.entries[e] = type(uint224).max + wide;
            Sealed memory s = seal(d);
            propose(s);
            if (wide == 1) convicts(s, IAttributionCourt.Kind.Sum);
            else noFraud();
            court.proveSum(
                s.p,
                IAttributionCourt.Tree.Entries,
                noCall,
                node(s.entries, 0, e),
                leaf(bytes32(d.entries[e]), d.amounts[e])
            );
            if (wide == 1) return convicted();
            vm.warp(vm.getBlockTimestamp() + 24 hours);
            ledger.finalize(s.p);
            (finalKeys, finalTotals) = (d.accounts, d.totals);
            vm.warp(vm.getBlockTimestamp() + 3 hours);
        }
    }

    function test_K3_CallsThatAddUpToAnotherPool() public {
        Draft memory d = draftOf(1, 3);
        SumTree.Tree[] memory shares = sealShares(d);
        Sealed memory s = sealTrees(d, shares);
        s.p.pools += 1;
        propose(s);
        IAttributionCourt.Opening memory o = leaf(keccak256(abi.encode(d.calls[0])), d.pools[0]);
        s.p.pools -= 1;
        vm.expectRevert();
        court.proveSum(s.p, IAttributionCourt.Tree.Calls, noCall, node(s.calls, 0, 0), o);
        s.p.pools += 1;
        convicts(s, IAttributionCourt.Kind.Sum);
        court.proveSum(s.p, IAttributionCourt.Tree.Calls, noCall, node(s.calls, 0, 0), o);
        convicted();
    }

    function test_K3_SharesThatAddUpToAnotherWeight() public {
        Draft memory d = draftOf(1, 3);
        SumTree.Tree[] memory shares = sealShares(d);
        d.calls[2].weightSum += 1;
        Sealed memory s = sealTrees(d, shares);
        propose(s);
        IAttributionCourt.Tree tree = IAttributionCourt.Tree.Shares;
        IAttributionCourt.Opening memory o = leaf(keccak256(abi.encode(d.shares[2][0])), d.weights[2][0]);
        IAttributionCourt.CallLeaf memory wrong = callLeaf(d, s, 2);
        wrong.pool += 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 2));
        court.proveSum(s.p, tree, wrong, node(s.shares[2], 0, 0), o);
        o = leaf(keccak256(abi.encode(d.shares[0][0])), d.weights[0][0]);
        IAttributionCourt.CallLeaf memory fine = callLeaf(d, s, 0);
        noFraud();
        court.proveSum(s.p, tree, fine, node(s.shares[0], 0, 0), o);
        convicts(s, IAttributionCourt.Kind.Sum);
        court.proveSum(s.p, tree, callLeaf(d, s, 2), node(s.shares[2], 0, 0), o);
        convicted();
    }

    function test_K3_AsksForAPathOfTheTree() public {
        (, Sealed memory s) = honest();
        IAttributionCourt.Opening memory o;
        IAttributionCourt.Node memory n = node(s.accounts, 0, 0);
        n.hash = "other";
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 0));
        court.proveSum(s.p, ACCOUNTS, noCall, n, o);
        // A node invented by the challenger is false, but not part of the proposal.
        (n.hash, o) = (SumMerkle.leaf("own", 1), leaf("own", 1));
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.NotInTree.selector, 0));
        court.proveSum(s.p, ACCOUNTS, noCall, n, o);
        n.path.siblings = new bytes32[](3);
        vm.expectRevert(abi.encodeWithSelector(IAttributionCourt.WrongDepth.selector, 3, 2));
        court.proveSum(s.p, ACCOUNTS, noCall, n, o);
    }

    function tryCall(function(EntryCodec.Call memory) internal change, bool fraud) private {
        uint256 snapshot = vm.snapshotState();
        Draft memory d = draftOf(1, 2);
        SumTree.Tree[] memory shares = sealShares(d);
        change(d.calls[0]);
        Sealed memory s = sealTrees(d, shares);
        propose(s);
        if (fraud) convicts(s, IAttributionCourt.Kind.Sum);
        else noFraud();
        court.proveCall(s.p, callLeaf(d, s, 0));
        vm.revertToState(snapshot);
    }

    function nothing_(EntryCodec.Call memory) internal pure {}

    function tooMany(EntryCodec.Call memory call) internal pure {
        call.count = 65;
    }

    function topWithCutoff(EntryCodec.Call memory call) internal pure {
        (call.count, call.cutoff) = (64, 5);
    }

    function fewWithCutoff(EntryCodec.Call memory call) internal pure {
        (call.count, call.cutoff) = (63, 5);
    }

    function noTree(EntryCodec.Call memory call) internal pure {
        call.influenceRoot = 0;
    }

    function noTreeNothing(EntryCodec.Call memory call) internal pure {
        (call.influenceRoot, call.count) = (0, 0);
    }

    function flatMany(EntryCodec.Call memory call) internal pure {
        (call.vectorHash, call.count) = (0, 10_000);
    }

    function flatCutoff(EntryCodec.Call memory call) internal pure {
        (call.vectorHash, call.cutoff) = (0, 1);
    }

    function flatThreshold(EntryCodec.Call memory call) internal pure {
        (call.vectorHash, call.threshold) = (0, 1);
    }

    function test_K3_CallsOfABadForm() public {
        tryCall(nothing_, false);
        tryCall(tooMany, true);
        tryCall(topWithCutoff, false);
        tryCall(fewWithCutoff, true);
        tryCall(noTree, true);
        tryCall(noTreeNothing, false);
        tryCall(flatMany, false);
        tryCall(flatCutoff, true);
        tryCall(flatThreshold, true);
    }

    function test_K3_PoolsThatAreNotTheBudget() public {
        (, Sealed memory s) = honest();
        noFraud();
        court.proveBudget(s.p);
        books.setEpochData(s.p.from + 1, 1);
        convicts(s, IAttributionCourt.Kind.Sum);
        court.proveBudget(s.p);
        convicted();
    }
}
