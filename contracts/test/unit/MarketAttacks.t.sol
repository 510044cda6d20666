// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {DatanetRef, DatanetRefs} from "../../src/interfaces/DatanetRef.sol";
import {IDatanetRegistry} from "../../src/interfaces/IDatanetRegistry.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IPayTo} from "../../src/interfaces/IPayTo.sol";
import {IQuestBoard} from "../../src/interfaces/IQuestBoard.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IWorkRewards} from "../../src/interfaces/IWorkRewards.sol";
import {NodeWorked} from "../../src/points/NodeWorked.sol";
import {QuestBoard} from "../../src/points/QuestBoard.sol";
import {WorkRewards} from "../../src/points/WorkRewards.sol";
import {PayTo} from "../../src/settle/PayTo.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {Typed} from "../support/Typed.sol";

/// @notice What was tried against registries, payments and rewards, and fails.
contract MarketAttacksTest is MarketDeployed {
    function setUp() public {
        deployMarket();
    }

    function test_TermsCannotBeKeptBackAndAppliedInFrontOfARedeem() public {
        uint256 id = registerModel(CC0, terms(1000, 1000, 8000));
        (address payer,, uint256 key) = channel("payer", 100e18);
        vm.prank(maker);
        models.announceTerms(id, terms(9000, 1000, 0));
        uint256 due = vm.getBlockTimestamp() + 3 days;
        // The node works until the terms are due, and redeems in the last second before.
        vm.warp(due - 1);
        redeem(voucher(key, payer, 0, id, 50e18, 100));
        assertEq(settlement.credit(node), 388e17, "by the terms that it worked under");
        // From then on everyone reads the new ones, without a transaction of the owner.
        vm.warp(due);
        assertEq(models.termsOf(id).nodeBps, 0, "in force by time alone");
        assertEq(models.announcedTermsOf(id).effectiveAt, 0, "nothing is left to be applied");
        (IModelRegistry.Terms memory booked,) = models.bookOf(id, 1);
        assertEq(booked.nodeBps, 0, "the Settlement reads the same");
    }

    function test_ASoldDatanetIsNotCuratedByTheSeller() public {
        address second = actor("seller's other account");
        address buyer = actor("buyer");
        vm.startPrank(curator);
        datanets.setCurator(datanet, second, true);
        datanets.transferFrom(curator, buyer, datanet);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotCurator.selector, datanet, second));
        vm.prank(second);
        datanets.publish(datanet, "poison", "rows", "shares", 1, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotCurator.selector, datanet, second));
        vm.prank(second);
        datanets.judgeBatch(datanet, second, "root", 1, 0);
    }

    /// @dev The curators' part of flat money goes to the owner at the time it is spread.
    function test_ASoldDatanetPaysTheBuyersCurators() public {
        address buyer = actor("buyer");
        vm.prank(curator);
        datanets.transferFrom(curator, buyer, datanet);
        pay(model, 1e18);
        ledger.spread(0, oneRef());
        assertEq(ledger.credit(buyer), uint256(194e15) * 500 / 10_000, "5 % of the contributors' part");
        assertEq(ledger.credit(curator), 0, "the seller");
    }

    function test_ASoldModelDoesNotPayTheSeller() public {
        address buyer = actor("buyer");
        vm.startPrank(maker);
        models.announceTerms(model, terms(9000, 1000, 0));
        models.transferFrom(maker, buyer, model);
        vm.stopPrank();
        vm.warp(vm.getBlockTimestamp() + 30 days);
        assertEq(models.termsOf(model).payout, buyer, "payout");
        assertEq(models.termsOf(model).devBps, 7000, "what the seller announced has ended");
        pay(model, 1e18);
        assertEq(settlement.credit(maker), 0, "seller");
        assertEq(settlement.credit(buyer), 679e15, "buyer");
    }

    /// @dev Through a new model, a version of another model, another base, a deprecated original, and another licence.
    function test_TheSameAdapterCannotLeaveItsContributorsOut() public {
        IModelRegistry.Release memory original = release(0, oneRef());
        vm.startPrank(maker);
        models.publish(model, original);
        models.deprecate(model, 2);
        vm.stopPrank();
        bytes memory refused =
            abi.encodeWithSelector(IModelRegistry.OtherLineage.selector, original.adapter, uint64(model << 32 | 2));
        address copier = actor("copier");
        IModelRegistry.Terms memory own = IModelRegistry.Terms(copier, 10_000, 0, 0, 0);
        IModelRegistry.Release memory copy = original;
        copy.refs = new DatanetRef[](0);
        vm.startPrank(copier);
        vm.expectRevert(refused);
        models.register(1, CC0, own, 0, 0, copy);
        uint256 other = models.register(1, CC0, own, 0, 0, release(0, new DatanetRef[](0)));
        vm.expectRevert(refused);
        models.publish(other, copy);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.BaseExists.selector, 1));
        models.addBase("llama under another name", "architecture", CC0);
        uint32 base = models.addBase("made up", "made up", CC0);
        vm.expectRevert(refused);
        models.register(base, CC0, own, 0, 0, copy);
        // Own Datanet in place of the true one, and its weight against the true one.
        uint256 mine = datanets.create("meta", CC0, 10_000, true, 0, new bytes32[](0));
        datanets.publish(mine, "manifest", "rows", "shares", 1, 0, 0);
        copy.refs = new DatanetRef[](2);
        (copy.refs[0], copy.refs[1]) = (oneRef()[0], DatanetRefs.pack(uint64(mine), 1, type(uint16).max));
        own.devBps = 9000;
        own.dataBps = 1000;
        vm.expectRevert(refused);
        models.register(1, CC0, own, 0, 0, copy);
        // With the true lineage a copy is a reseller, and pays the contributors.
        copy.refs = oneRef();
        uint256 reseller = models.register(1, CC0, own, 0, 0, copy);
        vm.stopPrank();
        pay(reseller, 1e18);
        assertEq(settlement.flat(models.lineageOf(model, 2)), 97e15, "contributors");
    }

    /// @dev Files that the copier has never seen: only a hash read from the pool. Their maker exports them again, with another
    ///      hash, and loses nothing else.
    function test_AHashTakenFromThePoolHoldsUpNoRelease() public {
        IModelRegistry.Release memory honest = release(0, oneRef());
        IModelRegistry.Release memory taken = honest;
        taken.refs = new DatanetRef[](0);
        address thief = actor("thief");
        vm.prank(thief);
        uint256 empty = models.register(1, CC0, IModelRegistry.Terms(thief, 10_000, 0, 0, 0), 0, 0, taken);
        honest.refs = oneRef();
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.OtherLineage.selector, honest.adapter, firstOf(empty)));
        vm.prank(maker);
        models.publish(model, honest);
        honest.adapter = "the same weights, exported again";
        vm.prank(maker);
        models.publish(model, honest);
        pay(model, 1e18);
        assertEq(settlement.flat(models.lineageOf(model, 2)), 194e15, "contributors");
    }

    /// @dev Paying oneself costs the fee, and brings back at most half of it as a reward.
    function test_PayingOneselfCosts() public {
        WorkRewards rewards = fundedRewards();
        address self = rich("self", 2_000e18, address(settlement));
        vm.startPrank(self);
        open.approve(address(nodes), 1_000e18);
        nodes.register(1_000e18, "peer", 0);
        IModelRegistry.Release memory first = release(0, new DatanetRef[](0));
        uint256 own = models.register(1, CC0, IModelRegistry.Terms(self, 5000, 0, 5000, 0), 0, 0, first);
        uint256 had = open.balanceOf(self);
        for (uint256 i; i < 10; ++i) {
            settlement.invoke(uint32(own), 1, self, uint96(open.balanceOf(self)), keccak256(abi.encode(i)));
            settlement.withdraw(self);
        }
        uint256 cost = had - open.balanceOf(self);
        rewards.countWork();
        vm.warp(vm.getBlockTimestamp() + 7 days);
        assertLe(rewards.claimReward(), cost / 2, "half of what it cost");
        vm.stopPrank();
    }

    function test_OneCloseVoidsNoBatch() public {
        ISettlement.Voucher[] memory batch = new ISettlement.Voucher[](20);
        address griefer;
        address signerOf;
        for (uint256 i; i < 20; ++i) {
            (address payer, address signer, uint256 key) = channel(string.concat("p", string(abi.encode(i))), 1e18);
            batch[i] = voucher(key, payer, 0, model, 1e18, 10);
            if (i == 7) (griefer, signerOf) = (payer, signer);
        }
        vm.startPrank(griefer);
        settlement.requestClose(node, signerOf);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        settlement.close(node, signerOf);
        vm.stopPrank();
        bytes memory why = abi.encodeWithSelector(ISettlement.ChannelIsClosed.selector, griefer, node, signerOf);
        vm.expectEmit(address(settlement));
        emit ISettlement.PassedOver(griefer, node, signerOf, why);
        vm.prank(node);
        settlement.redeem(node, batch);
        assertEq(settlement.credit(node), 19 * 97e15, "all the others");
    }

    function test_ABatchDoesNotPassTheStakeGate() public {
        vm.prank(curator);
        datanets.setAccess(datanet, true, 1000);
        address staker = rich("staker", 1_000e18, address(nodes));
        vm.startPrank(staker);
        nodes.register(1_000e18, "peer", 0);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NoBatches.selector, datanet));
        datanets.contributeBatch(datanet, "contributions without stake", 10_000);
        vm.stopPrank();
        // Signed ones come one by one, and each signer is checked.
        (address alice, uint256 key) = account("alice");
        IDatanetRegistry.SignedContribution memory offer = offered(alice, 0, 1 days);
        bytes memory signature = signOffer(offer, key);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.StakeTooSmall.selector, alice, 0, 1_000e18));
        datanets.contributeBySig(offer, signature);
    }

    function test_OneStakePassedOnCompletesTheQuestForNoAccountWithoutWork() public {
        QuestBoard board = QuestBoard(deploy("QuestBoard", abi.encode(address(manager))));
        address issuer = actor("issuer");
        manager.grantRole(Roles.ISSUER, issuer, 0);
        restrict(address(board), board.addQuest.selector, Roles.ISSUER);
        uint40 now_ = uint40(vm.getBlockTimestamp());
        NodeWorked check = NodeWorked(deploy("NodeWorked", abi.encode(nodes, settlement, 1_000e18, 3e17)));
        vm.prank(issuer);
        board.addQuest(IQuestBoard.Quest("node", 100, 1_200, now_, now_ + 90 days, check));
        address last = actor("sybil 0");
        give(last, 1_000e18);
        for (uint256 i; i < 12; ++i) {
            vm.startPrank(last);
            open.approve(address(nodes), 1_000e18);
            nodes.register(1_000e18, "no such peer", 0);
            vm.expectRevert(abi.encodeWithSelector(IQuestBoard.NotDone.selector, last, 0));
            board.complete(0);
            nodes.requestExit(1_000e18);
            vm.warp(vm.getBlockTimestamp() + 7 days);
            nodes.exit();
            address next = address(uint160(0xabc000 + i));
            open.transfer(next, 1_000e18);
            vm.stopPrank();
            last = next;
        }
        address honest = rich("honest", 1_000e18, address(nodes));
        vm.prank(honest);
        nodes.register(1_000e18, "real peer", 0);
        address payer = rich("payer", 10e18, address(settlement));
        vm.prank(payer);
        settlement.invoke(uint32(model), 1, honest, 10e18, "calls");
        vm.prank(honest);
        board.complete(0);
        assertEq(board.pointsOf(0, honest), 100, "an honest node");
    }

    function test_RewardsDoNotFollowStake() public {
        WorkRewards rewards = fundedRewards();
        address idle = rich("idle", 10_000e18, address(nodes));
        address busy = rich("busy", 1_000e18, address(nodes));
        vm.prank(idle);
        nodes.register(10_000e18, "no such peer", 0);
        vm.prank(busy);
        nodes.register(1_000e18, "answers all day", 0);
        address payer = rich("payer", 100e18, address(settlement));
        vm.prank(payer);
        settlement.invoke(uint32(model), 1, busy, 100e18, "calls");
        vm.prank(busy);
        rewards.countWork();
        vm.expectRevert(abi.encodeWithSelector(IWorkRewards.NothingToCount.selector, idle));
        vm.prank(idle);
        rewards.countWork();
        vm.warp(vm.getBlockTimestamp() + 7 days);
        assertEq(rewards.rewardOf(busy), 15e17, "half of the 3 OPEN of fees");
        assertEq(rewards.rewardOf(idle), 0, "stake alone");
    }

    function test_ShareAlikeRowsAreNotCitedUnderAPermissiveLicence() public {
        uint32 shareAlike = datanets.licenceWithText(keccak256("CC-BY-SA-4.0"));
        uint32 mit = datanets.licenceWithText(keccak256("MIT"));
        vm.startPrank(curator);
        uint256 kept = datanets.create("meta", shareAlike, 0, true, 0, new bytes32[](0));
        datanets.publish(kept, "manifest", "rows", "shares", 1, 0, 0);
        vm.stopPrank();
        DatanetRef[] memory refs = new DatanetRef[](1);
        refs[0] = DatanetRefs.pack(uint64(kept), 1, 1);
        IModelRegistry.Release memory first = release(0, refs);
        IModelRegistry.Terms memory split = terms(7000, 2000, 1000);
        bytes memory refused = abi.encodeWithSelector(IDatanetRegistry.LicenceForbids.selector, shareAlike, mit);
        vm.expectRevert(refused);
        models.register(1, mit, split, 0, 0, first);
        uint256 same = models.register(1, shareAlike, split, 0, 0, first);
        // Nor through a model between them, nor through a share-alike base.
        IModelRegistry.Release memory child = release(uint96(firstOf(same)), new DatanetRef[](0));
        vm.expectRevert(refused);
        models.register(1, mit, split, 0, 0, child);
        uint32 base = models.addBase("share-alike", "share-alike", shareAlike);
        child = release(0, new DatanetRef[](0));
        vm.expectRevert(refused);
        models.register(base, mit, split, 0, 0, child);
    }

    function test_ABaseIsNotEnteredAgainUnderAnotherLicence() public {
        models.addBase("limited", "limited weights", CC_BY_NC);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.BaseExists.selector, 2));
        models.addBase("limited", "limited weights", CC0);
    }

    function test_APlainX402PaymentIsSplit() public {
        PayTo desk = PayTo(deploy("PayTo", abi.encode(IERC20(address(open)), settlement)));
        (address payer, uint256 key) = account("agent");
        give(payer, 2e18);
        address to = desk.addressOf(uint32(model), 1, node);
        desk.pay(uint32(model), 1, node, plainTransfer(payer, key, to, "random"));
        assertEq(settlement.credit(node), 97e15, "node");
        assertEq(settlement.credit(maker), 679e15, "developer");
        assertEq(settlement.owed(), 194e15, "contributors");
        assertEq(settlement.credit(treasury), 30e15, "treasury");
        // Paid to the Settlement itself it is not lost.
        IPayTo.Authorization memory a = plainTransfer(payer, key, address(settlement), "random 2");
        open.transferWithAuthorization(
            payer, address(settlement), a.value, a.validAfter, a.validBefore, a.nonce, a.v, a.r, a.s
        );
        settlement.recoverStrays();
        assertEq(settlement.credit(treasury), 30e15 + 1e18, "recovered");
    }

    function test_AnUnbroughtOfferHoldsUpNoOther() public {
        (address alice, uint256 key) = account("alice");
        IDatanetRegistry.SignedContribution memory first = offered(alice, 0, 1);
        IDatanetRegistry.SignedContribution memory second = offered(alice, 1, 30 days);
        vm.warp(vm.getBlockTimestamp() + 2);
        bytes memory signature = signOffer(first, key);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.SignatureExpired.selector, first.deadline));
        datanets.contributeBySig(first, signature);
        datanets.contributeBySig(second, signOffer(second, key));
        assertEq(datanets.contributionOf(datanet, 1).who, alice, "contributed");
    }

    function test_AVersionCannotBePublishedAsIfThereWereNoWithdrawals() public {
        address alice = actor("alice");
        vm.prank(alice);
        uint32 number = datanets.contribute(datanet, "content", 1, "rows");
        vm.prank(alice);
        datanets.withdraw(datanet, number);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.WithdrawalsNotKnown.selector, 0, 1, 1));
        vm.prank(curator);
        datanets.publish(datanet, "m", "r", "s", 1, 1, 0);
    }

    function fundedRewards() private returns (WorkRewards rewards) {
        rewards = WorkRewards(deploy("WorkRewards", abi.encode(IERC20(address(open)), nodes, settlement)));
        address giver = rich("giver", 7_000e18, address(rewards));
        vm.prank(giver);
        rewards.addReward(7_000e18);
    }

    function pay(uint256 id, uint96 amount) private {
        address payer = rich("payer", amount, address(settlement));
        vm.prank(payer);
        settlement.invoke(uint32(id), 1, node, amount, "call");
    }

    function offered(address who, uint256 nonce, uint256 time)
        private
        view
        returns (IDatanetRegistry.SignedContribution memory)
    {
        return IDatanetRegistry.SignedContribution(datanet, who, "a", 1, "r", CC0, nonce, vm.getBlockTimestamp() + time);
    }

    function signOffer(IDatanetRegistry.SignedContribution memory offer, uint256 key)
        private
        view
        returns (bytes memory)
    {
        return Typed.signLong(key, Typed.digest("DatanetRegistry", address(datanets), Typed.contribution(offer)));
    }
}
