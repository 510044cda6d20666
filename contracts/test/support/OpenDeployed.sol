// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryPause} from "../../src/gov/EntryPause.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {IGenesis} from "../../src/interfaces/IGenesis.sol";
import {Genesis} from "../../src/token/Genesis.sol";
import {OpenToken} from "../../src/token/OpenToken.sol";
import {Test} from "./Test.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice OPEN distributed by Genesis, and an AccessManager whose admin is the test itself.
/// @dev `bank` holds all 50,000,000 liquid OPEN.
abstract contract OpenDeployed is Test {
    address internal treasury = actor("treasury");
    address internal bank = actor("bank");
    address internal guardian = actor("guardian");
    address internal council = actor("council");
    AccessManager internal manager;
    Genesis internal genesis;
    OpenToken internal open;

    function deployOpen() internal {
        vm.warp(1_800_000_000);
        manager = AccessManager(deploy("AccessManager", abi.encode(address(this))));
        manager.grantRole(Roles.PAUSER, guardian, 0);
        manager.grantRole(Roles.PARAM, council, 0);
        genesis =
            Genesis(deploy("Genesis", abi.encode(IGenesis.Parties(treasury, actor("investors"), actor("team"), bank))));
        open = OpenToken(deploy("OpenToken", abi.encode(address(genesis))));
        genesis.distribute(IERC20(address(open)));
    }

    function restrict(address target, bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    /// @notice The roles of `pause` and `unpause`.
    function restrictPause(address target) internal {
        restrict(target, bytes4(keccak256("pause()")), Roles.PAUSER);
        restrict(target, bytes4(keccak256("unpause()")), Roles.PARAM);
    }

    function give(address who, uint256 amount) internal {
        vm.prank(bank);
        open.transfer(who, amount);
    }

    /// @notice An account with `amount` that approved `spender` for it.
    function rich(string memory name, uint256 amount, address spender) internal returns (address who) {
        who = actor(name);
        give(who, amount);
        vm.prank(who);
        open.approve(spender, type(uint256).max);
    }

    function expectUnauthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSignature("AccessManagedUnauthorized(address)", caller));
    }

    function expectPaused() internal {
        vm.expectPartialRevert(EntryPause.EntriesArePaused.selector);
    }
}
