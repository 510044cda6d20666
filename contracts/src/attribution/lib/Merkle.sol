// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Tag} from "./Tag.sol";

/// @title Merkle trees with places
/// @notice A tree whose leaf has a place and whose depth follows from the number of leaves.
/// @dev The bytes, for builders in any language (`|` joins):
///
///      leaf        keccak256(tag of the tree: 1 byte | content: 32 bytes)
///      inner node  keccak256(0x02 | left: 32 | right: 32)
///      empty node  32 zero bytes; the parent of two empty nodes is empty
///
///      `count` leaves stand at indices 0 .. count-1 of a perfect tree of `depth(count)` levels; the rest is empty.
library Merkle {
    error IndexOutsideTree(uint256 index, uint256 count);
    error WrongDepth(uint256 depth, uint256 expected);

    /// @notice Levels above the leaves of a tree of `count` leaves: the least d with 2^d >= count.
    function depth(uint256 count) internal pure returns (uint256 levels) {
        while (1 << levels < count) ++levels;
    }

    /// @notice The node of a leaf.
    function leaf(bytes1 tag, bytes32 content) internal pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0, tag)
            mstore(1, content)
            node := keccak256(0, 33)
        }
    }

    /// @notice Follows a path upwards.
    /// @param siblings The nodes beside the path, from the leaf upwards.
    function fold(bytes32 node, uint256 index, bytes32[] calldata siblings) internal pure returns (bytes32 top) {
        uint256 levels = siblings.length;
        if (index >> levels != 0) revert IndexOutsideTree(index, 1 << levels);
        top = node;
        for (uint256 i; i < levels; ++i) {
            bytes32 beside = siblings[i];
            top = index & 1 == 0 ? parent(top, beside) : parent(beside, top);
            index >>= 1;
        }
    }

    /// @notice The root above a leaf of a tree of exactly `count` leaves.
    function rootAt(bytes32 node, uint256 index, uint256 count, bytes32[] calldata siblings)
        internal
        pure
        returns (bytes32)
    {
        checkPlace(index, count, siblings.length);
        return fold(node, index, siblings);
    }

    /// @notice Reverts unless `index` is a place of a tree of `count` leaves and a path has as many levels as that tree.
    function checkPlace(uint256 index, uint256 count, uint256 levels) internal pure {
        if (index >= count) revert IndexOutsideTree(index, count);
        uint256 expected = depth(count);
        if (levels != expected) revert WrongDepth(levels, expected);
    }

    /// @notice The root over leaf nodes; 0 over none. Overwrites `nodes`.
    function root(bytes32[] memory nodes) internal pure returns (bytes32 top) {
        bytes1 tag = Tag.NODE;
        assembly ("memory-safe") {
            let count := mload(nodes)
            let first := add(nodes, 32)
            let free := mload(0x40)
            mstore(free, tag)
            for {} gt(count, 1) {} {
                let pairs := shr(1, count)
                for { let i := 0 } lt(i, pairs) { i := add(i, 1) } {
                    mcopy(add(free, 1), add(first, shl(6, i)), 64)
                    mstore(add(first, shl(5, i)), keccak256(free, 65))
                }
                // A last node without a sibling.
                if and(count, 1) {
                    mstore(add(free, 1), mload(add(first, shl(6, pairs))))
                    mstore(add(free, 33), 0)
                    mstore(add(first, shl(5, pairs)), keccak256(free, 65))
                    pairs := add(pairs, 1)
                }
                count := pairs
            }
            if count { top := mload(first) }
        }
    }

    /// @notice The node above two nodes, of which the left one is not empty.
    function parent(bytes32 left, bytes32 right) internal pure returns (bytes32 node) {
        bytes1 tag = Tag.NODE;
        assembly ("memory-safe") {
            // 65 bytes from 0 on end inside the free memory pointer, which comes back afterwards.
            let free := mload(0x40)
            mstore(0, tag)
            mstore(1, left)
            mstore(33, right)
            node := keccak256(0, 65)
            mstore(0x40, free)
        }
    }
}
