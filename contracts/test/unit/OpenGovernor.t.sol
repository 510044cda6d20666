// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "../support/Governed.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

contract OpenGovernorTest is Governed {
    string private constant WORDS = "Raise the least stakes";

    function setUp() public {
        deployGoverned();
        delegateVesting();
        only(address(nodes), abi.encodeCall(nodes.setMinStake, (2_000e18)));
    }

    function test_FromAProposalToAChangedParameter() public {
        uint256 id = proposeBy(team, WORDS);
        voteFor(id, team);
        voteFor(id, investors);
        endVote(id);
        assertTrue(governor.proposalNeedsQueuing(id), "a timelock stands behind");
        queue(WORDS);
        vm.expectRevert();
        governor.execute(targets, values, calls, keccak256(bytes(WORDS)));
        execute(WORDS);
        assertEq(nodes.minNodeStake(), 2_000e18, "least stake of a node");
        assertState(id, IGovernor.ProposalState.Executed, "state");
    }

    function test_TheQuorumIsAFifthOfTheSupplyAndNeverBelowTheLargestParty() public {
        uint256 now_ = vm.getBlockTimestamp();
        assertEq(governor.quorum(now_ - 1), 200_000_000e18, "20 % of the supply");
        assertTrue(governor.LEAST_QUORUM() > genesis.buckets()[2].amount, "more than investors have");
        only(address(governor), abi.encodeCall(governor.updateQuorumNumerator, (1)));
        pass("a lower quorum");
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(governor.quorum(vm.getBlockTimestamp() - 1), 190_000_000e18, "not below the least");
        assertEq(governor.quorum(now_ - 1), 200_000_000e18, "nor for earlier votes");
        only(address(governor), abi.encodeCall(governor.updateQuorumNumerator, (30)));
        pass("a higher quorum");
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(governor.quorum(vm.getBlockTimestamp() - 1), 300_000_000e18, "more may be asked for");
    }

    function test_ALateQuorumGivesTheOthersADay() public {
        uint256 id = proposeBy(team, WORDS);
        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline);
        voteFor(id, team);
        assertEq(governor.proposalDeadline(id), deadline, "no quorum yet");
        voteFor(id, investors);
        assertEq(governor.proposalDeadline(id), deadline + 1 days, "extended");
    }

    function test_ThePastVotesOfTokenHoldersAndStakersAddUp() public {
        address staker = rich("staker", 20_000_000e18, address(nodes));
        vm.startPrank(staker);
        nodes.register(20_000_000e18, "peer", 0);
        nodes.staked().delegate(staker);
        vm.stopPrank();
        vm.warp(vm.getBlockTimestamp() + 1);
        uint256 then = vm.getBlockTimestamp() - 1;
        assertEq(votes.getVotes(staker), 20_000_000e18, "now");
        assertEq(votes.getPastVotes(staker, then), 20_000_000e18, "then");
        assertEq(votes.getPastTotalSupply(then), 1e27, "all votes");
        assertEq(votes.clock(), vm.getBlockTimestamp(), "clock");
        assertEq(keccak256(bytes(votes.CLOCK_MODE())), keccak256("mode=timestamp"), "clock mode");
        vm.prank(staker);
        nodes.requestExit(5_000_000e18);
        assertEq(votes.getVotes(staker), 15_000_000e18, "what leaves has no votes");
    }

    function test_AProposerCancelsBeforeTheVoteAndOthersNever() public {
        vm.prank(team);
        uint256 id = governor.propose(targets, values, calls, WORDS);
        vm.expectPartialRevert(IGovernor.GovernorUnableToCancel.selector);
        vm.prank(guardian);
        governor.cancel(targets, values, calls, keccak256(bytes(WORDS)));
        vm.prank(team);
        governor.cancel(targets, values, calls, keccak256(bytes(WORDS)));
        assertState(id, IGovernor.ProposalState.Canceled, "cancelled");
        uint256 other = proposeBy(team, "again");
        vm.expectPartialRevert(IGovernor.GovernorUnableToCancel.selector);
        vm.prank(team);
        governor.cancel(targets, values, calls, keccak256("again"));
        assertState(other, IGovernor.ProposalState.Active, "the vote goes on");
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
        vm.expectPartialRevert(IGovernor.GovernorOnlyExecutor.selector);
        vm.prank(guardian);
        governor.setGuardian(team);
    }
}
