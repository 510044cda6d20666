// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {CourtWorld} from "../support/CourtWorld.sol";
import {SumTree} from "../support/SumTree.sol";

/// @notice A proposal that follows the rule is never convicted, by any proof.
/// forge-config: default.fuzz.runs = 4
/// forge-config: nightly.fuzz.runs = 200
contract AttributionCourtFuzz is CourtWorld {
    using SumTree for SumTree.Tree;

    function acquitted(bytes memory call) private {
        (bool taken, bytes memory why) = address(court).call(call);
        assertTrue(!taken, "an honest proposal was convicted");
        assertTrue(bytes4(why) == IAttributionCourt.NoFraud.selector, "acquitted for another reason");
    }

    function testFuzz_AnHonestProposalIsNeverConvicted(uint256 seed) public {
        Draft memory d = draftOf(bound(seed, 0, 1e9), 2 + seed % 2);
        Sealed memory s = seal(d);
        propose(s);
        finalize(d, s);
        SumTree.Tree memory before = s.accounts;
        vm.warp(vm.getBlockTimestamp() + 5 hours);
        d = draftOf(bound(seed, 0, 1e9) + 1, 3);
        s = seal(d);
        propose(s);

        acquitted(abi.encodeCall(court.proveBudget, (s.p)));
        for (uint256 c; c < 3; ++c) {
            tryCall(d, s, c);
        }
        for (uint256 e; e < d.entries.length; ++e) {
            tryEntry(d, s, e);
        }
        for (uint256 a; a < d.accounts.length; ++a) {
            tryAccount(d, s, before, d.accounts[a]);
            tryAccount(d, s, before, d.accounts[a] + 1);
        }
        tryOrder(d, s);
    }

    function tryCall(Draft memory d, Sealed memory s, uint256 c) private {
        IAttributionCourt.CallLeaf memory call = callLeaf(d, s, c);
        acquitted(abi.encodeCall(court.proveCall, (s.p, call)));
        acquitted(abi.encodeCall(court.proveForeignTree, (s.p, call)));
        for (uint256 slot; slot < d.shares[c].length; ++slot) {
            IAttributionCourt.ShareLeaf memory share = shareLeaf(d, s, c, slot);
            IAttributionCourt.RowLeaf memory row = rowLeaf(share.share.row);
            acquitted(abi.encodeCall(court.proveWeight, (s.p, call, share, row, d.vectors[c])));
            acquitted(abi.encodeCall(court.proveForeignRow, (s.p, call, share, row, lineage())));
            acquitted(abi.encodeCall(court.proveShareWithoutEntry, (s.p, call, share)));
            acquitted(abi.encodeCall(court.proveAmount, (s.p, call, share, entryLeaf(d, s, share.share.entry))));
        }
        for (uint32 row; row < 6; ++row) {
            tryRow(d, s, call, c, row);
        }
    }

    /// @dev A row is listed, or its cluster's best is, or it weighs nothing.
    function tryRow(Draft memory d, Sealed memory s, IAttributionCourt.CallLeaf memory call, uint256 c, uint32 row)
        private
    {
        uint256 place;
        while (place < d.shares[c].length && d.shares[c][place].cluster < rows[row].cluster) ++place;
        IAttributionCourt.ShareLeaf memory left;
        IAttributionCourt.ShareLeaf memory right;
        if (place < d.shares[c].length) right = shareLeaf(d, s, c, place);
        IAttributionCourt.RowLeaf memory r = rowLeaf(row);
        if (right.share.cluster == rows[row].cluster) {
            acquitted(abi.encodeCall(court.proveBetterRow, (s.p, call, right, r, d.vectors[c], lineage())));
        } else {
            if (place > 0) left = shareLeaf(d, s, c, place - 1);
            acquitted(
                abi.encodeCall(court.proveMissingRow, (s.p, call, r, d.vectors[c], lineage(), place, left, right))
            );
        }
    }

    function tryEntry(Draft memory d, Sealed memory s, uint256 e) private {
        IAttributionCourt.EntryLeaf memory entry = entryLeaf(d, s, e);
        acquitted(abi.encodeCall(court.proveEntryWithoutCall, (s.p, entry)));
        acquitted(abi.encodeCall(court.proveEntryWithoutShare, (s.p, entry, callLeaf(d, s, entry.call))));
    }

    function tryAccount(Draft memory d, Sealed memory s, SumTree.Tree memory before, uint256 key) private {
        acquitted(
            abi.encodeCall(
                court.proveAccount,
                (
                    s.p,
                    address(uint160(key)),
                    run(before, finalKeys, key, key + 1),
                    run(s.entries, d.entries, key << 64, (key + 1) << 64),
                    run(s.accounts, d.accounts, key, key + 1)
                )
            )
        );
    }

    function tryOrder(Draft memory d, Sealed memory s) private {
        for (uint256 i; i + 1 < d.entries.length; ++i) {
            IAttributionCourt.KeyLeaf memory left = keyLeaf(s.entries, d.entries, i);
            IAttributionCourt.KeyLeaf memory right = keyLeaf(s.entries, d.entries, i + 1);
            acquitted(abi.encodeCall(court.proveOrder, (s.p, IAttributionCourt.Tree.Entries, left, right)));
        }
        for (uint256 i; i + 1 < d.accounts.length; ++i) {
            IAttributionCourt.KeyLeaf memory left = keyLeaf(s.accounts, d.accounts, i);
            IAttributionCourt.KeyLeaf memory right = keyLeaf(s.accounts, d.accounts, i + 1);
            acquitted(abi.encodeCall(court.proveOrder, (s.p, IAttributionCourt.Tree.Accounts, left, right)));
        }
        for (uint256 c; c < 2; ++c) {
            acquitted(abi.encodeCall(court.proveCallOrder, (s.p, callLeaf(d, s, c), callLeaf(d, s, c + 1))));
        }
        for (uint256 i; i + 1 < d.shares[2].length; ++i) {
            IAttributionCourt.ShareLeaf memory left = shareLeaf(d, s, 2, i);
            IAttributionCourt.ShareLeaf memory right = shareLeaf(d, s, 2, i + 1);
            acquitted(abi.encodeCall(court.proveShareOrder, (s.p, callLeaf(d, s, 2), left, right)));
        }
    }
}
