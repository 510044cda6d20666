// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IWorkRewards} from "../../src/interfaces/IWorkRewards.sol";
import {WorkRewards} from "../../src/points/WorkRewards.sol";
import {NodeRegistry} from "../../src/registry/NodeRegistry.sol";
import {BookedWork} from "../mocks/BookedWork.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";

contract WorkRewardsTest is OpenDeployed {
    NodeRegistry private nodes;
    BookedWork private booked;
    WorkRewards private rewards;
    address private alice;
    address private bob;

    function setUp() public {
        deployOpen();
        nodes = NodeRegistry(deploy("NodeRegistry", abi.encode(open, address(manager))));
        booked = new BookedWork();
        rewards =
            WorkRewards(deploy("WorkRewards", abi.encode(IERC20(address(open)), nodes, ISettlement(address(booked)))));
        (alice, bob) = (join("alice"), join("bob"));
        vm.prank(bank);
        open.approve(address(rewards), type(uint256).max);
    }

    function join(string memory name) private returns (address who) {
        who = rich(name, 1_000e18, address(nodes));
        vm.prank(who);
        nodes.register(1_000e18, "peer", 0);
    }

    function fund(uint256 amount) private {
        vm.prank(bank);
        rewards.addReward(amount);
    }

    function work(address who, uint256 fees) private {
        booked.book(who, fees);
        vm.expectEmit(address(rewards));
        emit IWorkRewards.WorkCounted(who, rewards.roundNow(), fees);
        vm.prank(who);
        assertEq(rewards.countWork(), fees, "counted");
    }

    function nextRound() private {
        vm.warp((rewards.roundNow() + 1) * 7 days);
    }

    function claim(address who, uint256 amount) private {
        assertEq(rewards.rewardOf(who), amount, "the view says what the claim pays");
        uint256 had = open.balanceOf(who);
        vm.expectEmit(address(rewards));
        emit IWorkRewards.RewardPaid(who, amount);
        vm.prank(who);
        rewards.claimReward();
        assertEq(open.balanceOf(who) - had, amount, "paid");
        vm.expectRevert(abi.encodeWithSelector(IWorkRewards.NothingToClaim.selector, who));
        vm.prank(who);
        rewards.claimReward();
    }

    function test_RewardsFollowWork() public {
        uint256 round = rewards.roundNow();
        vm.expectEmit(address(rewards));
        emit IWorkRewards.RewardAdded(bank, round, 8e18);
        fund(8e18);
        work(alice, 30e18);
        work(bob, 10e18);
        assertEq(rewards.rewardOf(alice), 0, "not before the round is over");
        nextRound();
        assertEq(rewards.rewardOf(alice), 6e18, "three quarters");
        vm.expectEmit(address(rewards));
        emit IWorkRewards.RoundEnded(round, 8e18, 40e18);
        fund(1);
        claim(alice, 6e18);
        claim(bob, 2e18);
    }

    function test_ARewardIsAtMostHalfOfTheFees() public {
        fund(100e18);
        work(alice, 4e18);
        work(bob, 2e18);
        uint256 round = rewards.roundNow();
        nextRound();
        claim(alice, 2e18);
        claim(bob, 1e18);
        assertEq(rewards.roundOf(round).budget, 3e18, "given");
        assertEq(rewards.roundOf(round + 1).budget, 97e18, "the rest is for the next round");
    }

    function test_WorkIsCountedOnceAndByNodesOnly() public {
        booked.book(bank, 5e18);
        vm.expectRevert(abi.encodeWithSelector(IWorkRewards.NotANode.selector, bank));
        vm.prank(bank);
        rewards.countWork();
        vm.expectRevert(abi.encodeWithSelector(IWorkRewards.NothingToCount.selector, alice));
        vm.prank(alice);
        rewards.countWork();
        booked.book(alice, 5e18);
        assertEq(rewards.uncountedOf(alice), 5e18, "to be counted");
        vm.prank(alice);
        rewards.countWork();
        assertEq(rewards.uncountedOf(alice), 0, "counted");
        vm.expectRevert(abi.encodeWithSelector(IWorkRewards.NothingToCount.selector, alice));
        vm.prank(alice);
        rewards.countWork();
        work(alice, 1e18);
        assertEq(rewards.roundOf(rewards.roundNow()).work, 6e18, "twice in a round adds up");
        vm.expectRevert(IWorkRewards.AmountZero.selector);
        rewards.addReward(0);
    }

    function test_StakeWithoutWorkEarnsNothing() public {
        address idle = rich("idle", 100_000e18, address(nodes));
        vm.prank(idle);
        nodes.register(100_000e18, "no such peer", 0);
        fund(100e18);
        work(alice, 1e18);
        nextRound();
        assertEq(rewards.rewardOf(idle), 0, "nothing");
        vm.expectRevert(abi.encodeWithSelector(IWorkRewards.NothingToCount.selector, idle));
        vm.prank(idle);
        rewards.countWork();
    }

    function test_RoundsThatNoAccountTouchedAreSkipped() public {
        fund(10e18);
        vm.warp(vm.getBlockTimestamp() + 70 days);
        // The budget of the first round is there in the round in which work is counted.
        work(alice, 8e18);
        assertEq(rewards.roundOf(rewards.roundNow()).budget, 10e18, "carried on");
        vm.warp(vm.getBlockTimestamp() + 70 days);
        claim(alice, 4e18);
        // What was earned before is kept while new work is counted.
        work(alice, 2e18);
        nextRound();
        work(alice, 6e18);
        assertEq(rewards.rewardOf(alice), 1e18, "of the round that is over");
        nextRound();
        claim(alice, 4e18);
    }

    /// @dev Work of three nodes over rounds: no reward beyond half of its fees, none that is not there.
    function testFuzz_RewardsAreBoundedAndFunded(uint96[6] memory fees, uint96[3] memory budgets) public {
        address[3] memory who = [alice, bob, join("carol")];
        uint256 paid;
        uint256 all;
        for (uint256 round; round < 3; ++round) {
            uint256 budget = bound(budgets[round], 1, 1_000_000e18);
            fund(budget);
            all += budget;
            for (uint256 i; i < 2; ++i) {
                booked.book(who[(round + i) % 3], fees[2 * round + i]);
                if (fees[2 * round + i] == 0) continue;
                vm.prank(who[(round + i) % 3]);
                rewards.countWork();
            }
            nextRound();
        }
        for (uint256 i; i < 3; ++i) {
            uint256 reward = rewards.rewardOf(who[i]);
            assertLe(reward, booked.workOf(who[i]) / 2, "half of the fees");
            if (reward == 0) continue;
            vm.prank(who[i]);
            paid += rewards.claimReward();
        }
        assertLe(paid, all, "funded");
        assertEq(open.balanceOf(address(rewards)), all - paid, "conserved");
    }
}
