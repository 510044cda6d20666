// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStakedOpen} from "../../src/interfaces/IStakedOpen.sol";
import {StakedOpen} from "../../src/token/StakedOpen.sol";
import {Test} from "../support/Test.sol";

contract StakedOpenTest is Test {
    StakedOpen private staked = StakedOpen(deploy("StakedOpen", ""));
    address private staker = actor("staker");

    function test_TheRegistryMakesAndBurns() public {
        staked.mint(staker, 5);
        staked.burn(staker, 2);
        assertEq(staked.balanceOf(staker), 3, "balance");
        assertEq(staked.totalSupply(), 3, "supply");
    }

    function test_NobodyElseDoes() public {
        staked.mint(staker, 5);
        vm.startPrank(staker);
        vm.expectRevert(abi.encodeWithSelector(IStakedOpen.NotTheRegistry.selector, staker));
        staked.mint(staker, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakedOpen.NotTheRegistry.selector, staker));
        staked.burn(staker, 1);
    }

    function test_ItCannotBeMoved() public {
        staked.mint(staker, 5);
        vm.prank(staker);
        vm.expectRevert(IStakedOpen.NotTransferable.selector);
        staked.transfer(address(this), 1);
        vm.prank(staker);
        staked.approve(address(this), 5);
        vm.expectRevert(IStakedOpen.NotTransferable.selector);
        staked.transferFrom(staker, address(this), 1);
    }

    function test_PastSuppliesAreNotPretended() public {
        staked.mint(staker, 5);
        vm.expectRevert(IStakedOpen.PastSupplyNotKept.selector);
        staked.getPastTotalSupply(0);
    }

    function test_DelegatesOfOneAreDelegatesOfMore() public {
        vm.prank(staker);
        staked.delegate(address(this));
        staked.mint(staker, 5);
        assertEq(staked.getVotes(address(this)), 5, "votes");
        staked.burn(staker, 5);
        assertEq(staked.getVotes(address(this)), 0, "votes");
    }

    function test_ItCarriesVotesByTimestamp() public {
        vm.warp(1000);
        staked.mint(staker, 5);
        vm.prank(staker);
        staked.delegate(staker);
        vm.warp(1010);
        staked.burn(staker, 2);
        assertEq(staked.getPastVotes(staker, 1000), 5, "then");
        assertEq(staked.getVotes(staker), 3, "now");
        assertEq(keccak256(bytes(staked.CLOCK_MODE())), keccak256("mode=timestamp"), "clock mode");
    }
}
