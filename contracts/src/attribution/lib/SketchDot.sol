// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Dot products of vectors of signed bytes
library SketchDot {
    /// @notice Components of a vector.
    uint256 internal constant SIZE = 256;

    /// @notice The sum of products of two vectors of 256 signed bytes; its magnitude is at most 2^22.
    /// @dev The caller has checked both lengths.
    function dot(bytes calldata a, bytes calldata b) internal pure returns (int256 sum) {
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, SIZE) { i := add(i, 32) } {
                let x := calldataload(add(a.offset, i))
                let y := calldataload(add(b.offset, i))
                for { let bits := 0 } lt(bits, 256) { bits := add(bits, 8) } {
                    // `signextend` reads the lowest byte only.
                    sum := add(sum, mul(signextend(0, shr(bits, x)), signextend(0, shr(bits, y))))
                }
            }
        }
    }
}
