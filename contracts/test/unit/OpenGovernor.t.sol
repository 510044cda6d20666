// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OpenGovernor} from "../../src/gov/OpenGovernor.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {VotesSum} from "../../src/gov/VotesSum.sol";
import {NodeRegistry} from "../../src/registry/NodeRegistry.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

contract OpenGovernorTest is OpenDeployed {
    TimelockController private timelock;
    NodeRegistry private nodes;
    VotesSum private votes;
    OpenGovernor private governor;
    address private holder;
    address private staker;

    address[] private targets = new address[](1);
    uint256[] private values = new uint256[](1);
    bytes[] private calls = new bytes[](1);
    bytes32 private constant WORDS = keccak256("Raise the least stakes");

    function setUp() public {
        deployOpen();
        address[] memory anyone = new address[](1);
        timelock = new TimelockController(2 days, new address[](0), anyone, address(this));
        nodes = new NodeRegistry(open, address(manager));
        votes = new VotesSum(open, nodes.staked());
        governor = new OpenGovernor(votes, timelock, guardian);
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governor));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
        restrict(address(nodes), nodes.setMinStake.selector, Roles.PARAM);
        manager.grantRole(Roles.PARAM, address(timelock), 0);
        manager.grantRole(0, address(timelock), 0);
        manager.renounceRole(0, address(this));

        holder = rich("holder", 20_000_000e18, address(nodes));
        staker = rich("staker", 20_000_000e18, address(nodes));
        vm.startPrank(staker);
        nodes.register(20_000_000e18, "peer", 0);
        nodes.staked().delegate(staker);
        vm.stopPrank();
        vm.prank(holder);
        open.delegate(holder);
        vm.warp(vm.getBlockTimestamp() + 1);
        targets[0] = address(nodes);
        calls[0] = abi.encodeCall(nodes.setMinStake, (2_000e18));
    }

    function propose() private returns (uint256 id) {
        vm.prank(holder);
        id = governor.propose(targets, values, calls, "Raise the least stakes");
    }

    function test_FromAProposalToAChangedParameter() public {
        uint256 id = propose();
        vm.warp(vm.getBlockTimestamp() + 1 days + 1);
        vm.prank(holder);
        governor.castVote(id, 1);
        vm.prank(staker);
        governor.castVote(id, 1);
        assertEq(governor.quorum(vm.getBlockTimestamp() - 1), 40_000_000e18, "4 % of the supply");
        vm.warp(governor.proposalDeadline(id) + 1);
        assertTrue(governor.proposalNeedsQueuing(id), "a timelock stands behind");
        governor.queue(targets, values, calls, WORDS);
        vm.expectRevert();
        governor.execute(targets, values, calls, WORDS);
        vm.warp(vm.getBlockTimestamp() + 2 days);
        governor.execute(targets, values, calls, WORDS);
        assertEq(nodes.minNodeStake(), 2_000e18, "least stake of a node");
        assertEq(uint256(governor.state(id)), uint256(IGovernor.ProposalState.Executed), "state");
    }

    function test_HalfTheQuorumIsNotEnough() public {
        uint256 id = propose();
        vm.warp(vm.getBlockTimestamp() + 1 days + 1);
        vm.prank(holder);
        governor.castVote(id, 1);
        vm.warp(governor.proposalDeadline(id) + 1);
        assertEq(uint256(governor.state(id)), uint256(IGovernor.ProposalState.Defeated), "state");
    }

    function test_ALateQuorumGivesTheOthersADay() public {
        uint256 id = propose();
        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline);
        vm.prank(holder);
        governor.castVote(id, 1);
        assertEq(governor.proposalDeadline(id), deadline, "no quorum yet");
        vm.prank(staker);
        governor.castVote(id, 1);
        assertEq(governor.proposalDeadline(id), deadline + 1 days, "extended");
    }

    function test_TheGuardianCancels() public {
        uint256 id = propose();
        vm.prank(guardian);
        governor.cancel(targets, values, calls, WORDS);
        assertEq(uint256(governor.state(id)), uint256(IGovernor.ProposalState.Canceled), "state");
    }

    function test_NobodyElseCancels() public {
        propose();
        vm.warp(vm.getBlockTimestamp() + 1 days + 1);
        vm.prank(staker);
        vm.expectRevert();
        governor.cancel(targets, values, calls, WORDS);
    }

    function test_AThousandthOfTheSupplyProposes() public {
        assertEq(governor.proposalThreshold(), 1_000_000e18, "threshold");
        address small = rich("small", 1_000_000e18 - 1, address(this));
        vm.prank(small);
        open.delegate(small);
        vm.warp(vm.getBlockTimestamp() + 1);
        vm.prank(small);
        vm.expectPartialRevert(IGovernor.GovernorInsufficientProposerVotes.selector);
        governor.propose(targets, values, calls, "too small");
    }

    function test_TheGovernorItselfIsSetByProposalsOnly() public {
        vm.expectPartialRevert(IGovernor.GovernorOnlyExecutor.selector);
        governor.setVotingDelay(1);
    }

    function test_StakingKeepsVotesAndCountsNoneTwice() public {
        assertEq(votes.getVotes(staker), 20_000_000e18, "now");
        assertEq(votes.getPastVotes(staker, vm.getBlockTimestamp() - 1), 20_000_000e18, "then");
        assertEq(votes.getPastTotalSupply(vm.getBlockTimestamp() - 1), 1e27, "all votes");
        assertEq(votes.clock(), vm.getBlockTimestamp(), "clock");
        assertEq(keccak256(bytes(votes.CLOCK_MODE())), keccak256("mode=timestamp"), "clock mode");
        vm.prank(staker);
        nodes.requestExit(5_000_000e18);
        assertEq(votes.getVotes(staker), 15_000_000e18, "what leaves has no votes");
    }
}
