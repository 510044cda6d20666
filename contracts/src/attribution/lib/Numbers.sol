// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Numbers of an answer
/// @notice Amounts of 12 bytes each, big endian, one after the other: a word for each would cost twice as much in the event.
library Numbers {
    uint256 private constant SIZE = 12;

    error BrokenNumber(uint256 length);

    function count(bytes calldata numbers) internal pure returns (uint256) {
        if (numbers.length % SIZE != 0) revert BrokenNumber(numbers.length);
        return numbers.length / SIZE;
    }

    /// @notice Number `index`, which the caller has checked.
    function at(bytes calldata numbers, uint256 index) internal pure returns (uint96 amount) {
        assembly ("memory-safe") {
            amount := shr(160, calldataload(add(numbers.offset, mul(index, SIZE))))
        }
    }

    function sum(bytes calldata numbers) internal pure returns (uint256 total) {
        uint256 numbersCount = count(numbers);
        unchecked {
            // Calldata is too short for a sum of 2^256.
            for (uint256 i; i < numbersCount; ++i) {
                total += at(numbers, i);
            }
        }
    }
}
