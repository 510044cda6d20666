// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SumMerkle} from "../../src/attribution/lib/SumMerkle.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {WorkRewards} from "../../src/points/WorkRewards.sol";
import {BookedWork} from "../mocks/BookedWork.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SeasonRewards} from "../../src/points/SeasonRewards.sol";
import {NodeRegistry} from "../../src/registry/NodeRegistry.sol";
import {OpenToken} from "../../src/token/OpenToken.sol";
import {ReentrantOpen} from "../mocks/ReentrantOpen.sol";
import {Test} from "../support/Test.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @notice OPEN makes no external calls; if it did, no entry that moves it could be entered twice.
contract ReentrancyTest is Test {
    ReentrantOpen private token = new ReentrantOpen();
    AccessManager private manager = AccessManager(deploy("AccessManager", abi.encode(address(this))));
    NodeRegistry private nodes;
    SeasonRewards private rewards;
    bytes32[] private noSiblings;
    uint128[] private noSums;

    function setUp() public {
        vm.warp(1_800_000_000);
        OpenToken open = OpenToken(address(token));
        nodes = NodeRegistry(deploy("NodeRegistry", abi.encode(open, address(manager))));
        rewards = SeasonRewards(deploy("SeasonRewards", abi.encode(open, address(manager))));
        token.approve(address(nodes), type(uint256).max);
        vm.warp(vm.getBlockTimestamp() + 2 hours);
    }

    /// @dev Calls `data`; during the transfer the token makes the same call again.
    function twice(address target, bytes memory data) private {
        token.arm(target, data);
        (bool done,) = target.call(data);
        assertTrue(done, "the outer call goes through");
        assertTrue(
            bytes4(token.answer()) == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector,
            "the inner call is refused by the guard"
        );
    }

    function test_NodeRegistry() public {
        twice(address(nodes), abi.encodeCall(nodes.register, (5_000e18, "peer", 0)));
        twice(address(nodes), abi.encodeCall(nodes.addStake, (1)));
        nodes.requestExit(1_000e18);
        vm.warp(vm.getBlockTimestamp() + 7 days);
        twice(address(nodes), abi.encodeCall(nodes.exit, ()));
    }

    function test_WorkRewards() public {
        BookedWork work = new BookedWork();
        WorkRewards weekly =
            WorkRewards(deploy("WorkRewards", abi.encode(IERC20(address(token)), nodes, ISettlement(address(work)))));
        token.approve(address(weekly), type(uint256).max);
        nodes.register(5_000e18, "peer", 0);
        twice(address(weekly), abi.encodeCall(weekly.addReward, (1e18)));
        work.book(address(this), 4e18);
        weekly.countWork();
        vm.warp(vm.getBlockTimestamp() + 7 days);
        twice(address(weekly), abi.encodeCall(weekly.claimReward, ()));
    }

    function test_SeasonRewards() public {
        token.transfer(address(rewards), 9);
        bytes32 content = bytes32(uint256(uint160(address(this))));
        rewards.publish(1, SumMerkle.leaf(content, 9), 9);
        twice(address(rewards), abi.encodeCall(rewards.claim, (1, address(this), 9, 0, noSiblings, noSums)));
    }
}
