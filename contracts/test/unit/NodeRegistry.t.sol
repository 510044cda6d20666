// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Roles} from "../../src/gov/Roles.sol";
import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
import {NodeRegistry} from "../../src/registry/NodeRegistry.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";

contract NodeRegistryTest is OpenDeployed {
    NodeRegistry private nodes;
    address private alice;
    address private bob;

    function setUp() public {
        deployOpen();
        nodes = NodeRegistry(deploy("NodeRegistry", abi.encode(open, address(manager))));
        restrictPause(address(nodes));
        restrict(address(nodes), nodes.setMinStake.selector, Roles.PARAM);
        alice = rich("alice", 50_000e18, address(nodes));
        bob = rich("bob", 50_000e18, address(nodes));
    }

    function join(address who, uint96 amount, uint16 caps) private {
        vm.prank(who);
        nodes.register(amount, "peer", caps);
    }

    function test_RegisterTakesTheStakeAndGivesVotes() public {
        vm.expectEmit(address(nodes));
        emit INodeRegistry.Registered(alice, "peer", 6);
        vm.expectEmit(address(nodes));
        emit INodeRegistry.Staked(alice, 1_000e18);
        join(alice, 1_000e18, 6);
        INodeRegistry.Node memory node = nodes.nodeOf(alice);
        assertEq(node.stake, 1_000e18, "stake");
        assertEq(node.caps, 6, "caps");
        assertEq(node.peerId, "peer", "peer id");
        assertEq(open.balanceOf(address(nodes)), 1_000e18, "balance");
        assertEq(nodes.staked().balanceOf(alice), 1_000e18, "sOPEN");
    }

    function test_RegisterAgainChangesTheProfileOnly() public {
        join(alice, 1_000e18, 0);
        vm.prank(alice);
        nodes.register(0, "other", 2);
        INodeRegistry.Node memory node = nodes.nodeOf(alice);
        assertEq(node.peerId, "other", "peer id");
        assertEq(node.caps, 2, "caps");
        assertEq(node.stake, 1_000e18, "stake");
    }

    function test_StakesBelowTheLeastAreRefused() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.StakeTooSmall.selector, 1_000e18 - 1, 1_000e18));
        nodes.register(1_000e18 - 1, "peer", 2);
        nodes.register(1_000e18, "peer", 3);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.StakeTooSmall.selector, 1_000e18 - 1, 1_000e18));
        nodes.requestExit(1);
        vm.expectRevert(INodeRegistry.PeerIdZero.selector);
        nodes.register(0, 0, 1);
        vm.expectRevert(INodeRegistry.AmountZero.selector);
        nodes.addStake(0);
        vm.expectRevert(INodeRegistry.AmountZero.selector);
        nodes.requestExit(0);
        vm.stopPrank();
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.StakeTooSmall.selector, 1, 1_000e18));
        nodes.addStake(1);
    }

    function test_AddStake() public {
        join(alice, 1_000e18, 0);
        vm.prank(alice);
        nodes.addStake(5);
        assertEq(nodes.nodeOf(alice).stake, 1_000e18 + 5, "stake");
        assertEq(open.balanceOf(address(nodes)), 1_000e18 + 5, "custody");
    }

    function test_ExitTakesSevenDays() public {
        join(alice, 3_000e18, 0);
        uint256 exitAt = vm.getBlockTimestamp() + 7 days;
        vm.startPrank(alice);
        vm.expectRevert(INodeRegistry.NothingToExit.selector);
        nodes.exit();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.MoreThanStaked.selector, 3_001e18, 3_000e18));
        nodes.requestExit(3_001e18);
        vm.expectEmit(address(nodes));
        emit INodeRegistry.ExitRequested(alice, 3_000e18, exitAt);
        nodes.requestExit(3_000e18);
        assertEq(nodes.staked().balanceOf(alice), 0, "votes end at once");
        assertEq(nodes.nodeOf(alice).exiting, 3_000e18, "exiting");
        assertEq(open.balanceOf(address(nodes)), 3_000e18, "still held");
        vm.warp(exitAt - 1);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.TooEarly.selector, exitAt));
        nodes.exit();
        vm.warp(exitAt);
        vm.expectEmit(address(nodes));
        emit INodeRegistry.Exited(alice, 3_000e18);
        nodes.exit();
        assertEq(open.balanceOf(alice), 50_000e18, "all back");
        assertEq(open.balanceOf(address(nodes)), 0, "custody");
        assertEq(nodes.nodeOf(alice).exiting, 0, "nothing twice");
        assertEq(nodes.nodeOf(alice).exitAt, 0, "no date left");
    }

    function test_ASecondRequestWaitsAgainForAll() public {
        join(alice, 3_000e18, 0);
        vm.startPrank(alice);
        nodes.requestExit(1_000e18);
        vm.warp(vm.getBlockTimestamp() + 6 days);
        nodes.requestExit(500e18);
        assertEq(nodes.nodeOf(alice).exiting, 1_500e18, "exiting");
        assertEq(nodes.nodeOf(alice).exitAt, vm.getBlockTimestamp() + 7 days, "date");
    }

    function test_ExitsHoldWhateverRolesDo() public {
        join(alice, 3_000e18, 0);
        vm.prank(guardian);
        nodes.pause();
        vm.prank(council);
        nodes.setMinStake(100_000e18);
        manager.setTargetClosed(address(nodes), true);
        vm.startPrank(alice);
        nodes.requestExit(3_000e18);
        vm.warp(vm.getBlockTimestamp() + 7 days);
        nodes.exit();
        assertEq(open.balanceOf(alice), 50_000e18, "all back");
    }

    function test_APauseStopsEntriesUntilGovernanceLiftsIt() public {
        join(alice, 3_000e18, 0);
        expectUnauthorized(alice);
        vm.prank(alice);
        nodes.pause();
        vm.prank(guardian);
        nodes.pause();
        expectPaused();
        join(bob, 3_000e18, 0);
        expectPaused();
        vm.prank(alice);
        nodes.addStake(1);
        expectUnauthorized(guardian);
        vm.prank(guardian);
        nodes.unpause();
        vm.prank(council);
        nodes.unpause();
        join(bob, 3_000e18, 0);
    }

    function test_OnlyGovernanceSetsTheLeastStake() public {
        vm.startPrank(alice);
        expectUnauthorized(alice);
        nodes.setMinStake(1);
    }

    function test_TheLeastStakeIsBounded() public {
        vm.startPrank(council);
        vm.expectRevert(INodeRegistry.MinStakeOutOfBounds.selector);
        nodes.setMinStake(100_000e18 + 1);
        vm.expectEmit(address(nodes));
        emit INodeRegistry.MinStakeSet(100_000e18);
        nodes.setMinStake(100_000e18);
        assertEq(nodes.minNodeStake(), 100_000e18, "set");
    }
}
