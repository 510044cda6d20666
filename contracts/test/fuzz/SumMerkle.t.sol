// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SumMerkle} from "../../src/attribution/lib/SumMerkle.sol";
import {SumTree} from "../support/SumTree.sol";
import {Test} from "../support/Test.sol";

contract SumMerkleTest is Test {
    using SumTree for SumTree.Tree;

    function verify(bytes32 root, uint256 total, bytes32 content, uint128 amount, SumTree.Path calldata path)
        external
        pure
        returns (bool)
    {
        return SumMerkle.verify(root, total, content, amount, path.index, path.siblings, path.sums);
    }

    function fold(bytes32 node, uint128 sum, SumTree.Path calldata path)
        external
        pure
        returns (bytes32, uint256, uint256)
    {
        return SumMerkle.fold(node, sum, path.index, path.siblings, path.sums);
    }

    function build(uint256 seed, uint256 count) private pure returns (bytes32[] memory c, uint256[] memory a) {
        c = new bytes32[](count);
        a = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            c[i] = keccak256(abi.encode(seed, i));
            a[i] = uint96(uint256(c[i]));
        }
    }

    function testFuzz_EveryLeafProvesAndNothingElse(uint256 seed, uint256 count, uint256 index) public view {
        count = bound(count, 1, 33);
        index = bound(index, 0, count - 1);
        (bytes32[] memory contents, uint256[] memory amounts) = build(seed, count);
        SumTree.Tree memory tree = SumTree.build(contents, amounts);
        SumTree.Path memory path = tree.path(index);
        (bytes32 root, uint256 total) = (tree.root(), tree.total());
        uint128 amount = uint128(amounts[index]);

        assertTrue(this.verify(root, total, contents[index], amount, path), "leaf");
        assertTrue(!this.verify(root, total, contents[index], amount + 1, path), "amount");
        assertTrue(!this.verify(root, total + 1, contents[index], amount, path), "total");
        assertTrue(!this.verify(root, total, bytes32(uint256(contents[index]) ^ 1), amount, path), "content");
        if (count > 1) {
            path.index ^= 1;
            assertTrue(!this.verify(root, total, contents[index], amount, path), "index");
            path.index ^= 1;
            uint256 level = seed % path.sums.length;
            // Moving an amount from a sibling to the leaf keeps the total, but changes the root.
            path.sums[level] += 1;
            assertTrue(!this.verify(root, total + 1, contents[index], amount, path), "sibling sum");
        }
    }

    function testFuzz_LeftSiblingsAddUpToThePrefix(uint256 seed, uint256 count, uint256 index) public view {
        count = bound(count, 1, 33);
        index = bound(index, 0, count - 1);
        (bytes32[] memory contents, uint256[] memory amounts) = build(seed, count);
        SumTree.Tree memory tree = SumTree.build(contents, amounts);
        (,, uint256 before) = this.fold(tree.nodes[0][index], uint128(amounts[index]), tree.path(index));
        uint256 expected;
        for (uint256 i; i < index; ++i) {
            expected += amounts[i];
        }
        assertEq(before, expected, "prefix");
    }

    function test_AnInnerNodeIsNoLeaf() public view {
        (bytes32[] memory contents, uint256[] memory amounts) = build(7, 4);
        SumTree.Tree memory tree = SumTree.build(contents, amounts);
        SumTree.Path memory above = tree.pathFrom(1, 0);
        bool taken = this.verify(tree.root(), tree.total(), tree.nodes[1][0], uint128(tree.sums[1][0]), above);
        assertTrue(!taken, "an inner node passed as a leaf");
    }

    function test_IndexBeyondThePathIsRefused() public {
        (bytes32[] memory contents, uint256[] memory amounts) = build(7, 4);
        SumTree.Tree memory tree = SumTree.build(contents, amounts);
        SumTree.Path memory path = tree.path(1);
        bytes32 root = tree.root();
        uint256 total = tree.total();
        path.index += 4;
        vm.expectRevert(abi.encodeWithSelector(SumMerkle.IndexOutsideTree.selector, 5, 2));
        this.verify(root, total, contents[1], uint128(amounts[1]), path);
    }

    function test_UnequalLengthsAreRefused() public {
        SumTree.Path memory path = SumTree.Path(0, new bytes32[](2), new uint128[](3));
        vm.expectRevert(abi.encodeWithSelector(SumMerkle.UnequalLengths.selector, 2, 3));
        this.fold(bytes32(uint256(1)), 1, path);
    }

    function test_ASumWiderThanItsBytesIsRefused() public {
        SumTree.Path memory path = SumTree.Path(0, new bytes32[](1), new uint128[](1));
        path.sums[0] = type(uint128).max;
        (, uint256 most,) = this.fold(bytes32(uint256(1)), 0, path);
        assertEq(most, type(uint128).max, "the widest sum");
        vm.expectRevert(abi.encodeWithSelector(SumMerkle.SumTooLarge.selector, 1 << 128));
        this.fold(bytes32(uint256(1)), 1, path);
    }

    function test_DepthIsTheLeastPowerThatHoldsAll() public pure {
        uint8[9] memory expected = [0, 0, 1, 2, 2, 3, 3, 3, 3];
        for (uint256 count; count < 9; ++count) {
            assertEq(SumMerkle.depth(count), expected[count], "depth");
        }
        assertEq(SumMerkle.depth(type(uint32).max), 32, "depth of the largest count");
    }
}
