// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Holds the OPEN of the Settlement
/// @notice The Settlement makes it and alone can pay from it. So what lies at the Settlement's own address is OPEN that was sent
///         there by mistake, to the wei, and can be recovered without a count of all deposits.
contract Vault {
    using SafeERC20 for IERC20;

    address private immutable _settlement = msg.sender;
    IERC20 private immutable _token;

    error NotSettlement(address caller);

    constructor(IERC20 token) {
        _token = token;
    }

    /// @notice Pays `amount` to `to`. The Settlement only.
    function pay(address to, uint256 amount) external {
        if (msg.sender != _settlement) revert NotSettlement(msg.sender);
        _token.safeTransfer(to, amount);
    }
}
