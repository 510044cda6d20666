// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Votes of staked OPEN
interface IStakedOpen {
    /// @notice sOPEN stays with its staker.
    error NotTransferable();

    /// @notice Past supplies of sOPEN are not recorded; ask OPEN for all votes there could be.
    error PastSupplyNotKept();

    /// @notice Only the registry that holds the stake makes and burns sOPEN.
    error NotTheRegistry(address caller);

    /// @notice Makes sOPEN for stake that came in.
    function mint(address staker, uint256 amount) external;

    /// @notice Burns sOPEN of stake that is leaving or was slashed.
    function burn(address staker, uint256 amount) external;
}
