// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Role ids of the one AccessManager
/// @notice Its admin is the Timelock. A role opens entries and sets bounded parameters; none can stop an exit.
library Roles {
    /// @notice Sets bounded parameters and lifts a pause. Held by the Timelock alone.
    uint64 internal constant PARAM = 1;
    /// @notice Pauses entries (`open*`, `create`, `register`, `addStake`) and holds the clocks of the
    ///         AttributionCourt. Held by a guardian, see `GuardianLimits`.
    uint64 internal constant PAUSER = 2;
    /// @notice Signs and sends awards of points.
    uint64 internal constant ISSUER = 3;
}
