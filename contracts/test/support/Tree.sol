// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallRule} from "../../src/attribution/lib/CallRule.sol";

/// @notice A plain implementation of trees with places, and of the list of a call, for tests.
library Tree {
    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        bytes32[][] memory levels = levelsOf(leaves);
        return levels[levels.length - 1][0];
    }

    function path(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory siblings) {
        bytes32[][] memory levels = levelsOf(leaves);
        siblings = new bytes32[](levels.length - 1);
        for (uint256 i; i < siblings.length; ++i) {
            siblings[i] = levels[i][(index >> i) ^ 1];
        }
    }

    function levelsOf(bytes32[] memory leaves) private pure returns (bytes32[][] memory levels) {
        uint256 width = 1;
        uint256 count = 1;
        while (width < leaves.length) (width, count) = (width * 2, count + 1);
        levels = new bytes32[][](count);
        levels[0] = new bytes32[](width);
        for (uint256 i; i < leaves.length; ++i) {
            levels[0][i] = leaves[i];
        }
        for (uint256 up = 1; up < count; ++up) {
            levels[up] = new bytes32[](width >> up);
            for (uint256 i; i < levels[up].length; ++i) {
                (bytes32 left, bytes32 right) = (levels[up - 1][2 * i], levels[up - 1][2 * i + 1]);
                if (left == 0 && right == 0) continue;
                levels[up][i] = keccak256(abi.encodePacked(bytes1(0x02), left, right));
            }
        }
    }

    /// @notice The entries of a call whose row `i` weighs `weights[i]` in cluster `clusters[i]`, of account 0: the rule again, by
    ///         repeated search.
    function topEntries(uint256[] memory weights, uint256[] memory clusters)
        internal
        pure
        returns (uint256[] memory entries)
    {
        bool[] memory taken = new bool[](weights.length);
        uint256[] memory best = new uint256[](64);
        uint256 count;
        while (count < 64) {
            uint256 found = type(uint256).max;
            for (uint256 i; i < weights.length; ++i) {
                if (taken[i] || weights[i] == 0) continue;
                if (
                    found == type(uint256).max || weights[i] > weights[found]
                        || (weights[i] == weights[found] && clusters[i] < clusters[found])
                ) found = i;
            }
            if (found == type(uint256).max) break;
            best[count++] = CallRule.pack(address(0), found, clusters[found], weights[found]);
            // The best row of a cluster is met first; of equal ones, the lower index.
            for (uint256 i; i < weights.length; ++i) {
                if (clusters[i] == clusters[found]) taken[i] = true;
            }
        }
        entries = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 at = i;
            for (; at > 0 && CallRule.clusterOf(entries[at - 1]) > CallRule.clusterOf(best[i]); --at) {
                entries[at] = entries[at - 1];
            }
            entries[at] = best[i];
        }
    }
}
