// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryPause} from "../../src/gov/EntryPause.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";

contract EntryPauseTest is MarketDeployed {
    uint256 private start;

    function setUp() public {
        deployMarket();
        start = vm.getBlockTimestamp();
    }

    function open_(uint96 amount) private {
        address payer = rich("payer", amount, address(settlement));
        vm.prank(payer);
        settlement.open(node, actor("session"), amount);
    }

    function tryPause() private {
        vm.prank(guardian);
        settlement.pause();
    }

    function test_APauseEndsByItselfAfterSevenDays() public {
        vm.expectEmit(address(settlement));
        emit EntryPause.EntriesPaused(guardian, start + 7 days);
        tryPause();
        assertTrue(settlement.paused(), "paused");
        assertEq(settlement.pausedUntil(), start + 7 days, "until");
        address payer = rich("payer", 1, address(settlement));
        vm.warp(start + 7 days - 1);
        vm.expectRevert(abi.encodeWithSelector(EntryPause.EntriesArePaused.selector, start + 7 days));
        vm.prank(payer);
        settlement.open(node, actor("session"), 1);
        vm.warp(start + 7 days);
        assertTrue(!settlement.paused(), "over");
        vm.prank(payer);
        settlement.open(node, actor("session"), 1);
    }

    function test_TheNextPauseIsThirtyDaysAfterTheLastOneBegan() public {
        tryPause();
        assertEq(settlement.nextPause(), start + 30 days, "next");
        // Not lengthened, and not at once after governance ended it.
        vm.expectRevert(abi.encodeWithSelector(EntryPause.PauseNotAllowed.selector, start + 30 days));
        tryPause();
        vm.expectEmit(address(settlement));
        emit EntryPause.EntriesOpened(council);
        vm.prank(council);
        settlement.unpause();
        assertTrue(!settlement.paused(), "ended");
        open_(1);
        vm.warp(start + 30 days - 1);
        vm.expectRevert(abi.encodeWithSelector(EntryPause.PauseNotAllowed.selector, start + 30 days));
        tryPause();
        vm.warp(start + 30 days);
        tryPause();
        assertTrue(settlement.paused(), "again");
    }

    function test_AfterTwoYearsThereIsNoPause() public {
        assertEq(settlement.pauseEnd(), start + 730 days, "end");
        vm.warp(start + 730 days);
        vm.expectPartialRevert(EntryPause.PauseNotAllowed.selector);
        tryPause();
        vm.warp(start + 730 days - 1);
        tryPause();
    }
}
