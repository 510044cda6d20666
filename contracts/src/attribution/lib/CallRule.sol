// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rounding} from "../../lib/Rounding.sol";

/// @title How a call's money is shared
/// @notice The rule that the contracts, builders and watchers apply alike, in integers:
///
///      call pool  floor(cost of the call * pool of its redemption / gross of its redemption)
///      weight     max(0, dot(vector of the call, vector of the row) * scale of the row - threshold), below 2^40
///      entries    per cluster the row of the largest weight (equal: the lower index); of those with weight the first 64 by
///                 (weight descending, cluster ascending)
///      an entry   floor(call pool * weight / sum of the weights of the entries)
///
/// @dev Entries are words `account: 20 bytes | row: 3 | cluster: 4 | weight: 5`, clusters ascending.
library CallRule {
    /// @notice Most entries of a call.
    uint256 internal constant TOP = 64;

    error TooManyEntries(uint256 count);
    error ClustersNotAscending(uint256 index);
    error WeightMissing(uint256 index);

    function pack(address account, uint256 row, uint256 cluster, uint256 w) internal pure returns (uint256) {
        return uint256(uint160(account)) << 96 | row << 72 | cluster << 40 | w;
    }

    function accountOf(uint256 entry) internal pure returns (address) {
        return address(uint160(entry >> 96));
    }

    function rowOf(uint256 entry) internal pure returns (uint256) {
        return uint24(entry >> 72);
    }

    function clusterOf(uint256 entry) internal pure returns (uint256) {
        return uint32(entry >> 40);
    }

    function weightOf(uint256 entry) internal pure returns (uint256) {
        return uint40(entry);
    }

    /// @notice A call's part of its redemption's influence money, rounded down.
    function callPool(uint256 cost, uint256 pool, uint256 gross) internal pure returns (uint256) {
        return Rounding.portionDown(cost, pool, gross);
    }

    /// @notice The weight of a row: `dot` is at most 2^22, `scale` below 2^16.
    function weight(int256 dot, uint16 scale, uint40 threshold) internal pure returns (uint256) {
        int256 above = dot * int256(uint256(scale)) - int256(uint256(threshold));
        return above > 0 ? uint256(above) : 0;
    }

    /// @notice The account's part of a call with these entries, each entry rounded down. Reverts for a list that is none.
    function partOf(uint256[] calldata entries, address account, uint256 pool) internal pure returns (uint256 part) {
        uint256 count = entries.length;
        if (count > TOP) revert TooManyEntries(count);
        uint256 sum;
        uint256 last;
        for (uint256 i; i < count; ++i) {
            uint256 entry = entries[i];
            if (weightOf(entry) == 0) revert WeightMissing(i);
            if (i != 0 && clusterOf(entry) <= last) revert ClustersNotAscending(i);
            last = clusterOf(entry);
            sum += weightOf(entry);
        }
        for (uint256 i; i < count; ++i) {
            if (accountOf(entries[i]) == account) part += Rounding.portionDown(pool, weightOf(entries[i]), sum);
        }
    }

    /// @notice Whether a row of this weight, index and cluster belongs in the list and is not there: a listed cluster has a
    ///         better row in it, or an unlisted one comes before the last of 64, or the list has room for it.
    function isOmitted(uint256[] calldata entries, uint256 rowWeight, uint256 row, uint256 cluster)
        internal
        pure
        returns (bool)
    {
        if (rowWeight == 0) return false;
        bool afterOne;
        for (uint256 i; i < entries.length; ++i) {
            uint256 entry = entries[i];
            if (clusterOf(entry) == cluster) {
                return rowWeight > weightOf(entry) || (rowWeight == weightOf(entry) && row < rowOf(entry));
            }
            if (precedes(rowWeight, cluster, weightOf(entry), clusterOf(entry))) afterOne = true;
        }
        return entries.length < TOP || afterOne;
    }

    /// @notice The order of a call's list: weight descending, cluster ascending.
    function precedes(uint256 weightA, uint256 clusterA, uint256 weightB, uint256 clusterB)
        internal
        pure
        returns (bool)
    {
        return weightA > weightB || (weightA == weightB && clusterA < clusterB);
    }
}
