// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token that calls back during transfers, returns false, or refuses one receiver.
contract HostileToken is ERC20("Hostile", "HOST") {
    address public target;
    bytes public payload;
    /// @notice The error of the callback, 0 when it succeeded.
    bytes32 public answer;
    bool public answersFalse;
    address public refused;

    error Refused(address to);

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function callBack(address target_, bytes calldata payload_) external {
        (target, payload) = (target_, payload_);
    }

    function answerFalse() external {
        answersFalse = true;
    }

    function refuse(address to) external {
        refused = to;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !answersFalse && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !answersFalse && super.transferFrom(from, to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (to == refused && to != address(0)) revert Refused(to);
        if (target != address(0)) {
            (bool done, bytes memory why) = target.call(payload);
            answer = done ? bytes32(0) : bytes32(bytes4(why));
        }
        super._update(from, to, amount);
    }
}
