// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayoutList} from "../../src/attribution/lib/PayoutList.sol";
import {PotCodec} from "../../src/attribution/lib/PotCodec.sol";
import {DatanetRef, DatanetRefs} from "../../src/interfaces/DatanetRef.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {PotWorld} from "../support/PotWorld.sol";
import {SumTree} from "../support/SumTree.sol";
import {Tree} from "../support/Tree.sol";

/// @notice Sealed pots, flat money, and who may call what. The test is the court of the pots it seals.
contract AttributionLedgerTest is PotWorld {
    using SumTree for SumTree.Tree;

    bytes32 private lineage;

    function setUp() public {
        deployPots();
        lineage = models.lineageOf(model, 1);
        vm.prank(council);
        ledger.announceCourt(address(this));
        vm.warp(vm.getBlockTimestamp() + 30 days);
        uint256[] memory counts = new uint256[](1);
        counts[0] = 4;
        redeemCalls(3, counts);
    }

    function invoke(uint96 amount) private {
        address who = rich("caller", amount, address(settlement));
        vm.prank(who);
        settlement.invoke(uint32(model), 1, node, amount, "call");
    }

    function holderOf(uint256 i) private view returns (IAttributionLedger.Holder memory) {
        bytes32[] memory own = rowsOf(i);
        SumTree.Path memory path = shares().path(i);
        return IAttributionLedger.Holder(holder(i), Tree.root(own), uint48(own.length), i, path.siblings, path.sums);
    }

    function test_APotIsCutFromWhatWasRedeemedAndSealed() public {
        uint256 gross = redemptions[0][0].amount;
        uint256 rest = gross - gross * 300 / 10_000;
        uint256 data = rest * 2000 / 10_000;
        uint256 pool = data * 8000 / 10_000;
        assertEq(uint96(records[0].terms), pool, "pool");
        assertEq(uint96(records[0].terms >> 96), pool / 50, "keep");
        assertEq(uint40(records[0].terms >> 192), vm.getBlockTimestamp(), "time");
        assertEq(records[0].terms >> 232, 1, "lines");
        assertEq(records[0].gross, gross, "gross");
        assertEq(settlement.flat(lineage), data - pool, "flat");
        assertEq(settlement.owed(), data + pool / 50, "owed");
        sealPot();
        assertEq(open.balanceOf(address(ledger)), data + pool / 50, "handed over");
        assertEq(settlement.pots(node, version), 0, "the next begins empty");
        IAttributionLedger.Pot memory pot = ledger.potOf(potId);
        assertEq(pot.node, node, "node");
        assertEq(pot.version, version, "version");
        assertEq(pot.court, address(this), "court");
        assertEq(ledger.potCount(), 1, "count");
    }

    function test_SealingIsTheNodesUntilSevenDaysAreOver() public {
        uint256 due = vm.getBlockTimestamp() + 7 days;
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SealNotDue.selector, due));
        settlement.seal(node, version);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NoPot.selector, maker, version));
        settlement.seal(maker, version);
        vm.warp(due);
        settlement.seal(node, version);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotSettlement.selector, address(this)));
        ledger.take(node, version, "pot");
    }

    function test_ANodeCannotPutOffASealByRedeemingInFrontOfIt() public {
        vm.warp(vm.getBlockTimestamp() + 7 days);
        uint256[] memory counts = new uint256[](1);
        counts[0] = 1;
        redeemCalls(4, counts);
        settlement.seal(node, version);
        assertEq(PotCodec.recordsOf(ledger.potOf(1).word), 2, "with what was redeemed in front of it");
    }

    function test_ARelayerSeals() public {
        address relayer = actor("relayer");
        vm.prank(node);
        settlement.setRelayer(relayer, true);
        vm.prank(relayer);
        assertEq(settlement.seal(node, version), 1, "id");
    }

    function test_AFullPotIsSealedByTheNextRedemption() public {
        uint256[] memory counts = new uint256[](1);
        counts[0] = 1;
        for (uint256 i = 1; i < 256; ++i) {
            redeemCalls(i, counts);
        }
        assertEq(PotCodec.recordsOf(settlement.pots(node, version)), 256, "full");
        redeemCalls(256, counts);
        assertEq(ledger.potCount(), 1, "sealed");
        assertEq(PotCodec.recordsOf(settlement.pots(node, version)), 1, "the next");
    }

    function test_BeforeACommitmentIsInForceAllIsFlat() public {
        vm.prank(maker);
        uint256 young = models.register(1, CC0, terms(7000, 2000, 1000), 0, 0, release(0, refs()));
        vm.deal(maker, 1e18);
        vm.prank(maker);
        influences.commitInfluence{value: 1e18}(firstOf(young), "a", "root", 1, 1, 8000);
        redeem(voucher(payerKey, payer, base, young, 1e18, 1));
        assertEq(settlement.pots(node, firstOf(young)), 0, "no pot in the days of notice");
        vm.warp(vm.getBlockTimestamp() + 5 days);
        redeem(voucher(payerKey, payer, base + 1e18, young, 1e18, 1));
        assertTrue(settlement.pots(node, firstOf(young)) != 0, "then there is one");
    }

    function test_FinalPaysListProposerAndFinaliserAndTheRestIsFlat() public {
        sealPot();
        uint256[] memory list = listOf(true);
        IAttributionLedger.Draft memory draft = ledger.draft(potId, records, list);
        (address proposer, address finaliser) = (actor("proposer"), actor("finaliser"));
        ledger.finalize(potId, draft, proposer, finaliser);
        uint256 wage = uint256(draft.keep) * 4 * draft.total / (5 * uint256(draft.pool));
        assertEq(open.balanceOf(proposer), wage, "proposer");
        assertEq(open.balanceOf(finaliser), draft.keep / 5, "finaliser");
        uint256 rest = uint256(draft.pool) - draft.total + draft.keep - wage - draft.keep / 5;
        assertEq(ledger.flat(lineage), rest, "rest");
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotSealed.selector, potId));
        ledger.finalize(potId, draft, proposer, finaliser);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotSealed.selector, potId));
        ledger.draft(potId, records, list);
    }

    function test_ACourtSaysYesOnlyToWhatTheLedgerComputed() public {
        sealPot();
        uint256[] memory list = listOf(true);
        IAttributionLedger.Draft memory draft = ledger.draft(potId, records, list);
        draft.total -= 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.OtherDraft.selector, potId));
        ledger.finalize(potId, draft, address(this), address(this));
        vm.startPrank(maker);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotCourt.selector, maker));
        ledger.draft(potId, records, list);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotCourt.selector, maker));
        ledger.finalize(potId, draft, maker, maker);
    }

    function test_APlaceInAListIsPaidOnceToItsAccount() public {
        sealPot();
        uint256[] memory list = listOf(true);
        ledger.finalize(potId, ledger.draft(potId, records, list), actor("a"), actor("b"));
        bytes32[] memory leaves = new bytes32[](list.length);
        for (uint256 i; i < list.length; ++i) {
            leaves[i] = PayoutList.leaf(list[i]);
        }
        IAttributionLedger.Claim[] memory claims = new IAttributionLedger.Claim[](1);
        claims[0] = IAttributionLedger.Claim(potId, 0, uint96(list[0]), Tree.path(leaves, 0));
        address who = PayoutList.accountOf(list[0]);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotInList.selector, potId, maker));
        ledger.claimMany(maker, claims);
        claims[0].amount += 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotInList.selector, potId, who));
        ledger.claimMany(who, claims);
        claims[0].amount -= 1;
        claims[0].id = potId + 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotInList.selector, potId + 1, who));
        ledger.claimMany(who, claims);
        claims[0].id = potId;
        ledger.claimMany(who, claims);
        assertTrue(ledger.isClaimed(potId, who), "claimed");
        assertEq(open.balanceOf(who), uint96(list[0]), "paid");
    }

    function test_FlatMoneyGoesToOwnersAndHoldersByTheirRows() public {
        invoke(1e18);
        uint256 flat = settlement.flat(lineage);
        ledger.spread(0, refs());
        uint256 curators = flat * 500 / 10_000;
        assertEq(ledger.credit(curator), curators, "curatorBps to the owner of the Datanet");
        assertEq(ledger.income(datanet, 2), flat - curators, "the rest is the version's");
        uint256 paid;
        for (uint256 i; i < HOLDERS; ++i) {
            ledger.claimFlat(datanet, 2, holderOf(i));
            assertEq(open.balanceOf(holder(i)), (flat - curators) * rowsOf(i).length / rowCount, "by rows");
            paid += open.balanceOf(holder(i));
        }
        assertLe(paid, flat - curators, "within the income");
        IAttributionLedger.Holder memory again = holderOf(0);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NothingToClaim.selector, holder(0)));
        ledger.claimFlat(datanet, 2, again);
        again.rows += 1;
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NotAHolder.selector, holder(0)));
        ledger.claimFlat(datanet, 2, again);
        assertEq(ledger.withdraw(curator), curators, "pulled");
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NothingToWithdraw.selector, curator));
        ledger.withdraw(curator);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NothingToSpread.selector, lineage));
        this.spreadTwice();
        // More income: the difference is paid.
        invoke(1e18);
        ledger.spread(0, refs());
        ledger.claimFlat(datanet, 2, holderOf(0));
    }

    function spreadTwice() external {
        ledger.spread(0, refs());
        ledger.spread(0, refs());
    }

    function test_AParentsLineageGetsATenthAndAllOfAChildWithoutReferences() public {
        uint96 parent = uint96(version);
        vm.startPrank(maker);
        uint256 child = models.register(1, CC0, terms(7000, 2000, 1000), 0, 0, release(parent, refs()));
        uint256 bare = models.register(1, CC0, terms(7000, 2000, 1000), 0, 0, release(parent, new DatanetRef[](0)));
        vm.stopPrank();
        address who = rich("caller", 2e18, address(settlement));
        vm.startPrank(who);
        settlement.invoke(uint32(child), 1, node, 1e18, "call");
        settlement.invoke(uint32(bare), 1, node, 1e18, "call");
        vm.stopPrank();
        ledger.spread(parent, refs());
        assertEq(ledger.flat(lineage), 194e14, "a tenth");
        ledger.spread(parent, new DatanetRef[](0));
        assertEq(ledger.flat(lineage), 194e14 + 194e15, "all");
        assertEq(ledger.flat(models.lineageOf(bare, 1)), 0, "nothing is left");
    }

    function test_AParentWithoutLineagePaysItsDeveloper() public {
        vm.startPrank(maker);
        uint256 first = models.register(1, CC0, terms(10_000, 0, 0), 0, 0, release(0, new DatanetRef[](0)));
        uint256 child = models.register(1, CC0, terms(7000, 2000, 1000), 0, 0, release(uint96(firstOf(first)), refs()));
        vm.stopPrank();
        address who = rich("caller", 1e18, address(settlement));
        vm.prank(who);
        settlement.invoke(uint32(child), 1, node, 1e18, "call");
        ledger.spread(uint96(firstOf(first)), refs());
        assertEq(ledger.credit(maker), 194e14, "a tenth");
    }

    /// @notice A tenth of a tenth goes on, one generation a call, and nothing is lost on the way.
    function testFuzz_RoyaltiesGoUpFourGenerationsToTheWei(uint96 amount) public {
        amount = uint96(bound(amount, 10_000, 1e24));
        uint64[5] memory line;
        vm.startPrank(maker);
        line[0] = firstOf(models.register(1, CC0, terms(10_000, 0, 0), 0, 0, release(0, new DatanetRef[](0))));
        for (uint256 i = 1; i < 5; ++i) {
            line[i] =
                firstOf(models.register(1, CC0, terms(7000, 2000, 1000), 0, 0, release(uint96(line[i - 1]), refs())));
        }
        vm.stopPrank();
        give(address(this), amount);
        open.approve(address(ledger), amount);
        ledger.giveFlat(line[4], amount);
        uint256 due = amount;
        for (uint256 i = 4; i > 0; --i) {
            uint256 before = ledger.income(datanet, 2) + ledger.credit(curator);
            ledger.spread(uint96(line[i - 1]), refs());
            uint256 up = due / 10;
            assertEq(ledger.income(datanet, 2) + ledger.credit(curator) - before, due - up, "its own sources");
            due = up;
        }
        assertEq(ledger.credit(maker), due, "the first of the line has no sources");
    }

    function test_TheDustOfASpreadStays() public {
        vm.startPrank(curator);
        uint256 second = datanets.create("meta", CC0, 0, true, 0, new bytes32[](0));
        datanets.publish(second, "manifest", "rows", "shares", 1, 0, 0);
        vm.stopPrank();
        DatanetRef[] memory two = new DatanetRef[](2);
        (two[0], two[1]) = (refs()[0], DatanetRefs.pack(uint64(second), 1, 2));
        vm.prank(maker);
        uint256 id = models.register(1, CC0, terms(7000, 2000, 1000), 0, 0, release(0, two));
        give(address(this), 100);
        open.approve(address(ledger), 100);
        ledger.giveFlat(firstOf(id), 100);
        ledger.spread(0, two);
        assertEq(ledger.income(datanet, 2), 32, "a third, less the curator's part");
        assertEq(ledger.income(second, 1), 66, "two thirds");
        assertEq(ledger.flat(models.lineageOf(id, 1)), 1, "dust");
    }

    function test_FlatMoneyIsGivenToALineageOnly() public {
        vm.prank(maker);
        uint256 bare = models.register(1, CC0, terms(10_000, 0, 0), 0, 0, release(0, new DatanetRef[](0)));
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NoLineage.selector, firstOf(bare)));
        ledger.giveFlat(firstOf(bare), 0);
        vm.expectRevert(abi.encodeWithSelector(IAttributionLedger.NoLineage.selector, uint64(9)));
        ledger.giveFlat(9, 0);
    }

    function test_ThePartOfAnAccountThatCannotReceiveGoesToTheDatanetsOwner() public {
        bytes32[] memory contents = new bytes32[](1);
        uint256[] memory counts = new uint256[](1);
        (contents[0], counts[0]) = (keccak256(abi.encodePacked(bytes1(0x07), address(ledger), bytes32("r"))), 1);
        vm.prank(curator);
        datanets.publish(datanet, "manifest 3", "rows 3", SumTree.build(contents, counts).root(), 1, 2, 0);
        DatanetRef[] memory third = new DatanetRef[](1);
        third[0] = DatanetRefs.pack(uint64(datanet), 3, 1);
        vm.prank(maker);
        uint256 id = models.register(1, CC0, terms(7000, 2000, 1000), 0, 0, release(0, third));
        give(address(this), 1000);
        open.approve(address(ledger), 1000);
        ledger.giveFlat(firstOf(id), 1000);
        ledger.spread(0, third);
        uint256 had = open.balanceOf(curator);
        ledger.claimFlat(
            datanet, 3, IAttributionLedger.Holder(address(ledger), "r", 1, 0, new bytes32[](0), new uint128[](0))
        );
        assertEq(open.balanceOf(curator) - had, 950, "to the owner");
    }

    function test_ACourtIsAnnouncedThirtyDaysAheadAndJudgesOnlyLaterPots() public {
        address next = actor("next court");
        expectUnauthorized(address(this));
        ledger.announceCourt(next);
        vm.startPrank(council);
        vm.expectRevert(IAttributionLedger.ZeroAddress.selector);
        ledger.announceCourt(address(0));
        ledger.announceCourt(next);
        vm.stopPrank();
        sealPot();
        assertEq(ledger.potOf(potId).court, address(this), "the court of the time of sealing");
        vm.warp(vm.getBlockTimestamp() + 30 days);
        assertEq(ledger.court(), next, "by time alone");
        delete records;
        delete redemptions;
        uint256[] memory counts = new uint256[](1);
        counts[0] = 1;
        redeemCalls(5, counts);
        sealPot();
        assertEq(ledger.potOf(potId).court, next, "judges later pots");
        assertEq(ledger.potOf(1).court, address(this), "and no earlier one");
    }

    function test_WiredOnce() public {
        vm.expectRevert(IAttributionLedger.AlreadyWired.selector);
        ledger.wire(address(1), address(2));
        expectUnauthorized(maker);
        vm.prank(maker);
        ledger.wire(address(1), address(2));
    }
}
