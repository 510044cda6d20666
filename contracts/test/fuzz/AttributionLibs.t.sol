// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallRule} from "../../src/attribution/lib/CallRule.sol";
import {Merkle} from "../../src/attribution/lib/Merkle.sol";
import {PayoutList} from "../../src/attribution/lib/PayoutList.sol";
import {PotCodec} from "../../src/attribution/lib/PotCodec.sol";
import {RowCodec} from "../../src/attribution/lib/RowCodec.sol";
import {SumMerkle} from "../../src/attribution/lib/SumMerkle.sol";
import {Rounding} from "../../src/lib/Rounding.sol";
import {SumTree} from "../support/SumTree.sol";
import {Test} from "../support/Test.sol";
import {Tree} from "../support/Tree.sol";

/// @notice Calls the libraries with calldata.
contract Libraries {
    function rootAt(bytes32 node, uint256 index, uint256 count, bytes32[] calldata siblings)
        external
        pure
        returns (bytes32)
    {
        return Merkle.rootAt(node, index, count, siblings);
    }

    function foldSum(bytes32 node, uint128 sum, SumTree.Path calldata path)
        external
        pure
        returns (bytes32 top, uint256 total)
    {
        (top, total,) = SumMerkle.fold(node, sum, path.index, path.siblings, path.sums);
    }

    function check(uint256[] calldata words, uint256 pool, address ledger) external pure returns (bytes32, uint256) {
        return PayoutList.check(words, pool, ledger);
    }

    function unroll(bytes32 pot, PotCodec.Record[] calldata records) external pure returns (uint256, uint256) {
        return PotCodec.unroll(pot, records);
    }

    function checkLines(bytes32 lines, PotCodec.PaidLine[] calldata list) external pure {
        PotCodec.checkLines(lines, list);
    }

    function partOf(uint256[] calldata entries, address account, uint256 pool) external pure returns (uint256) {
        return CallRule.partOf(entries, account, pool);
    }

    function isOmitted(uint256[] calldata entries, uint256 weight, uint256 row, uint256 cluster)
        external
        pure
        returns (bool)
    {
        return CallRule.isOmitted(entries, weight, row, cluster);
    }

    function influenceLeaf(RowCodec.Row calldata row) external pure returns (bytes32) {
        return RowCodec.influenceLeaf(row);
    }

    function dot(bytes calldata vector, RowCodec.Row calldata row) external pure returns (int256) {
        return RowCodec.dot(vector, row);
    }
}

contract AttributionLibsTest is Test {
    using SumTree for SumTree.Tree;

    Libraries private libraries = new Libraries();
    address private constant LEDGER = address(0x1ED6E6);

    function nodesOf(uint256 seed, uint256 count) private pure returns (bytes32[] memory nodes) {
        nodes = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            nodes[i] = keccak256(abi.encode(seed, i));
        }
    }

    function testFuzz_APlaceOfATreeHasOnePathOfOneLength(uint256 seed, uint256 count, uint256 index) public {
        seed = bound(seed, 0, type(uint128).max);
        count = bound(count, 1, 70);
        index = bound(index, 0, count - 1);
        bytes32[] memory nodes = nodesOf(seed, count);
        bytes32 root = Tree.root(nodes);
        bytes32[] memory path = Tree.path(nodes, index);
        assertEq(libraries.rootAt(nodes[index], index, count, path), root, "path leads to the root");
        assertEq(Merkle.root(nodesOf(seed, count)), root, "root in place");
        if (index + 1 < count) {
            assertTrue(libraries.rootAt(nodes[index], index + 1, count, path) != root, "no other place");
        }
        vm.expectRevert(abi.encodeWithSelector(Merkle.IndexOutsideTree.selector, count, count));
        libraries.rootAt(nodes[index], count, count, path);
        bytes32[] memory longer = new bytes32[](path.length + 1);
        vm.expectRevert(abi.encodeWithSelector(Merkle.WrongDepth.selector, path.length + 1, path.length));
        libraries.rootAt(nodes[index], index, count, longer);
    }

    function test_AnInnerNodeIsNoLeaf() public pure {
        bytes32 content = keccak256("content");
        for (uint256 tag; tag < 10; ++tag) {
            if (bytes1(uint8(tag)) == bytes1(0x02)) continue;
            assertTrue(Merkle.leaf(bytes1(uint8(tag)), content) != Merkle.parent(content, 0), "tags differ");
        }
        assertEq(Merkle.leaf(0x03, content), keccak256(abi.encodePacked(bytes1(0x03), content)), "bytes of a leaf");
        assertEq(
            Merkle.parent(content, "right"),
            keccak256(abi.encodePacked(bytes1(0x02), content, bytes32("right"))),
            "bytes of an inner node"
        );
    }

    function testFuzz_AnEmptyPlaceOfASumTreeProvesAsEmpty(uint256 seed, uint256 count, uint256 index) public view {
        count = bound(count, 1, 40);
        uint256 width = 1 << Merkle.depth(count);
        index = bound(index, count, width);
        if (index == width) return;
        uint256[] memory amounts = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            amounts[i] = uint64(uint256(keccak256(abi.encode(seed, i))));
        }
        SumTree.Tree memory tree = SumTree.build(nodesOf(seed >> 1, count), amounts);
        (bytes32 top, uint256 total) = libraries.foldSum(0, 0, tree.path(index));
        assertEq(top, tree.root(), "root");
        assertEq(total, tree.total(), "total");
    }

    function testFuzz_AListIsCheckedAndHashedAsAWhole(uint256 seed, uint256 count, uint96 pool) public {
        seed = bound(seed, 0, type(uint128).max);
        count = bound(count, 0, 60);
        pool = uint96(bound(pool, 1e6, type(uint96).max));
        uint256[] memory words = listOf(seed, count, pool);
        bytes32[] memory leaves = new bytes32[](count);
        uint256 sum;
        for (uint256 i; i < count; ++i) {
            leaves[i] = keccak256(abi.encodePacked(bytes1(0x03), words[i]));
            sum += uint96(words[i]);
        }
        (bytes32 root, uint256 total) = libraries.check(words, pool, LEDGER);
        assertEq(root, count == 0 ? bytes32(0) : Tree.root(leaves), "root");
        assertEq(total, sum, "sum");
        if (count < 2) return;
        (words[0], words[1]) = (words[1], words[0]);
        vm.expectRevert(abi.encodeWithSelector(PayoutList.NotAscending.selector, 1));
        libraries.check(words, pool, LEDGER);
        words[1] = words[0];
        vm.expectRevert(abi.encodeWithSelector(PayoutList.NotAscending.selector, 1));
        libraries.check(words, pool, LEDGER);
    }

    function listOf(uint256 seed, uint256 count, uint256 pool) private pure returns (uint256[] memory words) {
        words = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 account = (i + 1) << 100 | uint96(uint256(keccak256(abi.encode(seed, i))));
            words[i] = account << 96 | Rounding.divideUp(pool, 64);
        }
    }

    function test_AListRefusesTheLedgerTheZeroAccountAndSmallAmounts() public {
        uint256[] memory words = new uint256[](1);
        words[0] = PayoutList.pack(LEDGER, 1e18);
        vm.expectRevert(abi.encodeWithSelector(PayoutList.NotPayable.selector, LEDGER));
        libraries.check(words, 1e18, LEDGER);
        words[0] = PayoutList.pack(address(0), 1e18);
        vm.expectRevert(abi.encodeWithSelector(PayoutList.NotPayable.selector, address(0)));
        libraries.check(words, 1e18, LEDGER);
        words[0] = PayoutList.pack(address(7), 1e18 + 1);
        vm.expectRevert(abi.encodeWithSelector(PayoutList.MoreThanThePool.selector, 1e18 + 1, 1e18));
        libraries.check(words, 1e18, LEDGER);
        words[0] = PayoutList.pack(address(7), 0);
        vm.expectRevert(abi.encodeWithSelector(PayoutList.NotListed.selector, address(7), 0));
        libraries.check(words, 0, LEDGER);
        // A 1,024th, rounded up.
        words[0] = PayoutList.pack(address(7), 2);
        libraries.check(words, 2048, LEDGER);
        words[0] = PayoutList.pack(address(7), 2);
        vm.expectRevert(abi.encodeWithSelector(PayoutList.NotListed.selector, address(7), 2));
        libraries.check(words, 2049, LEDGER);
    }

    function testFuzz_APotUnrollsToItsRecordsAndToNoOthers(uint256 seed, uint256 count, uint256 which) public {
        count = bound(count, 1, 12);
        which = bound(which, 0, count - 1);
        PotCodec.Record[] memory records = new PotCodec.Record[](count);
        bytes32 pot;
        uint256 pool;
        uint256 keep;
        for (uint256 i; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            records[i] = PotCodec.Record(
                bytes32(random), PotCodec.packTerms(1, 1000 + i, uint64(random), uint80(random)), uint88(random)
            );
            pool += uint80(random);
            keep += uint64(random);
            pot = PotCodec.add(pot, records[i]);
        }
        assertEq(PotCodec.recordsOf(pot), count, "records");
        assertEq(PotCodec.sinceOf(pot), 1000, "since the oldest");
        (uint256 poolOut, uint256 keepOut) = libraries.unroll(pot, records);
        assertEq(poolOut, pool, "pool");
        assertEq(keepOut, keep, "keep");
        records[which].gross += 1;
        vm.expectRevert(abi.encodeWithSelector(PotCodec.OtherRecords.selector, pot));
        libraries.unroll(pot, records);
        records[which].gross -= 1;
        records[which].terms ^= 1;
        vm.expectRevert(abi.encodeWithSelector(PotCodec.OtherRecords.selector, pot));
        libraries.unroll(pot, records);
        vm.expectRevert(abi.encodeWithSelector(PotCodec.OtherRecords.selector, pot));
        libraries.unroll(pot, new PotCodec.Record[](0));
    }

    function test_APotOfNoRecordsUnrollsToNothing() public view {
        (uint256 pool, uint256 keep) = libraries.unroll(0, new PotCodec.Record[](0));
        assertEq(pool + keep, 0, "nothing");
    }

    function test_LinesAreThoseOfTheirChain() public {
        PotCodec.PaidLine[] memory list = new PotCodec.PaidLine[](2);
        bytes32 chain;
        for (uint256 i; i < 2; ++i) {
            list[i] = PotCodec.PaidLine(bytes32(i + 1), uint256(100 + i) << 32 | 3);
            chain = PotCodec.addLine(chain, list[i].receipts, list[i].terms);
        }
        libraries.checkLines(chain, list);
        assertEq(
            PotCodec.addLine("before", "receipts", 9),
            keccak256(abi.encodePacked(bytes1(0x08), bytes32("before"), bytes32("receipts"), uint256(9))),
            "bytes of a step"
        );
        list[1].terms += 1;
        vm.expectRevert(abi.encodeWithSelector(PotCodec.OtherLines.selector, chain));
        libraries.checkLines(chain, list);
    }

    function testFuzz_PartsOfACallAddUpToItsPoolLessUnderAWeiAnEntry(uint256 seed, uint256 count, uint96 pool)
        public
        view
    {
        count = bound(count, 1, 64);
        uint256[] memory entries = entriesOf(seed, count);
        uint256 sum;
        uint256 weights;
        for (uint256 i; i < count; ++i) {
            weights += CallRule.weightOf(entries[i]);
        }
        for (uint256 who; who < 3; ++who) {
            uint256 expected;
            for (uint256 i; i < count; ++i) {
                if (CallRule.accountOf(entries[i]) == address(uint160(0x1000 + who))) {
                    expected += uint256(pool) * CallRule.weightOf(entries[i]) / weights;
                }
            }
            uint256 part = libraries.partOf(entries, address(uint160(0x1000 + who)), pool);
            assertEq(part, expected, "part");
            sum += part;
        }
        assertLe(sum, pool, "within the pool");
        assertLe(pool - sum, count, "dust");
    }

    function entriesOf(uint256 seed, uint256 count) private pure returns (uint256[] memory entries) {
        entries = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            entries[i] = CallRule.pack(
                address(uint160(0x1000 + random % 3)), uint24(random >> 8), 10 * i, 1 + uint32(random >> 40)
            );
        }
    }

    function test_AListOfEntriesIsStrict() public {
        uint256[] memory entries = entriesOf(1, 65);
        vm.expectRevert(abi.encodeWithSelector(CallRule.TooManyEntries.selector, 65));
        libraries.partOf(entries, address(0x1000), 1);
        entries = entriesOf(1, 3);
        entries[2] = entries[1];
        vm.expectRevert(abi.encodeWithSelector(CallRule.ClustersNotAscending.selector, 2));
        libraries.partOf(entries, address(0x1000), 1);
        entries = entriesOf(1, 3);
        entries[0] = CallRule.pack(address(0x1000), 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(CallRule.WeightMissing.selector, 0));
        libraries.partOf(entries, address(0x1000), 1);
        assertEq(libraries.partOf(new uint256[](0), address(0x1000), 1e18), 0, "no entries, no part");
    }

    /// @dev The first 64 by the rule, taken from all rows of a call by a plain sort; nothing of them is omitted.
    function testFuzz_OmittedIsWhatThePlainRuleWouldList(uint256 seed, uint256 rows) public view {
        rows = bound(rows, 1, 90);
        (uint256[] memory weights, uint256[] memory clusters) = rowsOf(seed, rows);
        uint256[] memory entries = Tree.topEntries(weights, clusters);
        for (uint256 row; row < rows; ++row) {
            assertTrue(!libraries.isOmitted(entries, weights[row], row, clusters[row]), "nothing is omitted");
        }
        if (entries.length == 0) return;
        // Without one of them, its row is.
        uint256 out = seed % entries.length;
        uint256[] memory fewer = new uint256[](entries.length - 1);
        for (uint256 i; i < fewer.length; ++i) {
            fewer[i] = entries[i < out ? i : i + 1];
        }
        uint256 missing = entries[out];
        assertTrue(
            libraries.isOmitted(
                fewer, CallRule.weightOf(missing), CallRule.rowOf(missing), CallRule.clusterOf(missing)
            ),
            "the missing row is"
        );
    }

    function rowsOf(uint256 seed, uint256 rows) private pure returns (uint256[] memory weights, uint256[] memory ids) {
        (weights, ids) = (new uint256[](rows), new uint256[](rows));
        for (uint256 i; i < rows; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            (weights[i], ids[i]) = (random % 30, (random >> 128) % 80);
        }
    }

    function test_TheBetterRowOfAListedClusterIsOmitted() public view {
        uint256[] memory entries = new uint256[](1);
        entries[0] = CallRule.pack(address(0x1000), 5, 9, 100);
        assertTrue(libraries.isOmitted(entries, 101, 7, 9), "heavier");
        assertTrue(libraries.isOmitted(entries, 100, 4, 9), "as heavy, earlier");
        assertTrue(!libraries.isOmitted(entries, 100, 6, 9), "as heavy, later");
        assertTrue(!libraries.isOmitted(entries, 99, 1, 9), "lighter");
        assertTrue(!libraries.isOmitted(entries, 100, 5, 9), "itself");
        assertTrue(libraries.isOmitted(entries, 1, 0, 8), "room is left");
        assertTrue(!libraries.isOmitted(entries, 0, 0, 8), "no weight");
    }

    function test_TheLeafOfARowIsTheseBytes() public {
        RowCodec.Row memory row = RowCodec.Row(
            keccak256("row"), 7, address(0xABCD), 3, 2, 500, abi.encodePacked(new bytes(255), bytes1(0x80))
        );
        assertEq(
            libraries.influenceLeaf(row),
            keccak256(
                abi.encodePacked(
                    bytes1(0x05),
                    row.rowLeaf,
                    uint32(7),
                    address(0xABCD),
                    uint64(3),
                    uint32(2),
                    uint16(500),
                    keccak256(row.vector)
                )
            ),
            "leaf"
        );
        bytes memory vector = abi.encodePacked(bytes2(0xFFFF), new bytes(255), bytes1(0x02));
        assertTrue(libraries.dot(vector, row) == -256, "the two bytes of the call's scale are left out");
        vm.expectRevert(abi.encodeWithSelector(RowCodec.WrongVector.selector, 256));
        libraries.dot(new bytes(256), row);
        row.vector = new bytes(257);
        vm.expectRevert(abi.encodeWithSelector(RowCodec.WrongVector.selector, 257));
        libraries.influenceLeaf(row);
        vm.expectRevert(abi.encodeWithSelector(RowCodec.WrongVector.selector, 257));
        libraries.dot(vector, row);
    }

    function test_TheContentsOfHoldersAndReceiptsAreTheseBytes() public pure {
        assertEq(
            RowCodec.holderContent(address(5), "root"),
            keccak256(abi.encodePacked(bytes1(0x07), address(5), bytes32("root"))),
            "holder"
        );
        assertEq(
            RowCodec.receiptContent("receipt", "vector"),
            keccak256(abi.encodePacked(bytes1(0x06), bytes32("receipt"), bytes32("vector"))),
            "receipt"
        );
        assertEq(RowCodec.rowNode("row"), keccak256(abi.encodePacked(bytes1(0x04), bytes32("row"))), "row");
    }

    function testFuzz_TheLargestWeightFitsFiveBytes(int256 dot, uint16 scale, uint40 threshold) public pure {
        dot = int256(bound(uint256(dot), 0, 1 << 22));
        assertLe(CallRule.weight(dot, scale, threshold), type(uint40).max, "five bytes");
        assertEq(CallRule.weight(-dot, scale, threshold), 0, "below zero is zero");
    }

    function testFuzz_RoundingIsAsNamed(uint96 amount, uint96 part, uint96 whole) public pure {
        whole = uint96(bound(whole, 1, type(uint96).max));
        uint256 down = Rounding.portionDown(amount, part, whole);
        assertLe(down * whole, uint256(amount) * part, "down");
        assertLe(uint256(amount) * part - down * whole, whole - 1, "by less than one");
        uint256 up = Rounding.divideUp(amount, whole);
        assertLe(amount, up * whole, "up");
        assertLe(up * whole, uint256(amount) + whole - 1, "by less than one");
        assertEq(Rounding.bpsDown(amount, 10_000), amount, "all basis points");
    }
}
