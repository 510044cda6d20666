// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPayTo} from "../interfaces/IPayTo.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";

/// @title What lies at an address of PayTo
/// @dev Has no storage; the factory and the contracts that it pays are in its code.
contract Purse {
    using SafeERC20 for IERC20;

    address private immutable _factory = msg.sender;
    IERC20 private immutable _token;
    ISettlement private immutable _settlement;

    constructor(IERC20 token, ISettlement settlement) {
        (_token, _settlement) = (token, settlement);
    }

    /// @notice Pays `amount` of what lies here for a call. The factory only, which knows the parties by the address.
    function give(uint32 modelId, uint32 version, address node, uint96 amount, bytes32 callHash) external {
        if (msg.sender != _factory) revert IPayTo.NotFactory(msg.sender);
        _token.forceApprove(address(_settlement), amount);
        _settlement.give(modelId, version, node, amount, callHash);
    }
}
