// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GuardianVeto} from "../../src/gov/GuardianVeto.sol";
import {OpenGovernor} from "../../src/gov/OpenGovernor.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {Governed} from "../support/Governed.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

contract GuardianVetoTest is Governed {
    function setUp() public {
        deployGoverned();
        delegateVesting();
        least(2_000e18);
    }

    function least(uint96 amount) private {
        only(address(nodes), abi.encodeCall(nodes.setMinStake, (amount)));
    }

    function veto(string memory words) private {
        vm.prank(guardian);
        governor.veto(targets, values, calls, keccak256(bytes(words)));
    }

    function test_AVetoCancelsEvenWhatIsQueuedAndTheSameCallsOnlyOnce() public {
        uint256 id = proposeBy(team, "first");
        voteFor(id, team);
        voteFor(id, investors);
        endVote(id);
        queue("first");
        vm.warp(vm.getBlockTimestamp() + 2 days - 1);
        vm.expectEmit(address(governor));
        emit GuardianVeto.Vetoed(id, 7);
        veto("first");
        assertState(id, IGovernor.ProposalState.Canceled, "vetoed");
        assertEq(governor.vetoes(), 1, "counted");
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        execute("first");
        // In other words, and after any time: the same calls pass.
        vm.warp(vm.getBlockTimestamp() + 60 days);
        uint256 again = proposeBy(team, "second");
        bytes32 known = keccak256(abi.encode(targets, values, calls));
        assertTrue(governor.wasVetoed(known), "known");
        vm.expectRevert(abi.encodeWithSelector(GuardianVeto.VetoedBefore.selector, known));
        veto("second");
        voteFor(again, team);
        voteFor(again, investors);
        endVote(again);
        queue("second");
        execute("second");
        assertEq(nodes.minNodeStake(), 2_000e18, "passed");
    }

    function test_VetoesAreThirtyDaysApartAndAProposalPassesBetweenThem() public {
        proposeBy(team, "first");
        uint256 next = vm.getBlockTimestamp() + 30 days;
        veto("first");
        assertEq(governor.nextVeto(), next, "next");
        least(3_000e18);
        pass("second");
        assertLe(vm.getBlockTimestamp(), next - 1, "passed before the next veto");
        least(4_000e18);
        proposeBy(team, "third");
        vm.warp(next - 1);
        vm.expectRevert(abi.encodeWithSelector(GuardianVeto.VetoNotAllowed.selector, next));
        veto("third");
        vm.warp(next);
        veto("third");
    }

    function test_ThereAreEightVetoes() public {
        for (uint96 i; i < 8; ++i) {
            least(5_000e18 + i);
            proposeBy(team, "again");
            veto("again");
            vm.warp(vm.getBlockTimestamp() + 30 days);
        }
        least(6_000e18);
        proposeBy(team, "again");
        vm.expectRevert(GuardianVeto.NoVetoLeft.selector);
        veto("again");
    }

    function test_AfterTwoYearsThereIsNoVeto() public {
        uint256 end = governor.vetoEnd();
        assertEq(end, 1_800_000_000 + 730 days, "end");
        vm.warp(end - 1 days - 2);
        proposeBy(team, "late");
        vm.warp(end);
        vm.expectRevert(GuardianVeto.NoVetoLeft.selector);
        veto("late");
        vm.warp(end - 1);
        veto("late");
    }

    function test_OnlyTheGuardianVetoes() public {
        proposeBy(team, "first");
        vm.expectRevert(abi.encodeWithSelector(GuardianVeto.NotTheGuardian.selector, team));
        vm.prank(team);
        governor.veto(targets, values, calls, keccak256("first"));
    }

    function test_WhatIsNotProposedIsNotVetoed() public {
        vm.expectPartialRevert(IGovernor.GovernorNonexistentProposal.selector);
        veto("never proposed");
        assertEq(governor.vetoes(), 0, "none is used");
    }

    function test_TheGuardianCannotVetoItsOwnRemoval() public {
        only(address(governor), abi.encodeCall(governor.setGuardian, (address(0))));
        also(address(manager), abi.encodeCall(manager.revokeRole, (Roles.PAUSER, guardian)));
        also(address(manager), abi.encodeCall(manager.grantRole, (Roles.PAUSER, team, 0)));
        uint256 id = proposeBy(team, "another guardian");
        vm.expectRevert(GuardianVeto.AboutTheGuardian.selector);
        veto("another guardian");
        voteFor(id, team);
        voteFor(id, investors);
        endVote(id);
        queue("another guardian");
        vm.expectRevert(GuardianVeto.AboutTheGuardian.selector);
        veto("another guardian");
        vm.expectEmit(address(governor));
        emit GuardianVeto.GuardianSet(address(0));
        execute("another guardian");
        assertEq(governor.guardian(), address(0), "removed");
        (bool isPauser,) = manager.hasRole(Roles.PAUSER, guardian);
        assertTrue(!isPauser, "its role is gone, too");
        least(7_000e18);
        proposeBy(team, "later");
        vm.expectRevert(abi.encodeWithSelector(GuardianVeto.NotTheGuardian.selector, guardian));
        veto("later");
    }

    /// @dev Nothing rides along with the removal of the guardian.
    function test_AProposalWithAnyOtherCallCanBeVetoed() public {
        bytes memory removal = abi.encodeCall(governor.setGuardian, (address(0)));
        bytes[5] memory others = [
            abi.encodeCall(manager.grantRole, (Roles.PARAM, team, 0)),
            abi.encodeCall(manager.grantRole, (0, team, 0)),
            abi.encodeCall(manager.setTargetClosed, (address(nodes), true)),
            abi.encodePacked(manager.revokeRole.selector),
            abi.encodeCall(governor.setGuardian, (team))
        ];
        for (uint256 i; i < 5; ++i) {
            only(address(governor), removal);
            also(address(manager), others[i]);
            assertTrue(!governor.isAboutTheGuardian(targets, calls), "more than the guardian");
        }
        only(address(governor), removal);
        also(address(governor), abi.encodeCall(governor.setVotingDelay, (0)));
        assertTrue(!governor.isAboutTheGuardian(targets, calls), "the governor's own settings");
        only(address(nodes), removal);
        assertTrue(!governor.isAboutTheGuardian(targets, calls), "another contract");
        only(address(nodes), abi.encodeCall(manager.revokeRole, (Roles.PAUSER, guardian)));
        assertTrue(!governor.isAboutTheGuardian(targets, calls), "another manager");
        only(address(governor), "");
        assertTrue(!governor.isAboutTheGuardian(targets, calls), "no function");
        only(address(governor), removal);
        assertTrue(governor.isAboutTheGuardian(targets, calls), "the guardian alone");
        only(address(manager), abi.encodeCall(manager.revokeRole, (Roles.PAUSER, guardian)));
        assertTrue(governor.isAboutTheGuardian(targets, calls), "its role alone");
    }

    function test_AGovernorSaysWhoItsGuardianIs() public {
        vm.expectEmit();
        emit GuardianVeto.GuardianSet(team);
        OpenGovernor other = OpenGovernor(deploy("OpenGovernor", abi.encode(votes, timelock, address(manager), team)));
        assertEq(other.guardian(), team, "guardian");
        assertEq(other.manager(), address(manager), "manager");
    }
}
