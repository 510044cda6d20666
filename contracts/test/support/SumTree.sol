// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A plain implementation of Merkle-sum trees for tests: hashes by `abi.encodePacked`, all levels kept.
library SumTree {
    struct Tree {
        bytes32[][] nodes;
        uint256[][] sums;
    }

    struct Path {
        uint256 index;
        bytes32[] siblings;
        uint128[] sums;
    }

    function build(bytes32[] memory contents, uint256[] memory amounts) internal pure returns (Tree memory tree) {
        uint256 width = 1;
        uint256 levels = 1;
        for (; width < contents.length; width *= 2) {
            ++levels;
        }
        tree.nodes = new bytes32[][](levels);
        tree.sums = new uint256[][](levels);
        for (uint256 level; level < levels; ++level) {
            tree.nodes[level] = new bytes32[](width >> level);
            tree.sums[level] = new uint256[](width >> level);
        }
        for (uint256 i; i < contents.length; ++i) {
            tree.nodes[0][i] = keccak256(abi.encodePacked(bytes1(0x00), contents[i], uint128(amounts[i])));
            tree.sums[0][i] = amounts[i];
        }
        raise(tree, 0);
    }

    /// @notice Recomputes everything above `level`, for trees with tampered nodes.
    function raise(Tree memory tree, uint256 level) internal pure {
        for (uint256 up = level + 1; up < tree.nodes.length; ++up) {
            fill(tree, up);
        }
    }

    function fill(Tree memory tree, uint256 level) private pure {
        bytes32[] memory below = tree.nodes[level - 1];
        uint256[] memory sums = tree.sums[level - 1];
        for (uint256 i; i < below.length / 2; ++i) {
            (bytes32 left, bytes32 right) = (below[2 * i], below[2 * i + 1]);
            if (left == 0 && right == 0) continue;
            tree.nodes[level][i] =
                keccak256(abi.encodePacked(bytes1(0x01), left, uint128(sums[2 * i]), right, uint128(sums[2 * i + 1])));
            tree.sums[level][i] = sums[2 * i] + sums[2 * i + 1];
        }
    }

    function root(Tree memory tree) internal pure returns (bytes32) {
        return tree.nodes[tree.nodes.length - 1][0];
    }

    function total(Tree memory tree) internal pure returns (uint256) {
        return tree.sums[tree.sums.length - 1][0];
    }

    /// @notice The path of leaf `index`.
    function path(Tree memory tree, uint256 index) internal pure returns (Path memory) {
        return pathFrom(tree, 0, index);
    }

    /// @notice The path of node `index` of `level`.
    function pathFrom(Tree memory tree, uint256 level, uint256 index) internal pure returns (Path memory found) {
        uint256 levels = tree.nodes.length - 1 - level;
        found = Path(index, new bytes32[](levels), new uint128[](levels));
        for (uint256 up; up < levels; ++up) {
            uint256 beside = (index >> up) ^ 1;
            found.siblings[up] = tree.nodes[level + up][beside];
            found.sums[up] = uint128(tree.sums[level + up][beside]);
        }
    }
}
