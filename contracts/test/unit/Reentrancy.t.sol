// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AttributionLedger} from "../../src/attribution/AttributionLedger.sol";
import {SumMerkle} from "../../src/attribution/lib/SumMerkle.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
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
    AccessManager private manager = new AccessManager(address(this));
    AttributionLedger private ledger;
    NodeRegistry private nodes;
    SeasonRewards private rewards;
    bytes32[] private noSiblings;
    uint128[] private noSums;

    function setUp() public {
        vm.warp(1_800_000_000);
        OpenToken open = OpenToken(address(token));
        ledger = new AttributionLedger(open, address(7), 1 days, address(manager));
        nodes = new NodeRegistry(open, address(manager));
        rewards = new SeasonRewards(open, address(manager));
        bytes4[] memory court = new bytes4[](1);
        court[0] = ledger.reject.selector;
        manager.setTargetFunctionRole(address(ledger), court, Roles.COURT);
        court[0] = ledger.veto.selector;
        manager.setTargetFunctionRole(address(ledger), court, Roles.COURT);
        manager.grantRole(Roles.COURT, address(token), 0);
        manager.grantRole(Roles.COURT, address(this), 0);
        token.approve(address(ledger), type(uint256).max);
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

    function proposal() private view returns (IAttributionLedger.Proposal memory p) {
        (p.from, p.to) = (ledger.lastEpoch() + 1, uint64(vm.getBlockTimestamp() / 1 hours) - 1);
        p.accountsRoot = SumMerkle.leaf(bytes32(uint256(uint160(address(this)))), 9);
        (p.previousRoot, p.previousTotal) = (ledger.finalizedRoot(), ledger.finalizedTotal());
        (p.total, p.paid, p.pools) = (9, 9 - p.previousTotal, 9);
    }

    function test_LedgerProposeAndFinalize() public {
        token.transfer(address(ledger), 9);
        IAttributionLedger.Proposal memory p = proposal();
        twice(address(ledger), abi.encodeCall(ledger.propose, (p)));
        vm.warp(vm.getBlockTimestamp() + 1 days);
        twice(address(ledger), abi.encodeCall(ledger.finalize, (p)));
    }

    function test_LedgerReject() public {
        token.transfer(address(ledger), 9);
        IAttributionLedger.Proposal memory p = proposal();
        ledger.propose(p);
        twice(address(ledger), abi.encodeCall(ledger.reject, (keccak256(abi.encode(p)), address(8))));
    }

    function test_LedgerVeto() public {
        token.transfer(address(ledger), 9);
        IAttributionLedger.Proposal memory p = proposal();
        ledger.propose(p);
        twice(address(ledger), abi.encodeCall(ledger.veto, (keccak256(abi.encode(p)))));
    }

    function test_LedgerClaims() public {
        token.transfer(address(ledger), 9);
        IAttributionLedger.Proposal memory p = proposal();
        ledger.propose(p);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        ledger.finalize(p);
        uint256 snapshot = vm.snapshotState();
        IAttributionLedger.Claim[] memory c = new IAttributionLedger.Claim[](1);
        c[0] = IAttributionLedger.Claim(address(this), 9, 0, noSiblings, noSums);
        twice(address(ledger), abi.encodeCall(ledger.claim, (9, 0, noSiblings, noSums)));
        vm.revertToState(snapshot);
        twice(address(ledger), abi.encodeCall(ledger.claimFor, (c[0])));
        vm.revertToState(snapshot);
        twice(address(ledger), abi.encodeCall(ledger.claimMany, (c)));
    }

    function test_NodeRegistry() public {
        twice(address(nodes), abi.encodeCall(nodes.register, (5_000e18, "peer", 0)));
        twice(address(nodes), abi.encodeCall(nodes.addStake, (1)));
        twice(address(nodes), abi.encodeCall(nodes.addReward, (1e18)));
        twice(address(nodes), abi.encodeCall(nodes.claimReward, ()));
        nodes.requestExit(1_000e18);
        vm.warp(vm.getBlockTimestamp() + 7 days);
        twice(address(nodes), abi.encodeCall(nodes.exit, ()));
    }

    function test_SeasonRewards() public {
        token.transfer(address(rewards), 9);
        bytes32 content = bytes32(uint256(uint160(address(this))));
        rewards.publish(1, SumMerkle.leaf(content, 9), 9);
        twice(address(rewards), abi.encodeCall(rewards.claim, (1, address(this), 9, 0, noSiblings, noSums)));
    }
}
