// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IQuestCheck} from "../interfaces/IQuestCheck.sol";

/// @title The quest of having a node with stake
contract NodeStaked is IQuestCheck {
    INodeRegistry public immutable nodes;
    /// @notice Wei of OPEN at work that it takes.
    uint256 public immutable least;

    constructor(INodeRegistry nodes_, uint256 least_) {
        (nodes, least) = (nodes_, least_);
    }

    /// @inheritdoc IQuestCheck
    function done(address who) external view returns (bool) {
        return nodes.nodeOf(who).stake >= least;
    }
}
