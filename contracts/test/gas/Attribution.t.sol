// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryCodec} from "../../src/attribution/lib/EntryCodec.sol";
import {SumMerkle} from "../../src/attribution/lib/SumMerkle.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {EpochWorld} from "../support/EpochWorld.sol";

/// @notice Trees as deep as for a million accounts and calls, 64 shares and 8,192 rows, built along one path.
contract AttributionGas is EpochWorld {
    function setUp() public {
        deployEpochs();
    }

    /// @dev A path of `depth` levels with arbitrary siblings, and its root.
    function grow(bytes32 content, uint128 amount, uint256 depth, uint256 index)
        private
        pure
        returns (bytes32 top, uint256 sum, IAttributionCourt.Path memory p)
    {
        p = IAttributionCourt.Path(index, new bytes32[](depth), new uint128[](depth));
        (top, sum) = (SumMerkle.leaf(content, amount), amount);
        for (uint256 level; level < depth; ++level) {
            p.siblings[level] = keccak256(abi.encode(index, level));
            p.sums[level] = uint128(1e18 << level);
            top = (index >> level) & 1 == 1
                ? SumMerkle.parent(p.siblings[level], p.sums[level], top, sum)
                : SumMerkle.parent(top, sum, p.siblings[level], p.sums[level]);
            sum += p.sums[level];
        }
    }

    function settle(bytes32 root, uint256 total) private {
        IAttributionLedger.Proposal memory p;
        (p.from, p.to) = (ledger.lastEpoch() + 1, uint64(vm.getBlockTimestamp() / 1 hours) - 1);
        (p.previousRoot, p.previousTotal) = (ledger.finalizedRoot(), ledger.finalizedTotal());
        (p.accountsRoot, p.total) = (root, uint96(total));
        p.paid = p.total - p.previousTotal;
        p.pools = p.paid;
        give(address(ledger), p.paid);
        vm.prank(attester);
        ledger.propose(p);
        vm.snapshotGasLastCall("AttributionLedger", "propose");
        vm.warp(vm.getBlockTimestamp() + 24 hours);
        ledger.finalize(p);
        vm.snapshotGasLastCall("AttributionLedger", "finalize");
    }

    function claims(uint256 depth, string memory first, string memory again) private {
        // An earlier claim makes the ledger's own sum nonzero.
        (bytes32 first_, uint256 all, IAttributionCourt.Path memory one) =
            grow(bytes32(uint256(uint160(bank))), 1e17, 1, 0);
        settle(first_, all);
        ledger.claimFor(IAttributionLedger.Claim(bank, 1e17, 0, one.siblings, one.sums));
        vm.warp(vm.getBlockTimestamp() + 3 hours);
        address who = actor("contributor");
        for (uint128 round = 1; round <= 2; ++round) {
            (bytes32 root, uint256 total, IAttributionCourt.Path memory p) =
                grow(bytes32(uint256(uint160(who))), round * 5e17, depth, 600);
            settle(root, total);
            vm.prank(who);
            ledger.claim(uint96(round * 5e17), p.index, p.siblings, p.sums);
            vm.snapshotGasLastCall("AttributionLedger", round == 1 ? first : again);
            vm.warp(vm.getBlockTimestamp() + 3 hours);
        }
    }

    function test_ClaimDepth10() public {
        claims(10, "claim first, depth 10", "claim again, depth 10");
    }

    function test_ClaimDepth20() public {
        claims(20, "claim first, depth 20", "claim again, depth 20");
    }

    function test_ProofOfAWrongWeight() public {
        IAttributionCourt.RowLeaf memory r;
        IAttributionCourt.ShareLeaf memory s;
        IAttributionCourt.CallLeaf memory c;
        IAttributionLedger.Proposal memory p;
        bytes memory vector = bytes.concat(bytes2(0x0100), vectorOf(5));
        (r.row, r.base, r.rows) = (rows[0], 10, 8_192);
        EntryCodec.Row memory row = r.row;
        bytes32 content = keccak256(
            abi.encodePacked(row.rowLeaf, row.cluster, row.contributor, row.datanet, row.version, row.scale, row.vector)
        );
        bytes32 top;
        uint256 sum;
        (top, sum, r.path) = grow(content, r.base, 13, 4_000);
        c.call.influenceRoot = keccak256(abi.encodePacked(bytes1(0x02), top, uint128(sum), r.rows));
        (s.share.row, s.weight) = (4_000, 1e12);
        (c.call.sharesRoot, sum, s.path) = grow(keccak256(abi.encode(s.share)), s.weight, 6, 33);
        (c.call.weightSum, c.call.count, c.call.vectorHash) = (uint96(sum), 64, keccak256(vector));
        (top, sum, c.path) = grow(keccak256(abi.encode(c.call)), 0, 20, 700_000);
        (p.callsRoot, p.pools, p.calls) = (top, uint96(sum), 1 << 20);
        (p.from, p.to) = (ledger.lastEpoch() + 1, uint64(vm.getBlockTimestamp() / 1 hours) - 1);
        vm.prank(attester);
        ledger.propose(p);
        court.proveWeight(p, c, s, r, vector);
        vm.snapshotGasLastCall("AttributionCourt", "proveWeight, depths 20, 6 and 13");
    }

    /// @dev The last of a million accounts was invented: it has no earlier earnings and no entry.
    function test_ProofOfAWrongAccount() public {
        IAttributionLedger.Proposal memory p;
        IAttributionCourt.Run memory had;
        IAttributionCourt.Run memory earned;
        IAttributionCourt.Run memory has;
        uint256 last = (1 << 20) - 1;
        uint256 key = uint160(address(this));
        uint256 sum;

        (p.entriesRoot, sum, earned.start.left.path) = grow(bytes32(uint256(7)), 1e18, 20, last);
        (p.paid, p.entries) = (uint96(sum), 1 << 20);
        (earned.start.position, earned.start.left.key, earned.start.left.amount) = (1 << 20, 7, 1e18);
        earned.end = earned.start;

        IAttributionCourt.Path memory own;
        (,, own) = grow(bytes32(key), 1e18, 20, last);
        own.siblings[0] = SumMerkle.leaf(bytes32(uint256(7)), own.sums[0]);
        (p.accountsRoot, sum) = (SumMerkle.leaf(bytes32(key), 1e18), 1e18);
        for (uint256 level; level < 20; ++level) {
            p.accountsRoot = SumMerkle.parent(own.siblings[level], own.sums[level], p.accountsRoot, sum);
            sum += own.sums[level];
        }
        (p.total, p.accounts, p.pools) = (uint96(sum), 1 << 20, uint96(sum));
        has.end.position = 1 << 20;
        has.end.left = IAttributionCourt.KeyLeaf(key, 1e18, own);
        IAttributionCourt.Path memory beside = abi.decode(abi.encode(own), (IAttributionCourt.Path));
        (beside.index, beside.siblings[0], beside.sums[0]) = (last - 1, SumMerkle.leaf(bytes32(key), 1e18), 1e18);
        has.start.position = last;
        has.start.left = IAttributionCourt.KeyLeaf(7, own.sums[0], beside);
        has.start.right = has.end.left;

        assertEq(p.paid, p.total, "both trees are worth the same");
        (p.from, p.to) = (ledger.lastEpoch() + 1, uint64(vm.getBlockTimestamp() / 1 hours) - 1);
        give(address(ledger), p.total);
        vm.prank(attester);
        ledger.propose(p);
        court.proveAccount(p, address(this), had, earned, has);
        vm.snapshotGasLastCall("AttributionCourt", "proveAccount, depth 20");
    }
}
