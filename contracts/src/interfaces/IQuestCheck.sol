// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A quest the chain can check
interface IQuestCheck {
    /// @notice Whether `who` has done it.
    function done(address who) external view returns (bool);
}
