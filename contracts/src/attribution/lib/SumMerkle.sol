// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Merkle-sum trees
/// @notice A tree whose every node commits the sums below it, so that its leaves can never be worth more than its total.
/// @dev The bytes, for builders in any language (`|` joins, integers are big endian):
///
///      leaf node   keccak256(0x00 | content: 32 bytes | amount: 16 bytes)
///      inner node  keccak256(0x01 | left: 32 | left sum: 16 | right: 32 | right sum: 16)
///      empty node  32 zero bytes, sum 0; the parent of two empty nodes is empty
///
///      `count` leaves stand at indices 0 .. count-1 of a perfect tree of `depth(count)` levels; the rest is empty. One
///      leaf is its own root; no leaf has the root zero. The first byte keeps leaves and inner nodes apart.
library SumMerkle {
    error UnequalLengths(uint256 siblings, uint256 sums);
    error IndexOutsideTree(uint256 index, uint256 depth);
    error SumTooLarge(uint256 sum);

    /// @notice Whether `content` with `amount` is leaf `index` of the tree `root`, whose leaves add up to `total`.
    /// @param siblings The nodes beside the path, from the leaf upwards.
    /// @param sums Their sums.
    function verify(
        bytes32 root,
        uint256 total,
        bytes32 content,
        uint128 amount,
        uint256 index,
        bytes32[] calldata siblings,
        uint128[] calldata sums
    ) internal pure returns (bool) {
        (bytes32 top, uint256 sum,) = fold(leaf(content, amount), amount, index, siblings, sums);
        return top == root && sum == total;
    }

    /// @notice Follows a path upwards.
    /// @param index Position of the node within its level, 0 at the left.
    /// @return top The node at the end of the path.
    /// @return total The sum at the end of the path.
    /// @return before The sum of everything to the left of the node.
    function fold(bytes32 node, uint128 sum, uint256 index, bytes32[] calldata siblings, uint128[] calldata sums)
        internal
        pure
        returns (bytes32 top, uint256 total, uint256 before)
    {
        uint256 levels = siblings.length;
        if (sums.length != levels) revert UnequalLengths(levels, sums.length);
        if (index >> levels != 0) revert IndexOutsideTree(index, levels);
        (top, total) = (node, sum);
        uint256 wide;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 1)
            for { let place := 0 } lt(place, shl(5, levels)) { place := add(place, 32) } {
                let hash := calldataload(add(siblings.offset, place))
                let beside := calldataload(add(sums.offset, place))
                // The parent of two empty nodes is empty.
                if or(or(top, hash), or(total, beside)) {
                    switch and(index, 1)
                    case 0 {
                        mstore(add(free, 1), top)
                        mstore(add(free, 33), shl(128, total))
                        mstore(add(free, 49), hash)
                        mstore(add(free, 81), shl(128, beside))
                    }
                    default {
                        mstore(add(free, 1), hash)
                        mstore(add(free, 33), shl(128, beside))
                        mstore(add(free, 49), top)
                        mstore(add(free, 81), shl(128, total))
                        before := add(before, beside)
                    }
                    top := keccak256(free, 97)
                }
                total := add(total, beside)
                index := shr(1, index)
                // A sum is hashed as 16 bytes; a wider one would stand for another.
                wide := or(wide, or(shr(128, beside), shr(128, total)))
            }
        }
        if (wide != 0) revert SumTooLarge(total);
    }

    /// @notice The node of a leaf.
    function leaf(bytes32 content, uint256 amount) internal pure returns (bytes32 node) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 0)
            mstore(add(free, 1), content)
            mstore(add(free, 33), shl(128, amount))
            node := keccak256(free, 49)
        }
    }

    /// @notice The node above two nodes; both sums below 2^128.
    function parent(bytes32 left, uint256 leftSum, bytes32 right, uint256 rightSum)
        internal
        pure
        returns (bytes32 node)
    {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 1)
            mstore(add(free, 1), left)
            mstore(add(free, 33), shl(128, leftSum))
            mstore(add(free, 49), right)
            mstore(add(free, 81), shl(128, rightSum))
            node := keccak256(free, 97)
        }
    }

    /// @notice Levels above the leaves of a tree of `count` leaves: the least d with 2^d >= count.
    function depth(uint256 count) internal pure returns (uint256 levels) {
        while (1 << levels < count) ++levels;
    }
}
