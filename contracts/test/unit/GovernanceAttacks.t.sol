// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryPause} from "../../src/gov/EntryPause.sol";
import {GuardianVeto} from "../../src/gov/GuardianVeto.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {OpenToken} from "../../src/token/OpenToken.sol";
import {VotingWallet} from "../../src/token/VotingWallet.sol";
import {Governed} from "../support/Governed.sol";
import {Typed} from "../support/Typed.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";

/// @notice What was tried by a party of the distribution, by the guardian and by who deployed the contracts, and fails.
contract GovernanceAttacksTest is Governed {
    uint256 private constant MONTH = 365 days / 12;
    bytes32 private constant DELEGATION = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");

    function setUp() public {
        deployGoverned();
    }

    /// @dev Proposes to pay out an eighth of a percent of the supply, and votes for it alone.
    function tryAlone(address who, string memory words) private returns (uint256 id) {
        only(address(open), abi.encodeCall(open.transfer, (who, 1_000_000e18)));
        id = proposeBy(who, words);
        voteFor(id, who);
        endVote(id);
    }

    // --- parties

    function test_TheLiquidityIsNotTheGovernment() public {
        vm.expectRevert(abi.encodeWithSelector(OpenToken.SilentHolder.selector, bank));
        vm.prank(bank);
        open.delegate(bank);
        (, uint256 key) = account("bank");
        bytes32 digest =
            Typed.digest("Open", address(open), keccak256(abi.encode(DELEGATION, bank, 0, vm.getBlockTimestamp() + 1)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        vm.expectRevert(abi.encodeWithSelector(OpenToken.SilentHolder.selector, bank));
        open.delegateBySig(bank, 0, vm.getBlockTimestamp() + 1, v, r, s);
        // Moved to another account, all of it is a quarter of the quorum.
        address other = actor("other");
        give(other, 50_000_000e18);
        vm.prank(other);
        open.delegate(other);
        vm.warp(vm.getBlockTimestamp() + 1);
        assertState(tryAlone(other, "take"), IGovernor.ProposalState.Defeated, "defeated");
    }

    function test_NoPartyAlonePassesAProposal() public {
        delegateVesting();
        assertState(tryAlone(investors, "investors"), IGovernor.ProposalState.Defeated, "investors");
        assertState(tryAlone(team, "team"), IGovernor.ProposalState.Defeated, "team");
    }

    function test_NoPartyAlonePassesAfterAllHasVestedAndTheQuorumIsLowered() public {
        delegateVesting();
        only(address(governor), abi.encodeCall(governor.updateQuorumNumerator, (0)));
        pass("no quorum");
        vm.warp(1_800_000_000 + 48 * MONTH);
        VestingWallet(payable(genesis.buckets()[2].holder)).release(address(open));
        vm.prank(investors);
        open.delegate(investors);
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(open.getVotes(investors), 182_900_000e18, "all of the largest party");
        assertState(tryAlone(investors, "alone"), IGovernor.ProposalState.Defeated, "defeated");
    }

    function test_TwoPartiesReachTheQuorumFromTheFirstDay() public {
        delegateVesting();
        only(address(settlement), abi.encodeCall(settlement.setFee, (200)));
        pass("a lower fee");
        assertEq(settlement.feeBps(), 200, "passed");
    }

    function test_TheQuorumIsReachedOnceTokensAreSpread() public {
        vm.warp(1_800_000_000 + 48 * MONTH);
        address[2] memory parties = [investors, team];
        uint256 each = 10_000_000e18;
        uint256 count;
        address[] memory people = new address[](33);
        for (uint256 i; i < 2; ++i) {
            VestingWallet(payable(genesis.buckets()[2 + i].holder)).release(address(open));
            while (open.balanceOf(parties[i]) >= each) {
                people[count] = address(uint160(0xABC000 + count));
                vm.prank(parties[i]);
                open.transfer(people[count], each);
                vm.prank(people[count]);
                open.delegate(people[count]);
                ++count;
            }
        }
        vm.warp(vm.getBlockTimestamp() + 1);
        only(address(settlement), abi.encodeCall(settlement.setFee, (200)));
        uint256 id = proposeBy(people[0], "a lower fee");
        for (uint256 i; i < 20; ++i) {
            voteFor(id, people[i]);
        }
        endVote(id);
        assertState(id, IGovernor.ProposalState.Succeeded, "twenty of thirty-three");
    }

    function test_WhatDoesNotVoteIsInTheCode() public {
        assertTrue(genesis.isSilent(treasury) && genesis.isSilent(bank), "treasury and liquidity");
        assertTrue(!genesis.isSilent(investors) && !genesis.isSilent(team) && !genesis.isSilent(guardian), "others");
        vm.expectRevert(abi.encodeWithSelector(OpenToken.SilentHolder.selector, treasury));
        vm.prank(treasury);
        open.delegate(treasury);
        for (uint256 i = 1; i < 6; i += 4) {
            VotingWallet wallet = VotingWallet(payable(genesis.buckets()[i].holder));
            assertTrue(genesis.isSilent(address(wallet)), "what vests for the treasury");
            vm.expectRevert();
            vm.prank(treasury);
            wallet.delegate(IVotes(address(open)), treasury);
        }
        for (uint256 i = 2; i < 4; ++i) {
            address wallet = genesis.buckets()[i].holder;
            assertTrue(!genesis.isSilent(wallet), "what vests for a party");
            vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
            VotingWallet(payable(wallet)).delegate(open, bank);
        }
        assertEq(genesis.votable(open), 332_900_000e18, "investors and team");
        give(team, 7e18);
        vm.prank(treasury);
        open.transfer(guardian, 5e18);
        assertEq(genesis.votable(open), 332_900_012e18, "and what is paid out");
    }

    function test_VotesFollowWhatVests() public {
        delegateVesting();
        assertEq(open.getVotes(team), 150_000_000e18, "before");
        vm.warp(1_800_000_000 + 12 * MONTH + 18 * MONTH);
        VestingWallet(payable(genesis.buckets()[3].holder)).release(address(open));
        assertEq(open.getVotes(team), 75_000_000e18, "what was released is to be delegated again");
        vm.prank(team);
        open.delegate(team);
        assertEq(open.getVotes(team), 150_000_000e18, "none twice");
    }

    // --- the guardian and who deployed

    function test_AGuardianWhoDoesAllItCanStopsNoExitAndIsRemoved() public {
        (address payer, address signer, uint256 key) = channel("payer", 100e18);
        address staker = rich("staker", 2_000e18, address(nodes));
        vm.prank(staker);
        nodes.register(2_000e18, "peer", 0);
        delegateVesting();
        address[4] memory all = [address(nodes), address(datanets), address(models), address(settlement)];
        for (uint256 i; i < 4; ++i) {
            pause(all[i]);
        }
        vm.prank(guardian);
        court.hold();
        // Every exit, while all is paused and held.
        redeem(voucher(key, payer, 0, model, 50e18, 10));
        ledger.spread(0, oneRef());
        vm.prank(maker);
        settlement.withdraw(maker);
        vm.startPrank(payer);
        settlement.requestClose(node, signer);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        settlement.close(node, signer);
        vm.stopPrank();
        vm.prank(staker);
        nodes.requestExit(2_000e18);
        // It vetoes one proposal; the next one removes it and cannot be vetoed.
        only(address(settlement), abi.encodeCall(settlement.unpause, ()));
        proposeBy(team, "open again");
        vm.prank(guardian);
        governor.veto(targets, values, calls, keccak256("open again"));
        only(address(governor), abi.encodeCall(governor.setGuardian, (address(0))));
        also(address(manager), abi.encodeCall(manager.revokeRole, (Roles.PAUSER, guardian)));
        pass("another guardian");
        vm.prank(staker);
        nodes.exit();
        assertEq(open.balanceOf(staker), 2_000e18, "all back");
        for (uint256 i; i < 4; ++i) {
            assertTrue(!EntryPause(all[i]).paused(), "open again by itself");
            vm.warp(vm.getBlockTimestamp() + 30 days);
            expectUnauthorized(guardian);
            vm.prank(guardian);
            EntryPause(all[i]).pause();
        }
    }

    function test_AfterTwoYearsTheGuardianHasNoPower() public {
        delegateVesting();
        vm.warp(1_800_000_000 + 730 days);
        only(address(settlement), abi.encodeCall(settlement.setFee, (200)));
        proposeBy(team, "late");
        vm.startPrank(guardian);
        vm.expectRevert(GuardianVeto.NoVetoLeft.selector);
        governor.veto(targets, values, calls, keccak256("late"));
        vm.expectPartialRevert(EntryPause.PauseNotAllowed.selector);
        settlement.pause();
        vm.expectRevert();
        court.hold();
        vm.stopPrank();
    }

    function test_AfterTheHandOverOneContractProposesAndCancelsAndOneIsAdmin() public {
        address[6] memory others = [address(this), guardian, bank, investors, team, council];
        bytes32[3] memory roles = [timelock.DEFAULT_ADMIN_ROLE(), timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE()];
        for (uint256 i; i < 6; ++i) {
            for (uint256 j; j < 3; ++j) {
                assertTrue(!timelock.hasRole(roles[j], others[i]), "no role of the Timelock");
            }
            (bool isAdmin,) = manager.hasRole(0, others[i]);
            (bool isParam,) = manager.hasRole(Roles.PARAM, others[i]);
            assertTrue(!isAdmin && !isParam, "no role of governance");
        }
        assertTrue(timelock.hasRole(roles[0], address(timelock)), "the Timelock is its own admin");
        assertTrue(timelock.hasRole(roles[1], address(governor)), "the governor proposes");
        assertTrue(timelock.hasRole(roles[2], address(governor)), "and cancels");
        (bool timelockIsAdmin,) = manager.hasRole(0, address(timelock));
        assertTrue(timelockIsAdmin, "the Timelock gives roles");
        vm.expectPartialRevert(bytes4(keccak256("AccessManagerUnauthorizedAccount(address,uint64)")));
        manager.grantRole(Roles.PAUSER, address(this), 0);
        vm.expectRevert();
        timelock.grantRole(roles[1], address(this));
        vm.expectRevert();
        timelock.schedule(address(open), 0, "", 0, 0, 2 days);
        vm.expectRevert();
        vm.prank(guardian);
        timelock.cancel(0);
    }
}
