// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallRule} from "../../src/attribution/lib/CallRule.sol";
import {PayoutList} from "../../src/attribution/lib/PayoutList.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {IInfluenceBook} from "../../src/interfaces/IInfluenceBook.sol";
import {GameWorld} from "../support/GameWorld.sol";
import {SumTree} from "../support/SumTree.sol";
import {Tree} from "../support/Tree.sol";

/// @notice What each step of a pot costs, as deployed. Fees and bonds are approved before; the accounts are new.
contract AttributionGas is GameWorld {
    using SumTree for SumTree.Tree;

    string private constant GROUP = "Attribution";

    function setUp() public {
        deployPots();
    }

    function redeemSmall(uint256 count) private {
        uint256[] memory counts = new uint256[](1);
        counts[0] = 1;
        for (uint256 i; i < count; ++i) {
            redeemCalls(1000 + i, counts);
        }
    }

    function many(uint256 count) private view returns (uint256[] memory list) {
        list = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = PayoutList.pack(address(uint160(0x2000 + i)), uint96(poolOfPot / count));
        }
    }

    function proposeMany(uint256 count, string memory name) private {
        sealPot();
        uint256[] memory list = many(count);
        words = list;
        uint256 bond = poolOfPot + poolOfPot / 4;
        uint256 fee = 2 * court.answerFee();
        give(node, bond);
        vm.deal(node, node.balance + fee);
        vm.startPrank(node);
        open.approve(address(court), bond);
        vm.recordLogs();
        court.propose{value: fee}(potId, records, list, "receipts");
        vm.snapshotGasLastCall(GROUP, name);
        vm.stopPrank();
        readProposal();
    }

    function test_Seal() public {
        redeemSmall(24);
        vm.prank(node);
        settlement.seal(node, version);
        vm.snapshotGasLastCall(GROUP, "seal");
    }

    function test_Propose200() public {
        redeemSmall(24);
        proposeMany(200, "propose 24 redemptions, 200 accounts");
        vm.warp(vm.getBlockTimestamp() + 48 hours);
        vm.prank(actor("finaliser"));
        court.finalize(meta);
        vm.snapshotGasLastCall(GROUP, "finalize");
    }

    function test_Propose1000() public {
        redeemSmall(24);
        proposeMany(1000, "propose 24 redemptions, 1,000 accounts");
    }

    function test_ClaimTenPots() public {
        IAttributionLedger.Claim[] memory ten = new IAttributionLedger.Claim[](10);
        address who = address(uint160(0x2000 + 77));
        for (uint256 i; i < 10; ++i) {
            redeemSmall(1);
            proposeMany(200, "propose 1 redemption, 200 accounts");
            vm.warp(vm.getBlockTimestamp() + 48 hours);
            court.finalize(meta);
            ten[i] = IAttributionLedger.Claim(potId, 77, uint96(words[77]), placeOf(who).path);
            delete records;
            delete redemptions;
            potId = 0;
        }
        uint256 state = vm.snapshotState();
        ledger.claimMany(who, ten);
        vm.snapshotGasLastCall(GROUP, "claim ten pots, first ever");
        vm.revertToState(state);
        IAttributionLedger.Claim[] memory one_ = new IAttributionLedger.Claim[](1);
        one_[0] = ten[0];
        ledger.claimMany(who, one_);
        assertLe(vm.snapshotGasLastCall(GROUP, "claim one pot, first ever"), 103_000, "claim first");
        one_[0] = ten[1];
        ledger.claimMany(who, one_);
        vm.snapshotGasLastCall(GROUP, "claim one pot, later");
    }

    /// @dev One redemption of 100 lines, the first of 100 calls, among 24; the call that is opened has 64 entries.
    function test_AGame() public {
        uint256[] memory counts = new uint256[](100);
        for (uint256 i; i < 100; ++i) {
            counts[i] = i == 0 ? 100 : 1;
        }
        redeemCalls(1, counts);
        redeemSmall(23);
        uint256 call = fullCall();
        sealPot();
        address who = CallRule.accountOf(redemptions[0][0].paid[call].claimed[0]);
        propose(listOf(false));
        uint256 fee = court.answerFee();
        give(challenger, stake());
        vm.deal(challenger, fee);
        IAttributionCourt.Place memory place = placeOf(who);
        vm.startPrank(challenger);
        open.approve(address(court), stake());
        vm.recordLogs();
        game = court.challenge{value: fee}(meta, who, place);
        vm.snapshotGasLastCall(GROUP, "challenge");
        vm.stopPrank();
        follow();
        measured("answer 24 redemptions");
        pick(0);
        vm.snapshotGasLastCall(GROUP, "pick of 24");
        measured("answer 100 lines");
        pick(0);
        vm.snapshotGasLastCall(GROUP, "pick of 100");
        measured("answer 100 calls");
        pick(call);
        measured("open a call of 64 entries");
        uint256 state = vm.snapshotState();
        pickEntry(0);
        vm.snapshotGasLastCall(GROUP, "pick an entry");
        measured("show an entry");
        vm.revertToState(state);
        // The made up entries are all lighter than the second heaviest row.
        omit(CallRule.rowOf(redemptions[0][0].paid[call].truth[1]));
        vm.snapshotGasLastCall(GROUP, "show an omitted row");
        court.collect(move());
        vm.snapshotGasLastCall(GROUP, "collect");
    }

    function measured(string memory name) private {
        answer();
        vm.snapshotGasLastCall(GROUP, name);
    }

    /// @dev Fills a call's entries up to 64 with entries behind its heaviest one, which is true.
    function fullCall() private returns (uint256 call) {
        Paid[] storage all = redemptions[0][0].paid;
        while (all[call].truth.length < 2) ++call;
        uint256[] memory full = new uint256[](64);
        full[0] = all[call].truth[0];
        for (uint256 i = 1; i < 64; ++i) {
            full[i] = CallRule.pack(holder(i % HOLDERS), i, 200 + i, 1);
        }
        all[call].claimed = full;
    }

    function test_FlatMoneyAndDemands() public {
        redeemSmall(1);
        ledger.spread(0, refs());
        vm.snapshotGasLastCall(GROUP, "spread, first ever");
        bytes32[] memory own = rowsOf(1);
        SumTree.Path memory path = shares().path(1);
        IAttributionLedger.Holder memory given =
            IAttributionLedger.Holder(holder(1), Tree.root(own), uint48(own.length), 1, path.siblings, path.sums);
        ledger.claimFlat(datanet, 2, given);
        vm.snapshotGasLastCall(GROUP, "claimFlat, first ever");
        uint256 fee = influences.answerFee();
        vm.deal(address(this), fee);
        influences.demandRow{value: fee}(version, 3);
        vm.snapshotGasLastCall(GROUP, "demand a row");
        IInfluenceBook.ShownRow memory shown = shownRow(3);
        vm.prank(actor("shower"));
        influences.answerDemand(version, 3, shown);
        vm.snapshotGasLastCall(GROUP, "answer a demand");
    }
}
