// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IQuestCheck} from "../interfaces/IQuestCheck.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";

/// @title The quest of having a node with stake that has worked
/// @notice Stake alone can be passed from account to account; the fees that payments to an account have paid cannot.
contract NodeWorked is IQuestCheck {
    INodeRegistry public immutable nodes;
    ISettlement public immutable settlement;
    /// @notice Wei of OPEN at stake that it takes.
    uint256 public immutable leastStake;
    /// @notice Wei of protocol fees that it takes, see `ISettlement.workOf`.
    uint256 public immutable leastWork;

    constructor(INodeRegistry nodes_, ISettlement settlement_, uint256 leastStake_, uint256 leastWork_) {
        (nodes, settlement, leastStake, leastWork) = (nodes_, settlement_, leastStake_, leastWork_);
    }

    /// @inheritdoc IQuestCheck
    function done(address who) external view returns (bool) {
        return nodes.nodeOf(who).stake >= leastStake && settlement.workOf(who) >= leastWork;
    }
}
