// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";

/// @notice A token that makes a prepared call during each transfer and stores the result.
contract ReentrantOpen is ERC20Burnable {
    address private _target;
    bytes private _call;
    bytes public answer;

    constructor() ERC20("Hostile", "HST") {
        _mint(msg.sender, 1e27);
    }

    function arm(address target, bytes calldata call) external {
        (_target, _call, answer) = (target, call, "");
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        (, answer) = target.call(_call);
    }
}
