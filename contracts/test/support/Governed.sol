// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OpenGovernor} from "../../src/gov/OpenGovernor.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {VotesSum} from "../../src/gov/VotesSum.sol";
import {VotingWallet} from "../../src/token/VotingWallet.sol";
import {MarketDeployed} from "./MarketDeployed.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @notice All contracts, governed as the deployment wires them: the Timelock is the only admin and the test keeps no role.
abstract contract Governed is MarketDeployed {
    TimelockController internal timelock;
    VotesSum internal votes;
    OpenGovernor internal governor;
    address internal investors = actor("investors");
    address internal team = actor("team");

    address[] internal targets;
    uint256[] internal values;
    bytes[] internal calls;

    function deployGoverned() internal {
        deployMarket();
        address[] memory anyone = new address[](1);
        timelock = TimelockController(
            deploy("TimelockController", abi.encode(2 days, new address[](0), anyone, address(this)))
        );
        votes = VotesSum(deploy("VotesSum", abi.encode(open, nodes.staked())));
        governor = OpenGovernor(deploy("OpenGovernor", abi.encode(votes, timelock, address(manager), guardian)));
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governor));
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(governor));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
        restrictPause(address(nodes));
        restrict(address(nodes), nodes.setMinStake.selector, Roles.PARAM);
        manager.revokeRole(Roles.PARAM, council);
        manager.grantRole(Roles.PARAM, address(timelock), 0);
        manager.grantRole(0, address(timelock), 0);
        manager.renounceRole(0, address(this));
    }

    /// @notice Investors and team vote with what vests for them.
    function delegateVesting() internal {
        delegateBucket(2, investors, investors);
        delegateBucket(3, team, team);
        vm.warp(vm.getBlockTimestamp() + 1);
    }

    function delegateBucket(uint256 bucket, address beneficiary, address to) internal {
        address wallet = genesis.buckets()[bucket].holder;
        vm.prank(beneficiary);
        VotingWallet(payable(wallet)).delegate(open, to);
    }

    function only(address target, bytes memory data) internal {
        (targets, values, calls) = (new address[](0), new uint256[](0), new bytes[](0));
        also(target, data);
    }

    function also(address target, bytes memory data) internal {
        targets.push(target);
        values.push(0);
        calls.push(data);
    }

    function proposeBy(address who, string memory words) internal returns (uint256 id) {
        vm.prank(who);
        id = governor.propose(targets, values, calls, words);
        vm.warp(vm.getBlockTimestamp() + 1 days + 1);
    }

    function voteFor(uint256 id, address who) internal {
        vm.prank(who);
        governor.castVote(id, 1);
    }

    function endVote(uint256 id) internal {
        vm.warp(governor.proposalDeadline(id) + 1);
    }

    function queue(string memory words) internal {
        governor.queue(targets, values, calls, keccak256(bytes(words)));
    }

    function execute(string memory words) internal {
        vm.warp(vm.getBlockTimestamp() + 2 days);
        governor.execute(targets, values, calls, keccak256(bytes(words)));
    }

    /// @notice Investors and team together pass what is in `targets` and `calls`.
    function pass(string memory words) internal returns (uint256 id) {
        id = proposeBy(investors, words);
        voteFor(id, investors);
        voteFor(id, team);
        endVote(id);
        queue(words);
        execute(words);
    }

    function assertState(uint256 id, IGovernor.ProposalState expected, string memory what) internal view {
        assertEq(uint256(governor.state(id)), uint256(expected), what);
    }
}
