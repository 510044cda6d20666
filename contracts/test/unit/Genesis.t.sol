// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGenesis} from "../../src/interfaces/IGenesis.sol";
import {Genesis} from "../../src/token/Genesis.sol";
import {OpenToken} from "../../src/token/OpenToken.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";
import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

contract SmallToken is ERC20("Small", "SML") {
    constructor(address to) {
        _mint(to, 1e18);
    }
}

contract GenesisTest is OpenDeployed {
    uint256 private constant MONTH = 365 days / 12;

    function setUp() public {
        deployOpen();
    }

    function test_BucketsAreTheSharesOfThePlanAndAddUp() public view {
        IGenesis.Bucket[6] memory table = genesis.buckets();
        uint256 sum;
        for (uint256 i; i < table.length; ++i) {
            sum += table[i].amount;
            assertEq(open.balanceOf(table[i].holder) >= table[i].amount ? 1 : 0, 1, "holder holds its bucket");
        }
        assertEq(sum, 1e27, "sum");
        assertEq(open.balanceOf(address(genesis)), 0, "nothing stays");
        assertEq(table[0].amount + table[1].amount, 5171 * 1e23, "community 51.71 %");
        assertEq(table[0].amount, (table[0].amount + table[1].amount) / 20, "5 % of it liquid");
        assertEq(table[2].amount, 1829 * 1e23, "investors 18.29 %");
        assertEq(table[3].amount, 1500 * 1e23, "team 15 %");
        assertEq(table[4].amount, 500 * 1e23, "liquidity 5 %");
        assertEq(table[5].amount, 1000 * 1e23, "ecosystem 10 %");
    }

    function test_PartiesAndSchedules() public {
        IGenesis.Bucket[6] memory table = genesis.buckets();
        address[6] memory to = [treasury, treasury, actor("investors"), actor("team"), bank, treasury];
        uint256[6] memory months = [uint256(0), 48, 36, 36, 0, 48];
        for (uint256 i; i < 6; ++i) {
            uint256 wait = i == 2 || i == 3 ? 12 * MONTH : 0;
            assertEq(table[i].beneficiary, to[i], "beneficiary");
            assertEq(table[i].start, 1_800_000_000 + wait, "start");
            assertEq(table[i].duration, months[i] * MONTH, "duration");
            if (months[i] == 0) assertEq(table[i].holder, to[i], "a liquid bucket lies with its beneficiary");
            else assertEq(VestingWallet(payable(table[i].holder)).owner(), to[i], "owner of the wallet");
        }
    }

    function testFuzz_VestsLinearlyAfterItsStart(uint256 bucket, uint256 elapsed) public {
        bucket = bound(bucket, 0, 5);
        elapsed = bound(elapsed, 0, 60 * MONTH);
        IGenesis.Bucket memory line = genesis.buckets()[bucket];
        vm.warp(1_800_000_000 + elapsed);
        (uint256 held, uint256 releasable, uint256 released) = genesis.vesting(bucket, open);
        if (line.duration == 0) {
            assertEq(held + releasable + released, 0, "liquid");
            return;
        }
        uint256 since = vm.getBlockTimestamp() > line.start ? vm.getBlockTimestamp() - line.start : 0;
        uint256 expected = since >= line.duration ? line.amount : line.amount * since / line.duration;
        assertEq(releasable, expected, "releasable");
        uint256 before = open.balanceOf(line.beneficiary);
        VestingWallet(payable(line.holder)).release(address(open));
        assertEq(open.balanceOf(line.beneficiary) - before, expected, "paid");
        (held, releasable, released) = genesis.vesting(bucket, open);
        assertEq(held, line.amount - expected, "held");
        assertEq(releasable, 0, "nothing twice");
        assertEq(released, expected, "released");
    }

    function test_DistributesOnceAndOnlyAWholeSupply() public {
        vm.expectRevert(abi.encodeWithSelector(IGenesis.NotTheWholeSupply.selector, 0, 1e27));
        genesis.distribute(IERC20(address(open)));
        // One wei sent back does not allow a second distribution.
        vm.prank(bank);
        open.transfer(address(genesis), 1);
        vm.expectRevert(abi.encodeWithSelector(IGenesis.NotTheWholeSupply.selector, 1, 1e27));
        genesis.distribute(IERC20(address(open)));
        SmallToken small = new SmallToken(address(genesis));
        vm.expectRevert(abi.encodeWithSelector(IGenesis.NotTheWholeSupply.selector, 1e18, 1e18));
        genesis.distribute(small);
    }

    function test_AnnouncesEveryBucket() public {
        Genesis fresh = Genesis(deploy("Genesis", abi.encode(IGenesis.Parties(treasury, bank, guardian, council))));
        OpenToken token = OpenToken(deploy("OpenToken", abi.encode(address(fresh))));
        IGenesis.Bucket[6] memory table = fresh.buckets();
        for (uint256 i; i < 6; ++i) {
            vm.expectEmit(address(fresh));
            emit IGenesis.Allocated(token, table[i].id, table[i].holder, table[i].amount);
        }
        fresh.distribute(token);
    }

    function test_RefusesAPartyOfZero() public {
        vm.expectRevert(IGenesis.NoParty.selector);
        new Genesis(IGenesis.Parties(treasury, bank, guardian, address(0)));
        for (uint256 i; i < 3; ++i) {
            IGenesis.Parties memory parties = IGenesis.Parties(treasury, bank, guardian, council);
            if (i == 0) parties.treasury = address(0);
            if (i == 1) parties.investors = address(0);
            if (i == 2) parties.team = address(0);
            vm.expectRevert(abi.encodeWithSignature("OwnableInvalidOwner(address)", address(0)));
            new Genesis(parties);
        }
    }
}
