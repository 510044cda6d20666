// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Limits of the guardian
/// @notice The guardian delays for a while and a number of times, and has no power after its term. What it may do: close entries
///         (`EntryPause`), hold the clocks of the AttributionCourt, veto proposals (`GuardianVeto`).
library GuardianLimits {
    /// @notice Seconds from the deployment of a contract until the guardian has no power over it.
    uint256 internal constant TERM = 2 * 365 days;
    /// @notice Least seconds from one use of a power to the next: longer than a proposal takes from start to execution (eight days).
    uint256 internal constant REST = 30 days;
    /// @notice Seconds that a pause lasts.
    uint256 internal constant PAUSE = 7 days;
    /// @notice Vetoes in all.
    uint256 internal constant VETOES = 8;
}
