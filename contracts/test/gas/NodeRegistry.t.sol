// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NodeRegistry} from "../../src/registry/NodeRegistry.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";
import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";

contract NodeRegistryGas is OpenDeployed {
    NodeRegistry private nodes;
    address private alice;

    function setUp() public {
        deployOpen();
        nodes = NodeRegistry(deploy("NodeRegistry", abi.encode(open, address(manager))));
        alice = rich("alice", 50_000e18, address(nodes));
        address other = rich("other", 50_000e18, address(nodes));
        vm.prank(other);
        nodes.register(1_000e18, "other", 0);
        vm.warp(vm.getBlockTimestamp() + 1);
    }

    function test_StakeAndExit() public {
        vm.startPrank(alice);
        nodes.register(1_000e18, "peer", 2);
        vm.snapshotGasLastCall("NodeRegistry", "register");
        vm.warp(vm.getBlockTimestamp() + 1);
        nodes.requestExit(1_000e18);
        vm.snapshotGasLastCall("NodeRegistry", "requestExit");
        vm.warp(vm.getBlockTimestamp() + 7 days);
        nodes.exit();
        vm.snapshotGasLastCall("NodeRegistry", "exit");
    }

    function test_Token() public {
        vm.startPrank(alice);
        open.transfer(address(0xA1), 1e18);
        vm.snapshotGasLastCall("OpenToken", "transfer to a new account");
        open.transfer(address(0xA1), 1e18);
        vm.snapshotGasLastCall("OpenToken", "transfer");
        open.delegate(alice);
        vm.warp(vm.getBlockTimestamp() + 1);
        open.transfer(address(0xA1), 1e18);
        vm.snapshotGasLastCall("OpenToken", "transfer by a delegated account");
        vm.warp(vm.getBlockTimestamp() + 30 days);
        VestingWallet(payable(genesis.buckets()[1].holder)).release(address(open));
        vm.snapshotGasLastCall("Genesis", "release");
    }
}
