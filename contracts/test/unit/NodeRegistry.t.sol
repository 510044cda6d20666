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
        nodes = new NodeRegistry(open, address(manager));
        restrictPause(address(nodes));
        restrict(address(nodes), nodes.postHeartbeat.selector, Roles.NODES);
        restrict(address(nodes), nodes.setMinStakes.selector, Roles.PARAM);
        alice = rich("alice", 50_000e18, address(nodes));
        bob = rich("bob", 50_000e18, address(nodes));
        manager.grantRole(Roles.NODES, bob, 0);
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
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.StakeTooSmall.selector, 10_000e18 - 1, 10_000e18));
        nodes.register(10_000e18 - 1, "peer", 3);
        nodes.register(10_000e18, "peer", 3);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.StakeTooSmall.selector, 10_000e18 - 1, 10_000e18));
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
        nodes.setMinStakes(100_000e18, 100_000e18);
        manager.setTargetClosed(address(nodes), true);
        vm.startPrank(alice);
        nodes.requestExit(3_000e18);
        vm.warp(vm.getBlockTimestamp() + 7 days);
        nodes.exit();
        nodes.claimReward();
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

    function test_RolesAreAskedFor() public {
        vm.startPrank(alice);
        expectUnauthorized(alice);
        nodes.setMinStakes(1, 1);
        expectUnauthorized(alice);
        nodes.postHeartbeat(1, "root");
    }

    function test_LeastStakesAreBounded() public {
        vm.startPrank(council);
        vm.expectRevert(INodeRegistry.MinStakeOutOfBounds.selector);
        nodes.setMinStakes(1, 100_000e18 + 1);
        vm.expectRevert(INodeRegistry.MinStakeOutOfBounds.selector);
        nodes.setMinStakes(3, 2);
        vm.expectEmit(address(nodes));
        emit INodeRegistry.MinStakesSet(2, 2);
        nodes.setMinStakes(2, 2);
    }

    function test_HeartbeatsAreWrittenOnceAndOfEpochsThatAreOver() public {
        uint64 running = uint64(vm.getBlockTimestamp() / 1 hours);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.EpochNotOver.selector, running));
        nodes.postHeartbeat(running, "root");
        vm.expectEmit(address(nodes));
        emit INodeRegistry.HeartbeatRoot(running - 2, "root");
        nodes.postHeartbeat(running - 2, "root");
        assertEq(nodes.heartbeatRoot(running - 2), "root", "root");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.EpochNotNew.selector, running - 2, running - 2));
        nodes.postHeartbeat(running - 2, "other");
        nodes.postHeartbeat(running - 1, "other");
    }

    function reward(uint256 amount) private {
        vm.startPrank(bank);
        open.approve(address(nodes), amount);
        nodes.addReward(amount);
        vm.stopPrank();
    }

    function test_RewardsFlowByStakeAndTime() public {
        join(alice, 1_000e18, 0);
        reward(7 days * 4);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        join(bob, 3_000e18, 0);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        assertEq(nodes.rewardOf(alice), 1 days * 4 + 1 days, "alone, then a quarter");
        assertEq(nodes.rewardOf(bob), 1 days * 3, "three quarters");
        vm.warp(vm.getBlockTimestamp() + 30 days);
        vm.expectEmit(address(nodes));
        emit INodeRegistry.RewardPaid(alice, 1 days * 4 + 6 days);
        vm.prank(alice);
        nodes.claimReward();
        vm.prank(bob);
        assertEq(nodes.claimReward(), 6 days * 3, "the rest");
        vm.prank(bob);
        assertEq(nodes.claimReward(), 0, "nothing twice");
        assertEq(open.balanceOf(bob), 47_000e18 + 6 days * 3, "paid");
    }

    function test_EveryChangeOfStakeCountsRewardsFirst() public {
        join(alice, 2_000e18, 0);
        join(bob, 2_000e18, 0);
        reward(7 days * 4);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        vm.prank(alice);
        nodes.addStake(4_000e18);
        assertEq(nodes.rewardOf(alice), 1 days * 2, "counted at the old stake");
        vm.prank(alice);
        nodes.requestExit(6_000e18);
        assertEq(nodes.rewardOf(alice), 1 days * 2, "kept");
        vm.warp(vm.getBlockTimestamp() + 1 days);
        assertEq(nodes.rewardOf(alice), 1 days * 2, "nothing after leaving");
        assertEq(nodes.rewardOf(bob), 1 days * 6, "who stays earns for both");
    }

    function test_TheStreamWaitsWhileNobodyIsThere() public {
        reward(7 days * 4);
        vm.warp(vm.getBlockTimestamp() + 20 days);
        join(alice, 1_000e18, 0);
        assertEq(nodes.rewardOf(alice), 0, "nothing for the past");
        vm.warp(vm.getBlockTimestamp() + 7 days);
        assertEq(nodes.rewardOf(alice), 7 days * 4, "nothing lost");
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(nodes.rewardOf(alice), 7 days * 4, "it has ended");
    }

    function test_AnAdditionCannotSlowTheStreamDown() public {
        join(alice, 1_000e18, 0);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.RewardTooSmall.selector, 0, 1));
        nodes.addReward(7 days - 1);
        reward(7 days * 4);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.RewardTooSmall.selector, 3, 4));
        nodes.addReward(1 days * 4 - 1);
        reward(1 days * 4);
        assertEq(nodes.rewardRate(), 4, "as before");
        assertEq(nodes.streamEndsAt(), vm.getBlockTimestamp() + 7 days, "longer");
    }
}
