// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AttributionCourt} from "../../src/attribution/AttributionCourt.sol";
import {AttributionLedger} from "../../src/attribution/AttributionLedger.sol";
import {EntryCodec} from "../../src/attribution/lib/EntryCodec.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {DatanetRef, DatanetRefs} from "../../src/interfaces/DatanetRef.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Books} from "../mocks/Books.sol";
import {OpenDeployed} from "./OpenDeployed.sol";
import {SumTree} from "./SumTree.sol";

/// @notice A model with eight rows of three contributors, and epochs of calls to it built by the rule of EntryCodec.
/// @dev A draft is plain arrays: a test changes what should be wrong, then seals it into trees and a proposal.
abstract contract EpochWorld is OpenDeployed {
    using SumTree for SumTree.Tree;

    struct Draft {
        EntryCodec.Call[] calls;
        bytes[] vectors;
        uint256[] pools;
        EntryCodec.Share[][] shares;
        uint256[][] weights;
        uint256[] entries;
        uint256[] amounts;
        uint256[] accounts;
        uint256[] totals;
    }

    struct Sealed {
        IAttributionLedger.Proposal p;
        SumTree.Tree accounts;
        SumTree.Tree entries;
        SumTree.Tree calls;
        SumTree.Tree[] shares;
    }

    uint256 internal constant MODEL = 9;
    uint32 internal constant VERSION = 2;
    uint256 internal constant ROWS = 8;
    uint256 internal constant POOL = 1_000e18;

    AttributionLedger internal ledger;
    AttributionCourt internal court;
    Books internal books;
    address internal attester;

    EntryCodec.Row[] internal rows;
    uint128[] internal bases;
    DatanetRef[] internal refs;
    uint256[] internal finalKeys;
    uint256[] internal finalTotals;

    function deployEpochs() internal {
        deployOpen();
        books = new Books();
        ledger = new AttributionLedger(open, treasury, 24 hours, address(manager));
        court = new AttributionCourt(ledger, IModelRegistry(address(books)), ISettlement(address(books)));
        manager.grantRole(Roles.COURT, address(court), 0);
        restrict(address(ledger), ledger.reject.selector, Roles.COURT);
        restrict(address(ledger), ledger.veto.selector, Roles.PAUSER);
        restrictPause(address(ledger));
        attester = rich("attester", 100_000e18, address(ledger));
        vm.warp(vm.getBlockTimestamp() + 3 hours);
        refs.push(DatanetRefs.pack(1, 1, 50));
        refs.push(DatanetRefs.pack(3, 2, 50));
        for (uint256 i; i < ROWS; ++i) {
            // Rows 0 and 1 have the same content; 6 is from a Datanet version that is not cited; 7 has no contributor.
            rows.push(
                EntryCodec.Row({
                    rowLeaf: keccak256(abi.encode("row", i)),
                    cluster: keccak256(abi.encode("cluster", i == 1 ? 0 : i)),
                    contributor: i == 7 ? address(0) : address(uint160(0x1000 + i % 3)),
                    datanet: i % 2 == 0 ? 1 : 3,
                    version: i == 6 ? 9 : i % 2 == 0 ? 1 : 2,
                    scale: uint16(100 + i),
                    vector: vectorOf(i)
                })
            );
            bases.push(uint128(10 + i));
        }
        books.commit(MODEL, VERSION, committed(), DatanetRefs.lineage(0, refs));
    }

    function vectorOf(uint256 seed) internal pure returns (bytes memory vector) {
        for (uint256 i; i < 8; ++i) {
            vector = bytes.concat(vector, keccak256(abi.encode(seed, i)));
        }
    }

    function influence() internal view returns (SumTree.Tree memory) {
        bytes32[] memory contents = new bytes32[](ROWS);
        uint256[] memory amounts = new uint256[](ROWS);
        for (uint256 i; i < ROWS; ++i) {
            EntryCodec.Row memory r = rows[i];
            contents[i] = keccak256(
                abi.encodePacked(r.rowLeaf, r.cluster, r.contributor, r.datanet, r.version, r.scale, r.vector)
            );
            amounts[i] = bases[i];
        }
        return SumTree.build(contents, amounts);
    }

    function committed() internal view returns (bytes32) {
        SumTree.Tree memory tree = influence();
        return keccak256(abi.encodePacked(bytes1(0x02), tree.root(), uint128(tree.total()), uint32(ROWS)));
    }

    /// @notice The weight of a row in a call, by a plain implementation.
    function weightOf(EntryCodec.Call memory call, bytes memory vector, uint256 row) internal view returns (uint256) {
        if (row == 6 || row == 7) return 0;
        if (call.vectorHash == 0) return bases[row];
        int256 sum;
        for (uint256 i; i < 256; ++i) {
            sum += int256(int8(uint8(vector[2 + i]))) * int256(int8(uint8(rows[row].vector[i])));
        }
        sum = sum * int256(uint256(rows[row].scale)) - int256(uint256(call.threshold));
        return sum > 0 ? uint256(sum) : 0;
    }

    /// @notice `count` calls of an epoch; the last one is flat.
    function draftOf(uint256 seed, uint256 count) internal view returns (Draft memory d) {
        d.calls = new EntryCodec.Call[](count);
        d.vectors = new bytes[](count);
        d.pools = new uint256[](count);
        d.shares = new EntryCodec.Share[][](count);
        d.weights = new uint256[][](count);
        uint256 listed;
        for (uint256 i; i < count; ++i) {
            EntryCodec.Call memory call = d.calls[i];
            call.callId = bytes32((i + 1) << 200 | uint40(uint256(keccak256(abi.encode(seed)))));
            (call.model, call.version, call.influenceRoot) = (MODEL, VERSION, committed());
            d.pools[i] = POOL / count;
            if (i + 1 < count) {
                d.vectors[i] = bytes.concat(bytes2(0x0100), vectorOf(seed + 1_000 + i));
                call.vectorHash = keccak256(d.vectors[i]);
                call.threshold = uint64(1_000 * i);
            }
            list(d, i);
            listed += d.shares[i].length;
        }
        d.pools[0] += POOL % count;
        allot(d, listed);
        total(d);
    }

    /// @dev The best row per cluster, ascending by cluster.
    function list(Draft memory d, uint256 i) private view {
        EntryCodec.Share[] memory shares = new EntryCodec.Share[](ROWS);
        uint256[] memory weights = new uint256[](ROWS);
        uint256 count;
        bytes32 last;
        while (true) {
            bytes32 cluster = bytes32(type(uint256).max);
            uint256 best;
            uint256 weight;
            for (uint256 row; row < ROWS; ++row) {
                uint256 w = weightOf(d.calls[i], d.vectors[i], row);
                bytes32 own = rows[row].cluster;
                if (w == 0 || own <= last || own > cluster || (own == cluster && w <= weight)) continue;
                (cluster, best, weight) = (own, row, w);
            }
            if (weight == 0) break;
            shares[count] = EntryCodec.Share(cluster, rows[best].contributor, uint32(best), 0);
            weights[count++] = weight;
            last = cluster;
        }
        assembly {
            mstore(shares, count)
            mstore(weights, count)
        }
        (d.shares[i], d.weights[i]) = (shares, weights);
    }

    /// @dev Entries ascending by key; sets the index of its entry in each share.
    function allot(Draft memory d, uint256 listed) internal pure {
        (d.entries, d.amounts) = (new uint256[](listed), new uint256[](listed));
        uint256 n;
        for (uint256 i; i < d.calls.length; ++i) {
            uint256 sum = sumOf(d.weights[i]);
            for (uint256 s; s < d.shares[i].length; ++s) {
                uint256 key = uint256(uint160(d.shares[i][s].account)) << 64 | i << 32 | s;
                uint256 place = n++;
                for (; place > 0 && d.entries[place - 1] > key; --place) {
                    (d.entries[place], d.amounts[place]) = (d.entries[place - 1], d.amounts[place - 1]);
                }
                (d.entries[place], d.amounts[place]) = (key, d.pools[i] * d.weights[i][s] / sum);
            }
        }
        for (uint256 e; e < n; ++e) {
            d.shares[uint32(d.entries[e] >> 32)][uint32(d.entries[e])].entry = uint32(e);
        }
    }

    /// @dev The final accounts plus the entries.
    function total(Draft memory d) internal view {
        (uint256[] memory keys, uint256[] memory sums) = (finalKeys, finalTotals);
        uint256[] memory more = new uint256[](keys.length + d.entries.length);
        uint256[] memory much = new uint256[](more.length);
        uint256 n;
        uint256 f;
        uint256 e;
        while (f < keys.length || e < d.entries.length) {
            uint256 next = e < d.entries.length ? d.entries[e] >> 64 : type(uint256).max;
            if (f < keys.length && keys[f] <= next) next = keys[f];
            more[n] = next;
            if (f < keys.length && keys[f] == next) much[n] = sums[f++];
            for (; e < d.entries.length && d.entries[e] >> 64 == next; ++e) {
                much[n] += d.amounts[e];
            }
            ++n;
        }
        assembly {
            mstore(more, n)
            mstore(much, n)
        }
        (d.accounts, d.totals) = (more, much);
    }

    function sumOf(uint256[] memory list_) internal pure returns (uint256 sum) {
        for (uint256 i; i < list_.length; ++i) {
            sum += list_[i];
        }
    }

    /// @notice Writes the calls' commitments to their shares.
    function sealShares(Draft memory d) internal pure returns (SumTree.Tree[] memory trees) {
        trees = new SumTree.Tree[](d.calls.length);
        for (uint256 i; i < trees.length; ++i) {
            trees[i] = sealCall(d, i);
        }
    }

    function sealCall(Draft memory d, uint256 i) internal pure returns (SumTree.Tree memory tree) {
        bytes32[] memory contents = new bytes32[](d.shares[i].length);
        for (uint256 s; s < contents.length; ++s) {
            contents[s] = keccak256(abi.encode(d.shares[i][s]));
        }
        tree = SumTree.build(contents, d.weights[i]);
        EntryCodec.Call memory call = d.calls[i];
        (call.sharesRoot, call.weightSum, call.count) = (tree.root(), uint96(tree.total()), uint32(contents.length));
    }

    function words(uint256[] memory numbers) internal pure returns (bytes32[] memory same) {
        assembly {
            same := numbers
        }
    }

    /// @notice Builds the other trees, and the proposal over them.
    function sealTrees(Draft memory d, SumTree.Tree[] memory shares) internal view returns (Sealed memory s) {
        bytes32[] memory contents = new bytes32[](d.calls.length);
        for (uint256 i; i < contents.length; ++i) {
            contents[i] = keccak256(abi.encode(d.calls[i]));
        }
        s.shares = shares;
        s.calls = SumTree.build(contents, d.pools);
        s.entries = SumTree.build(words(d.entries), d.amounts);
        s.accounts = SumTree.build(words(d.accounts), d.totals);
        IAttributionLedger.Proposal memory p = s.p;
        (p.from, p.to) = (ledger.lastEpoch() + 1, uint64(vm.getBlockTimestamp() / 1 hours) - 1);
        (p.previousRoot, p.previousTotal) = (ledger.finalizedRoot(), ledger.finalizedTotal());
        p.previousAccounts = ledger.finalizedAccounts();
        (p.callsRoot, p.pools, p.calls) = (s.calls.root(), uint96(s.calls.total()), uint32(contents.length));
        (p.entriesRoot, p.paid, p.entries) = (s.entries.root(), uint96(s.entries.total()), uint32(d.entries.length));
        (p.accountsRoot, p.accounts) = (s.accounts.root(), uint32(d.accounts.length));
        p.total = p.previousTotal + p.paid;
        p.dataHash = keccak256("data");
    }

    function seal(Draft memory d) internal view returns (Sealed memory) {
        return sealTrees(d, sealShares(d));
    }

    /// @notice Funds an epoch and submits the proposal.
    function propose(Sealed memory s) internal {
        fund(s.p);
        vm.prank(attester);
        ledger.propose(s.p);
    }

    function fund(IAttributionLedger.Proposal memory p) internal {
        give(address(ledger), p.pools);
        books.setEpochData(p.from, p.pools / 3);
        books.setEpochData(p.to, p.pools - (p.to == p.from ? 0 : p.pools / 3));
    }

    function finalize(Draft memory d, Sealed memory s) internal {
        vm.warp(vm.getBlockTimestamp() + 24 hours);
        ledger.finalize(s.p);
        (finalKeys, finalTotals) = (d.accounts, d.totals);
    }

    function path(SumTree.Path memory p) internal pure returns (IAttributionCourt.Path memory) {
        return IAttributionCourt.Path(p.index, p.siblings, p.sums);
    }

    function callLeaf(Draft memory d, Sealed memory s, uint256 i)
        internal
        pure
        returns (IAttributionCourt.CallLeaf memory)
    {
        return IAttributionCourt.CallLeaf(d.calls[i], uint96(d.pools[i]), path(s.calls.path(i)));
    }

    function shareLeaf(Draft memory d, Sealed memory s, uint256 i, uint256 slot)
        internal
        pure
        returns (IAttributionCourt.ShareLeaf memory)
    {
        return IAttributionCourt.ShareLeaf(d.shares[i][slot], uint128(d.weights[i][slot]), path(s.shares[i].path(slot)));
    }

    function entryLeaf(Draft memory d, Sealed memory s, uint256 e)
        internal
        pure
        returns (IAttributionCourt.EntryLeaf memory)
    {
        uint256 key = d.entries[e];
        return IAttributionCourt.EntryLeaf(
            address(uint160(key >> 64)), uint32(key >> 32), uint32(key), uint128(d.amounts[e]), path(s.entries.path(e))
        );
    }

    function rowLeaf(uint256 row) internal view returns (IAttributionCourt.RowLeaf memory) {
        return IAttributionCourt.RowLeaf(rows[row], bases[row], uint32(ROWS), path(influence().path(row)));
    }

    function lineage() internal view returns (IAttributionCourt.Lineage memory) {
        return IAttributionCourt.Lineage(0, refs);
    }

    function keyLeaf(SumTree.Tree memory tree, uint256[] memory keys, uint256 i)
        internal
        pure
        returns (IAttributionCourt.KeyLeaf memory)
    {
        return IAttributionCourt.KeyLeaf(keys[i], uint128(tree.sums[0][i]), path(tree.path(i)));
    }

    function edge(SumTree.Tree memory tree, uint256[] memory keys, uint256 key)
        internal
        pure
        returns (IAttributionCourt.Edge memory found)
    {
        while (found.position < keys.length && keys[found.position] < key) ++found.position;
        if (found.position > 0) found.left = keyLeaf(tree, keys, found.position - 1);
        if (found.position < keys.length) found.right = keyLeaf(tree, keys, found.position);
    }

    function run(SumTree.Tree memory tree, uint256[] memory keys, uint256 first, uint256 next)
        internal
        pure
        returns (IAttributionCourt.Run memory)
    {
        return IAttributionCourt.Run(edge(tree, keys, first), edge(tree, keys, next));
    }

    function claimOf(Draft memory d, Sealed memory s, uint256 i)
        internal
        pure
        returns (IAttributionLedger.Claim memory)
    {
        SumTree.Path memory p = s.accounts.path(i);
        return IAttributionLedger.Claim(address(uint160(d.accounts[i])), uint96(d.totals[i]), i, p.siblings, p.sums);
    }
}
