// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Parts of amounts, with the direction of rounding in the name
library Rounding {
    uint256 internal constant BPS = 10_000;

    /// @notice floor(amount * part / whole). The product must stay below 2^256; `whole` is not 0.
    function portionDown(uint256 amount, uint256 part, uint256 whole) internal pure returns (uint256) {
        return amount * part / whole;
    }

    /// @notice ceil(amount / whole); `whole` is not 0.
    function divideUp(uint256 amount, uint256 whole) internal pure returns (uint256) {
        return amount == 0 ? 0 : (amount - 1) / whole + 1;
    }

    /// @notice floor(amount * bps / 10,000).
    function bpsDown(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return amount * bps / BPS;
    }

    function least(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }
}
