// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDatanetRegistry} from "../../src/interfaces/IDatanetRegistry.sol";
import {ContractWallet} from "../mocks/ContractWallet.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {Typed} from "../support/Typed.sol";

/// @notice How contributions are made, judged, appealed and withdrawn.
contract ContributionsTest is MarketDeployed {
    address private alice;
    uint256 private aliceKey;

    function setUp() public {
        deployMarket();
        (alice, aliceKey) = account("alice");
    }

    function test_ContributeWaitsForADecision() public {
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.Contributed(datanet, 1, alice, "content", 12, "rows");
        vm.prank(alice);
        assertEq(datanets.contribute(datanet, "content", 12, "rows"), 1, "number");
        IDatanetRegistry.Contribution memory made = datanets.contributionOf(datanet, 1);
        assertEq(made.who, alice, "who");
        assertEq(made.rows, 12, "rows");
        assertEq(made.content, "content", "content");
        assertEq(made.time, block.timestamp, "time");
        assertCounts(0, 1);
        assertState(1, IDatanetRegistry.State.Pending);
    }

    function test_ContributeRefusesWhatIsEmptyOrNowhere() public {
        vm.expectRevert(IDatanetRegistry.RootEmpty.selector);
        datanets.contribute(datanet, 0, 1, "rows");
        vm.expectRevert(IDatanetRegistry.RootEmpty.selector);
        datanets.contribute(datanet, "content", 1, 0);
        vm.expectRevert(IDatanetRegistry.RowsMissing.selector);
        datanets.contribute(datanet, "content", 0, "rows");
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownDatanet.selector, 999));
        datanets.contribute(999, "content", 1, "rows");
    }

    function test_AClosedDatanetIsForItsCurators() public {
        vm.prank(curator);
        datanets.setAccess(datanet, false, 0);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.Closed.selector, datanet));
        datanets.contribute(datanet, "content", 1, "rows");
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.Closed.selector, datanet));
        datanets.contributeBatch(datanet, "root", 1);
        vm.prank(curator);
        datanets.contribute(datanet, "content", 1, "rows");
    }

    function test_AGatedDatanetAsksForStake() public {
        vm.prank(curator);
        datanets.setAccess(datanet, true, 1_000);
        give(alice, 2_000e18);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.StakeTooSmall.selector, alice, 0, 1_000e18));
        datanets.contribute(datanet, "content", 1, "rows");
        open.approve(address(nodes), 1_000e18);
        nodes.register(1_000e18, "peer", 0);
        datanets.contribute(datanet, "content", 1, "rows");
        assertCounts(0, 1);
        // A batch could hold rows of accounts without stake.
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NoBatches.selector, datanet));
        datanets.contributeBatch(datanet, "root", 1);
    }

    function test_BySignatureAnyoneMaySend() public {
        IDatanetRegistry.SignedContribution memory offer = offered(alice, 0);
        bytes memory signature = sign(offer, aliceKey);
        datanets.contributeBySig(offer, signature);
        assertEq(datanets.contributionOf(datanet, 1).who, alice, "who");
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NonceUsed.selector, alice, 0));
        datanets.contributeBySig(offer, signature);
        offer = offered(alice, 1);
        datanets.contributeBySig(offer, sign(offer, aliceKey));
        assertCounts(0, 2);
    }

    function test_OffersAreUsedInAnyOrderAndRevoked() public {
        IDatanetRegistry.SignedContribution memory second = offered(alice, type(uint256).max);
        datanets.contributeBySig(second, sign(second, aliceKey));
        assertTrue(datanets.isNonceUsed(alice, type(uint256).max), "used");
        IDatanetRegistry.SignedContribution memory first = offered(alice, 7);
        bytes memory signature = sign(first, aliceKey);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.OfferRevoked(alice, 7);
        vm.prank(alice);
        datanets.revokeOffer(7);
        bytes memory used = abi.encodeWithSelector(IDatanetRegistry.NonceUsed.selector, alice, 7);
        vm.expectRevert(used);
        datanets.contributeBySig(first, signature);
        vm.expectRevert(used);
        vm.prank(alice);
        datanets.revokeOffer(7);
        assertTrue(!datanets.isNonceUsed(curator, 7), "nonces are each account's own");
    }

    function test_BySignatureOfAContractWallet() public {
        address wallet = address(new ContractWallet(alice));
        IDatanetRegistry.SignedContribution memory offer = offered(wallet, 0);
        datanets.contributeBySig(offer, sign(offer, aliceKey));
        assertEq(datanets.contributionOf(datanet, 1).who, wallet, "who");
    }

    function test_BySignatureEveryFieldIsSigned() public {
        for (uint256 field; field < 6; ++field) {
            IDatanetRegistry.SignedContribution memory offer = offered(alice, 0);
            bytes memory signature = sign(offer, aliceKey);
            if (field == 0) offer.contributor = curator;
            if (field == 1) offer.content = "other";
            if (field == 2) offer.rows += 1;
            if (field == 3) offer.rowsRoot = "other";
            if (field == 4) offer.nonce += 1;
            if (field == 5) offer.deadline += 1;
            vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.BadSignature.selector, offer.contributor));
            datanets.contributeBySig(offer, signature);
        }
    }

    function test_BySignatureInTimeAndUnderTheDatanetsLicence() public {
        IDatanetRegistry.SignedContribution memory offer = offered(alice, 0);
        bytes memory signature = sign(offer, aliceKey);
        vm.warp(offer.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.SignatureExpired.selector, offer.deadline));
        datanets.contributeBySig(offer, signature);
        offer = offered(alice, 0);
        offer.licence = CC_BY_NC;
        signature = sign(offer, aliceKey);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.OtherLicence.selector, CC_BY_NC, CC0));
        datanets.contributeBySig(offer, signature);
    }

    function test_JudgeManyAtOnce() public {
        uint32[] memory numbers = contributed(3);
        bytes32[] memory reasons = new bytes32[](3);
        reasons[1] = "a copy of 1";
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.Accepted(datanet, 1, 0);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.Rejected(datanet, 2, "a copy of 1");
        vm.prank(curator);
        datanets.judge(datanet, numbers, 5, reasons);
        assertState(1, IDatanetRegistry.State.Accepted);
        assertState(2, IDatanetRegistry.State.Rejected);
        assertState(3, IDatanetRegistry.State.Accepted);
        assertCounts(2, 0);
    }

    function test_JudgeRefuses() public {
        uint32[] memory numbers = contributed(1);
        bytes32[] memory reasons = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotCurator.selector, datanet, address(this)));
        datanets.judge(datanet, numbers, 1, reasons);
        vm.startPrank(curator);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.ReasonMissing.selector, 0));
        datanets.judge(datanet, numbers, 0, reasons);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.LengthsDiffer.selector, 1, 2));
        datanets.judge(datanet, numbers, 1, new bytes32[](2));
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.TooMany.selector, 257));
        datanets.judge(datanet, new uint32[](257), 1, new bytes32[](257));
        datanets.judge(datanet, numbers, 1, reasons);
        expectState(1, IDatanetRegistry.State.Accepted);
        datanets.judge(datanet, numbers, 1, reasons);
        numbers[0] = 9;
        expectState(9, IDatanetRegistry.State.None);
        datanets.judge(datanet, numbers, 1, reasons);
    }

    function test_AnAppealGoesToCuratorsFirst() public {
        reject(contributed(1));
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotContributor.selector, address(this)));
        datanets.appeal(datanet, 1, "why");
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.ReasonMissing.selector, 0));
        datanets.appeal(datanet, 1, 0);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.Appealed(datanet, 1, "why");
        datanets.appeal(datanet, 1, "why");
        expectState(1, IDatanetRegistry.State.Appealed);
        datanets.appeal(datanet, 1, "why");
        vm.stopPrank();
        uint32[] memory numbers = new uint32[](1);
        numbers[0] = 1;
        bytes32[] memory reasons = new bytes32[](1);
        reasons[0] = "still";
        vm.startPrank(curator);
        expectState(1, IDatanetRegistry.State.Appealed);
        datanets.judge(datanet, numbers, 0, reasons);
        datanets.judge(datanet, numbers, 1, reasons);
        assertState(1, IDatanetRegistry.State.Accepted);
        assertCounts(1, 0);
    }

    function test_GovernanceDecidesAppealsAfterThreeDays() public {
        reject(contributed(2));
        vm.startPrank(alice);
        vm.warp(block.timestamp + 10 days);
        datanets.appeal(datanet, 1, "why");
        datanets.appeal(datanet, 2, "why");
        vm.stopPrank();
        uint256 due = block.timestamp + 3 days;
        expectUnauthorized(address(this));
        datanets.decideAppeal(datanet, 1, true, "because");
        vm.startPrank(council);
        vm.warp(due - 1);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.AppealNotDue.selector, 1, due));
        datanets.decideAppeal(datanet, 1, true, "because");
        vm.warp(due);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.AppealDecided(datanet, 1, true, "because");
        datanets.decideAppeal(datanet, 1, true, "because");
        datanets.decideAppeal(datanet, 2, false, "because");
        assertState(1, IDatanetRegistry.State.Accepted);
        assertState(2, IDatanetRegistry.State.Dismissed);
        assertCounts(1, 0);
        expectState(2, IDatanetRegistry.State.Dismissed);
        datanets.decideAppeal(datanet, 2, true, "because");
    }

    function test_WithdrawFromEveryStateThatCan() public {
        uint32[] memory numbers = contributed(4);
        vm.startPrank(curator);
        uint32[] memory some = new uint32[](3);
        (some[0], some[1], some[2]) = (numbers[1], numbers[2], numbers[3]);
        bytes32[] memory reasons = new bytes32[](3);
        (reasons[1], reasons[2]) = ("no", "no");
        datanets.judge(datanet, some, 1, reasons);
        vm.stopPrank();
        vm.prank(alice);
        datanets.appeal(datanet, 4, "why");
        assertCounts(1, 1);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotContributor.selector, address(this)));
        datanets.withdraw(datanet, 1);
        pause(address(datanets));
        vm.startPrank(alice);
        for (uint32 number = 1; number < 5; ++number) {
            vm.expectEmit(address(datanets));
            emit IDatanetRegistry.ContributionWithdrawn(datanet, number);
            datanets.withdraw(datanet, number);
            assertState(number, IDatanetRegistry.State.Withdrawn);
        }
        assertCounts(0, 0);
        expectState(1, IDatanetRegistry.State.Withdrawn);
        datanets.withdraw(datanet, 1);
    }

    function test_ADismissedContributionHasLeftAlready() public {
        reject(contributed(1));
        vm.prank(alice);
        datanets.appeal(datanet, 1, "why");
        vm.warp(block.timestamp + 3 days);
        vm.prank(council);
        datanets.decideAppeal(datanet, 1, false, "because");
        expectState(1, IDatanetRegistry.State.Dismissed);
        vm.prank(alice);
        datanets.withdraw(datanet, 1);
    }

    function test_ABatchIsOneSlotAndDecidedOnce() public {
        vm.expectRevert(IDatanetRegistry.RootEmpty.selector);
        datanets.contributeBatch(datanet, 0, 1);
        vm.expectRevert(IDatanetRegistry.RowsMissing.selector);
        datanets.contributeBatch(datanet, "root", 0);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.BatchContributed(datanet, "root", alice, 5);
        vm.prank(alice);
        datanets.contributeBatch(datanet, "root", 5);
        IDatanetRegistry.Batch memory batch = datanets.batchOf(datanet, alice, "root");
        assertEq(batch.count, 5, "count");
        assertEq(batch.time, block.timestamp, "time");
        expectBatchState("root", IDatanetRegistry.State.Pending);
        vm.prank(alice);
        datanets.contributeBatch(datanet, "root", 5);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotCurator.selector, datanet, address(this)));
        datanets.judgeBatch(datanet, alice, "root", 5, "list");
        vm.startPrank(curator);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.TooMany.selector, 6));
        datanets.judgeBatch(datanet, alice, "root", 6, "list");
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.ReasonMissing.selector, 0));
        datanets.judgeBatch(datanet, alice, "root", 4, 0);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.BatchJudged(datanet, "root", alice, curator, 4, "list");
        datanets.judgeBatch(datanet, alice, "root", 4, "list");
        assertCounts(4, 0);
        assertTrue(datanets.batchOf(datanet, alice, "root").state == IDatanetRegistry.State.Accepted, "accepted");
        expectBatchState("root", IDatanetRegistry.State.Accepted);
        datanets.judgeBatch(datanet, alice, "root", 4, "list");
        expectBatchState("none", IDatanetRegistry.State.None);
        datanets.judgeBatch(datanet, alice, "none", 4, "list");
        datanets.contributeBatch(datanet, "second", 1);
        datanets.judgeBatch(datanet, curator, "second", 0, "list");
        assertTrue(datanets.batchOf(datanet, curator, "second").state == IDatanetRegistry.State.Rejected, "rejected");
    }

    /// @dev Otherwise anyone could copy a root from the mempool and anchor it first, with a wrong count.
    function test_ABatchIsItsSenders() public {
        datanets.contributeBatch(datanet, "root", 1);
        vm.prank(alice);
        datanets.contributeBatch(datanet, "root", 5);
        assertEq(datanets.batchOf(datanet, alice, "root").count, 5, "hers");
        assertEq(datanets.batchOf(datanet, address(this), "root").count, 1, "mine");
    }

    /// @dev Otherwise a curator could fill the count until it wraps, and a withdrawal would underflow.
    function test_NoNumberOfBatchesKeepsAContributionIn() public {
        uint32 half = type(uint32).max / 2;
        vm.startPrank(curator);
        datanets.contributeBatch(datanet, "full", type(uint32).max);
        datanets.contributeBatch(datanet, "half", half);
        datanets.contributeBatch(datanet, "one", 1);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.TooMany.selector, type(uint32).max));
        datanets.judgeBatch(datanet, curator, "full", type(uint32).max, "list");
        datanets.judgeBatch(datanet, curator, "half", half, "list");
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.TooMany.selector, 1));
        datanets.judgeBatch(datanet, curator, "one", 1, "list");
        vm.stopPrank();
        uint32[] memory numbers = contributed(1);
        vm.prank(curator);
        datanets.judge(datanet, numbers, 1, new bytes32[](1));
        assertEq(datanets.datanetOf(datanet).accepted, uint256(half) + 1, "accepted");
        vm.prank(alice);
        datanets.withdraw(datanet, numbers[0]);
    }

    function test_OneOfABatchIsTakenBackByWhoGaveIt() public {
        bytes32 item = Typed.contribution(offered(alice, 0));
        bytes32 sibling = keccak256("another leaf");
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(alice, item))));
        bytes32 root = keccak256(leaf < sibling ? abi.encode(leaf, sibling) : abi.encode(sibling, leaf));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = sibling;
        datanets.contributeBatch(datanet, root, 2);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.BadProof.selector, item));
        datanets.withdrawFromBatch(datanet, root, item, proof);
        pause(address(datanets));
        bytes32 key = keccak256(abi.encode(datanet, root, alice, item));
        assertTrue(!datanets.isItemWithdrawn(key), "still in");
        vm.startPrank(alice);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.BatchItemWithdrawn(datanet, root, alice, item);
        datanets.withdrawFromBatch(datanet, root, item, proof);
        assertTrue(datanets.isItemWithdrawn(key), "out");
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.AlreadyWithdrawn.selector, item));
        datanets.withdrawFromBatch(datanet, root, item, proof);
    }

    function contributed(uint32 count) private returns (uint32[] memory numbers) {
        numbers = new uint32[](count);
        vm.startPrank(alice);
        for (uint32 i; i < count; ++i) {
            numbers[i] = datanets.contribute(datanet, keccak256(abi.encode(i)), 1, "rows");
        }
        vm.stopPrank();
    }

    function reject(uint32[] memory numbers) private {
        bytes32[] memory reasons = new bytes32[](numbers.length);
        for (uint256 i; i < reasons.length; ++i) {
            reasons[i] = "no";
        }
        vm.prank(curator);
        datanets.judge(datanet, numbers, 0, reasons);
    }

    function offered(address who, uint256 nonce) private view returns (IDatanetRegistry.SignedContribution memory) {
        return
            IDatanetRegistry.SignedContribution(
                datanet, who, "content", 12, "rows", CC0, nonce, block.timestamp + 1 hours
            );
    }

    function sign(IDatanetRegistry.SignedContribution memory offer, uint256 key) private view returns (bytes memory) {
        return Typed.signLong(key, Typed.digest("DatanetRegistry", address(datanets), Typed.contribution(offer)));
    }

    function assertState(uint32 number, IDatanetRegistry.State state) private view {
        assertEq(uint256(datanets.contributionOf(datanet, number).state), uint256(state), "state");
    }

    function assertCounts(uint256 accepted, uint256 pending) private view {
        assertEq(datanets.datanetOf(datanet).accepted, accepted, "accepted");
        assertEq(datanets.datanetOf(datanet).pending, pending, "pending");
    }

    function expectState(uint32 number, IDatanetRegistry.State state) private {
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.BadState.selector, number, state));
    }

    function expectBatchState(bytes32 root, IDatanetRegistry.State state) private {
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.BadBatchState.selector, root, state));
    }
}
