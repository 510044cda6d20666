// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
import {NodeRegistry} from "../../src/registry/NodeRegistry.sol";
import {OpenToken} from "../../src/token/OpenToken.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";
import {Test} from "../support/Test.sol";

/// @notice Five nodes that join and leave in any order; a ghost counts the stakes.
contract NodeHandler is Test {
    NodeRegistry private immutable _nodes;
    OpenToken private immutable _open;
    address[5] public who;
    uint256 public staked;

    constructor(NodeRegistry nodes, OpenToken open, address[5] memory actors) {
        (_nodes, _open, who) = (nodes, open, actors);
    }

    function addStake(uint256 seed, uint256 amount) external {
        address node = who[seed % 5];
        uint96 least = _nodes.nodeOf(node).stake >= 1_000e18 ? 1 : 1_000e18;
        uint256 most = _open.balanceOf(node);
        if (most < least) return;
        amount = bound(amount, least, most);
        staked += amount;
        vm.prank(node);
        _nodes.register(uint96(amount), "peer", 0);
    }

    function requestExit(uint256 seed, uint256 amount) external {
        address node = who[seed % 5];
        uint256 stake = _nodes.nodeOf(node).stake;
        if (stake == 0) return;
        amount = bound(amount, 1, stake);
        if (stake - amount < 1_000e18) amount = stake;
        vm.prank(node);
        _nodes.requestExit(uint96(amount));
    }

    function exit(uint256 seed, uint256 wait) external {
        address node = who[seed % 5];
        if (_nodes.nodeOf(node).exiting == 0) return;
        vm.warp(vm.getBlockTimestamp() + bound(wait, 7 days, 30 days));
        uint256 due = _nodes.nodeOf(node).exiting;
        uint256 before = _open.balanceOf(node);
        vm.prank(node);
        _nodes.exit();
        staked -= due;
        assertEq(_open.balanceOf(node) - before, due, "an exit pays what is leaving");
    }
}

contract NodeRegistryInvariants is OpenDeployed {
    NodeRegistry private nodes;
    NodeHandler private handler;

    function setUp() public {
        deployOpen();
        nodes = NodeRegistry(deploy("NodeRegistry", abi.encode(open, address(manager))));
        string[5] memory names = ["n0", "n1", "n2", "n3", "n4"];
        address[5] memory who;
        for (uint256 i; i < 5; ++i) {
            who[i] = rich(names[i], 20_000e18, address(nodes));
        }
        handler = new NodeHandler(nodes, open, who);
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](3);
        selectors[0] = handler.addStake.selector;
        selectors[1] = handler.requestExit.selector;
        selectors[2] = handler.exit.selector;
        targetSelector(address(handler), selectors);
    }

    /// @dev I7
    function invariant_StakeIsHeldOneForOne() public view {
        uint256 stakes;
        uint256 exiting;
        for (uint256 i; i < 5; ++i) {
            INodeRegistry.Node memory node = nodes.nodeOf(handler.who(i));
            stakes += node.stake;
            exiting += node.exiting;
            assertEq(nodes.staked().balanceOf(handler.who(i)), node.stake, "sOPEN is the stake at work");
        }
        assertEq(stakes + exiting, handler.staked(), "held is what came in less what left");
        assertEq(nodes.staked().totalSupply(), stakes, "supply of sOPEN");
        assertEq(open.balanceOf(address(nodes)), stakes + exiting, "nothing else lies here");
    }
}
