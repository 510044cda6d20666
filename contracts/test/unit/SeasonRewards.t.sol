// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Roles} from "../../src/gov/Roles.sol";
import {ISeasonRewards} from "../../src/interfaces/ISeasonRewards.sol";
import {SeasonRewards} from "../../src/points/SeasonRewards.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";
import {SumTree} from "../support/SumTree.sol";

contract SeasonRewardsTest is OpenDeployed {
    using SumTree for SumTree.Tree;

    SeasonRewards private rewards;
    SumTree.Tree private tree;

    function setUp() public {
        deployOpen();
        rewards = SeasonRewards(deploy("SeasonRewards", abi.encode(open, address(manager))));
        restrict(address(rewards), rewards.publish.selector, Roles.PARAM);
        bytes32[] memory contents = new bytes32[](3);
        uint256[] memory amounts = new uint256[](3);
        for (uint256 i; i < 3; ++i) {
            contents[i] = bytes32(uint256(uint160(who(i))));
            amounts[i] = (i + 1) * 100e18;
        }
        tree = SumTree.build(contents, amounts);
    }

    function who(uint256 i) private pure returns (address) {
        return address(uint160(0xB000 + i));
    }

    function publish(uint256 season, uint256 total) private {
        bytes32 root = tree.root();
        vm.prank(council);
        rewards.publish(season, root, total);
    }

    function claim(uint256 season, uint256 i, uint128 amount) private {
        SumTree.Path memory p = tree.path(i);
        rewards.claim(season, who(i), amount, p.index, p.siblings, p.sums);
    }

    function test_EveryoneIsPaidOncePerSeason() public {
        give(address(rewards), 1_200e18);
        vm.expectEmit(address(rewards));
        emit ISeasonRewards.SeasonPublished(1, tree.root(), 600e18);
        publish(1, 600e18);
        for (uint128 i; i < 3; ++i) {
            vm.expectEmit(address(rewards));
            emit ISeasonRewards.Claimed(1, who(i), (i + 1) * 100e18);
            claim(1, i, (i + 1) * 100e18);
            assertEq(open.balanceOf(who(i)), (i + 1) * 100e18, "paid");
            vm.expectRevert(abi.encodeWithSelector(ISeasonRewards.AlreadyClaimed.selector, 1, who(i)));
            claim(1, i, (i + 1) * 100e18);
        }
        assertEq(rewards.owed(), 0, "nothing owed");
        publish(2, 600e18);
        claim(2, 0, 100e18);
        assertEq(open.balanceOf(who(0)), 200e18, "both seasons");
    }

    function test_FalseClaimsAreRefused() public {
        give(address(rewards), 600e18);
        publish(1, 600e18);
        vm.expectRevert(abi.encodeWithSelector(ISeasonRewards.NotInTheTree.selector, 1, who(0)));
        claim(1, 0, 101e18);
        vm.expectRevert(abi.encodeWithSelector(ISeasonRewards.NotInTheTree.selector, 2, who(0)));
        claim(2, 0, 100e18);
    }

    function test_APromiseIsFunded() public {
        give(address(rewards), 1_200e18 - 1);
        publish(1, 600e18);
        vm.expectRevert(abi.encodeWithSelector(ISeasonRewards.NotFunded.selector, 1_200e18, 1_200e18 - 1));
        publish(2, 600e18);
        claim(1, 2, 300e18);
        give(address(rewards), 1);
        publish(2, 600e18);
        assertEq(rewards.owed(), 900e18, "owed");
    }

    function test_APromiseStands() public {
        give(address(rewards), 1_200e18);
        publish(1, 600e18);
        vm.expectRevert(abi.encodeWithSelector(ISeasonRewards.AlreadyPublished.selector, 1));
        publish(1, 600e18);
        vm.expectRevert(ISeasonRewards.RootZero.selector);
        vm.prank(council);
        rewards.publish(2, 0, 1);
        expectUnauthorized(bank);
        vm.prank(bank);
        rewards.publish(2, "root", 1);
        manager.setTargetClosed(address(rewards), true);
        claim(1, 0, 100e18);
    }
}
