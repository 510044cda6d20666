// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AnswerFees} from "../../src/attribution/AnswerFees.sol";
import {RowCodec} from "../../src/attribution/lib/RowCodec.sol";
import {IInfluenceBook} from "../../src/interfaces/IInfluenceBook.sol";
import {PotWorld} from "../support/PotWorld.sol";
import {Tree} from "../support/Tree.sol";

/// @notice Commitments, demands for rows, and origins.
contract InfluenceBookTest is PotWorld {
    address private asker = actor("asker");
    uint64 private second;

    function setUp() public {
        deployPots();
        vm.prank(maker);
        models.publish(model, release(0, refs()));
        second = version + 1;
        vm.deal(maker, 1e18);
        vm.deal(asker, 1e18);
    }

    function demand(uint256 index) private returns (uint256 fee) {
        fee = influences.answerFee();
        vm.prank(asker);
        influences.demandRow{value: fee}(version, index);
    }

    function commit(bytes32 root, uint24 rows) private {
        vm.prank(maker);
        influences.commitInfluence{value: 1e18}(second, "artefact", root, rows, 5, 100);
    }

    function test_OnlyTheOwnerCommitsOnceAndWithinBounds() public {
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.NotModelOwner.selector, second, address(this)));
        influences.commitInfluence(second, "a", "r", 1, 1, 1);
        vm.startPrank(maker);
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.UnknownVersion.selector, second + 1));
        influences.commitInfluence(second + 1, "a", "r", 1, 1, 1);
        vm.expectRevert(IInfluenceBook.FieldMissing.selector);
        influences.commitInfluence(second, 0, "r", 1, 1, 1);
        vm.expectRevert(IInfluenceBook.FieldMissing.selector);
        influences.commitInfluence(second, "a", 0, 1, 1, 1);
        vm.expectRevert(IInfluenceBook.FieldMissing.selector);
        influences.commitInfluence(second, "a", "r", 0, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.TooManyRows.selector, (1 << 20) + 1));
        influences.commitInfluence(second, "a", "r", (1 << 20) + 1, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.RhoTooLarge.selector, 8001));
        influences.commitInfluence(second, "a", "r", 1, 1, 8001);
        uint256 least = 2 * influences.answerFee();
        vm.expectRevert(abi.encodeWithSelector(AnswerFees.FeeTooSmall.selector, least - 1, least));
        influences.commitInfluence{value: least - 1}(second, "a", "r", 1, 1, 8000);
        vm.expectEmit(address(influences));
        emit IInfluenceBook.InfluenceCommitted(second, "a", "r", 1 << 20, 7, 8000, least);
        influences.commitInfluence{value: least}(second, "a", "r", 1 << 20, 7, 8000);
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.AlreadyCommitted.selector, second));
        influences.commitInfluence{value: least}(second, "a", "r", 1, 1, 1);
        IInfluenceBook.Commitment memory made = influences.commitmentOf(second);
        assertEq(made.artefact, "a", "artefact");
        assertEq(made.deposit, least, "deposit");
        assertEq(influences.valuesOf(second).threshold, 7, "threshold");
    }

    function test_ACommitmentIsInForceAfterFiveDays() public {
        commit("r", 1);
        vm.warp(vm.getBlockTimestamp() + 5 days - 1);
        assertEq(influences.rhoOf(second), 0, "not yet");
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(influences.rhoOf(second), 100, "now");
    }

    function test_WhoShowsADemandedRowGetsTheFee() public {
        uint256 fee = demand(4);
        uint256 due = vm.getBlockTimestamp() + 72 hours;
        assertEq(influences.demandOf(version, 4).due, due, "due");
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.DemandOpen.selector, version, 4));
        influences.demandRow{value: fee}(version, 4);
        IInfluenceBook.ShownRow memory other = shownRow(3);
        vm.expectPartialRevert(IInfluenceBook.NotInInfluence.selector);
        influences.answerDemand(version, 4, other);
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.DemandNotOver.selector, due));
        influences.endDemand(version, 4);
        IInfluenceBook.ShownRow memory shown = shownRow(4);
        vm.prank(node);
        influences.answerDemand(version, 4, shown);
        assertEq(influences.nativeCredit(node), fee, "fee");
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.NoDemand.selector, version, 4));
        influences.endDemand(version, 4);
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.NoDemand.selector, version, 4));
        influences.answerDemand(version, 4, shown);
    }

    function test_ARowThatIsNotShownVoidsTheCommitment() public {
        uint256 fee = demand(4);
        demand(5);
        uint256 deposit = influences.commitmentOf(version).deposit;
        vm.warp(vm.getBlockTimestamp() + 72 hours + 1);
        IInfluenceBook.ShownRow memory shown = shownRow(4);
        vm.expectPartialRevert(IInfluenceBook.DemandOver.selector);
        influences.answerDemand(version, 4, shown);
        influences.endDemand(version, 4);
        assertEq(influences.nativeCredit(asker), deposit + fee, "deposit and fee");
        assertTrue(influences.isVoid(version), "void");
        assertEq(influences.rhoOf(version), 0, "no influence from now on");
        influences.endDemand(version, 5);
        assertEq(influences.nativeCredit(asker), deposit + 2 * fee, "the other fee comes back");
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.NoCommitment.selector, version));
        influences.demandRow(version, 1);
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.NoCommitment.selector, version));
        influences.valuesOf(version);
    }

    function test_OnlyPlacesOfTheTreeAreDemandedForTheFee() public {
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.NotInInfluence.selector, rowCount));
        influences.demandRow{value: 1e18}(version, rowCount);
        vm.expectPartialRevert(AnswerFees.FeeTooSmall.selector);
        influences.demandRow(version, 0);
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.NoCommitment.selector, second));
        influences.demandRow(second, 0);
    }

    function test_RowsThatNoDatanetHoldsHaveNoOrigin() public {
        demand(4);
        IInfluenceBook.ShownRow memory shown = shownRow(4);
        // Another lineage, reference, tree of rows, number of rows, place among the shares.
        for (uint256 field; field < 6; ++field) {
            IInfluenceBook.ShownRow memory bad = shownRow(4);
            if (field == 0) bad.origin.parent = 1;
            if (field == 1) bad.origin.refs[0] = oneRef()[0];
            if (field == 2) bad.origin.rowsRoot = "other";
            if (field == 3) bad.origin.path[0] = "other";
            if (field == 4) bad.origin.place ^= 1;
            if (field == 5) bad.origin.sums[0] += 1;
            vm.expectRevert(IInfluenceBook.NoOrigin.selector);
            influences.answerDemand(version, 4, bad);
        }
        influences.answerDemand(version, 4, shown);
    }

    function test_TheSameRowAtTwoPlacesVoidsACommitment() public {
        RowCodec.Row memory again = rows[0];
        again.scale = 99;
        bytes32[] memory leaves = new bytes32[](2);
        leaves[0] = influenceLeaves()[0];
        leaves[1] = keccak256(
            abi.encodePacked(
                bytes1(0x05),
                again.rowLeaf,
                again.cluster,
                again.contributor,
                again.datanet,
                again.version,
                again.scale,
                keccak256(again.vector)
            )
        );
        commit(Tree.root(leaves), 2);
        bytes32[] memory left = Tree.path(leaves, 0);
        bytes32[] memory right = Tree.path(leaves, 1);
        RowCodec.Row memory other = rows[0];
        vm.expectRevert(abi.encodeWithSelector(IInfluenceBook.SamePlace.selector, 0));
        influences.twice(second, 0, other, left, 0, other, left);
        other.rowLeaf = "other";
        vm.expectRevert(IInfluenceBook.OtherRows.selector);
        influences.twice(second, 0, other, left, 1, again, right);
        other.rowLeaf = again.rowLeaf;
        vm.expectPartialRevert(IInfluenceBook.NotInInfluence.selector);
        influences.twice(second, 0, other, right, 1, again, right);
        vm.prank(asker);
        influences.twice(second, 0, rows[0], left, 1, again, right);
        assertEq(influences.nativeCredit(asker), 1e18, "the deposit");
        assertTrue(influences.isVoid(second), "void");
    }

    function test_WeighingOpensWhatIsEncodedAndNothingElse() public {
        bytes memory vector = abi.encodePacked(bytes2(0), vectorOf(77));
        IInfluenceBook.Values memory values = influences.valuesOf(version);
        (uint256 weight, uint256 cluster, address contributor) =
            influences.weigh(version, values, 2, vector, abi.encode(shownRow(2)));
        assertEq(weight, weightOf(vector, 2), "weight");
        assertEq(cluster, rows[2].cluster, "cluster");
        assertEq(contributor, rows[2].contributor, "contributor");
        vm.expectRevert(IInfluenceBook.NotARow.selector);
        influences.weigh(version, values, 2, vector, new bytes(31));
        vm.expectRevert();
        influences.weigh(version, values, 2, vector, new bytes(32));
        vm.expectRevert();
        influences.weigh(version, values, 2, vector, abi.encode(type(uint256).max));
    }
}
