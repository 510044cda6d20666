// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The part of a settlement that says what nodes have worked.
contract BookedWork {
    mapping(address node => uint256) public workOf;

    function book(address node, uint256 fees) external {
        workOf[node] += fees;
    }
}
