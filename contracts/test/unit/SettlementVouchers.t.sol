// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {Typed} from "../support/Typed.sol";
import {Vm} from "../support/Vm.sol";

/// @notice The effect of a voucher, and every way to abuse one.
contract SettlementVouchersTest is MarketDeployed {
    uint96 private constant DEPOSIT = 5e18;
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    address private payer;
    address private signer;
    uint256 private key;

    function setUp() public {
        deployMarket();
        (payer, signer, key) = channel("payer", DEPOSIT);
    }

    function test_PaysOnTopOfWhatWasRedeemed() public {
        ISettlement.Voucher memory first = voucher(key, payer, 0, model, 1e18, 10);
        bytes32[] memory packed = new bytes32[](2);
        (packed[0], packed[1]) = (bytes32(model << 160 | 1 << 128 | uint256(1e18) << 32 | 10), RECEIPTS);
        vm.expectEmit(address(settlement));
        emit ISettlement.Redeemed(payer, node, signer, packed);
        redeem(first);
        redeem(voucher(key, payer, 1e18, model, 4e18, 10));
        ISettlement.Channel memory found = settlement.channelOf(payer, node, signer);
        assertEq(found.redeemed, DEPOSIT, "redeemed to the last wei");
        assertEq(found.deposit, DEPOSIT, "deposit");
    }

    function test_ManyLinesAndVouchersAreSplitOncePerModel() public {
        uint256 other = registerModel(CC0, terms(10_000 - 1000, 1000, 0));
        ISettlement.Line[] memory lines = new ISettlement.Line[](3);
        lines[0] = line(model, 1e18, 1);
        lines[1] = line(other, 2e17, 2);
        lines[2] = line(model, 5e17, 3);
        ISettlement.Voucher[] memory both = new ISettlement.Voucher[](2);
        both[0] = signed(key, node, ISettlement.Voucher(payer, 0, lines, 0, 0));
        both[1] = signed(key, node, ISettlement.Voucher(payer, 1.7e18, lines, 0, 0));
        vm.recordLogs();
        vm.prank(node);
        settlement.redeem(node, both);
        uint256 splits;
        uint256 gross;
        uint256 calls;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != ISettlement.Split.selector) continue;
            ++splits;
            (uint256 callsOfModel, uint256 grossOfModel) = abi.decode(logs[i].data, (uint256, uint256));
            gross += grossOfModel;
            calls += callsOfModel;
        }
        assertEq(splits, 2, "one split per model");
        assertEq(gross, 3.4e18, "gross");
        assertEq(calls, 12, "calls");
        assertEq(settlement.channelOf(payer, node, signer).redeemed, 3.4e18, "redeemed");
        assertSolvent();
    }

    function test_TotalsOfABatchDoNotLeakIntoTheNext() public {
        TwiceRedeemer twice = new TwiceRedeemer();
        vm.prank(node);
        settlement.setRelayer(address(twice), true);
        twice.redeem(
            settlement,
            node,
            one(voucher(key, payer, 0, model, 1e18, 1)),
            one(voucher(key, payer, 1e18, model, 1e18, 1))
        );
        assertEq(settlement.channelOf(payer, node, signer).redeemed, 2e18, "redeemed");
        assertSolvent();
    }

    function test_ALineOfNothingCountsAndPaysNothing() public {
        ISettlement.Line[] memory lines = new ISettlement.Line[](2);
        lines[0] = line(model, 0, 0);
        lines[1] = line(model, 1e18, 1);
        redeem(signed(key, node, ISettlement.Voucher(payer, 0, lines, 0, 0)));
        assertEq(settlement.channelOf(payer, node, signer).redeemed, 1e18, "redeemed");
        assertSolvent();
    }

    function test_AnApprovedRelayerRedeemsUntilItIsNot() public {
        address relayer = actor("relayer");
        ISettlement.Voucher[] memory list = one(voucher(key, payer, 0, model, 1e18, 1));
        bytes memory refused = abi.encodeWithSelector(ISettlement.NotNodeOrRelayer.selector, node, relayer);
        vm.expectRevert(refused);
        vm.prank(relayer);
        settlement.redeem(node, list);
        vm.expectEmit(address(settlement));
        emit ISettlement.RelayerSet(node, relayer, true);
        vm.prank(node);
        settlement.setRelayer(relayer, true);
        vm.prank(relayer);
        settlement.redeem(node, list);
        vm.prank(node);
        settlement.setRelayer(relayer, false);
        vm.expectRevert(refused);
        vm.prank(relayer);
        settlement.redeem(node, list);
    }

    function test_RedeemsWhilePausedAndWhileClosing() public {
        pause(address(settlement));
        vm.prank(payer);
        settlement.requestClose(node, signer);
        vm.warp(block.timestamp + 2 days);
        redeem(voucher(key, payer, 0, model, 1e18, 1));
        vm.prank(payer);
        settlement.close(node, signer);
        assertEq(open.balanceOf(payer), 4e18, "the rest went back");
    }

    function test_Abuse_Replay() public {
        ISettlement.Voucher memory once = voucher(key, payer, 0, model, 1e18, 1);
        redeem(once);
        expectWrongBase(0, 1e18);
        redeem(once);
    }

    function test_Abuse_ReplayWithinABatchIsPassedOver() public {
        ISettlement.Voucher[] memory twice = new ISettlement.Voucher[](2);
        twice[0] = twice[1] = voucher(key, payer, 0, model, 1e18, 1);
        vm.expectEmit(address(settlement));
        emit ISettlement.PassedOver(
            payer, node, signer, abi.encodeWithSelector(ISettlement.WrongBase.selector, payer, 0, 1e18)
        );
        vm.prank(node);
        settlement.redeem(node, twice);
        assertEq(settlement.channelOf(payer, node, signer).redeemed, 1e18, "once");
        assertSolvent();
    }

    function test_Abuse_OneCloseDoesNotVoidTheVouchersOfOthers() public {
        (address second, address secondSigner, uint256 secondKey) = channel("second", DEPOSIT);
        ISettlement.Voucher[] memory both = new ISettlement.Voucher[](2);
        both[0] = voucher(secondKey, second, 0, model, 1e18, 1);
        both[1] = voucher(key, payer, 0, model, 1e18, 1);
        vm.startPrank(second);
        settlement.requestClose(node, secondSigner);
        vm.warp(block.timestamp + 1 days);
        settlement.close(node, secondSigner);
        vm.stopPrank();
        vm.prank(node);
        settlement.redeem(node, both);
        assertEq(settlement.channelOf(payer, node, signer).redeemed, 1e18, "redeemed");
        assertEq(settlement.credit(node), 97e15, "for one voucher");
        assertSolvent();
    }

    function test_BoundsOfALine() public {
        redeem(voucher(key, payer, 0, model, 1e18, 65_536));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.TooManyCalls.selector, 65_537));
        redeem(voucher(key, payer, 1e18, model, 1e18, 65_537));
    }

    function test_AtMost256LinesOfAVersion() public {
        ISettlement.Line[] memory lines = new ISettlement.Line[](256);
        for (uint256 i; i < 256; ++i) {
            lines[i] = line(model, 1e15, 1);
        }
        redeem(signed(key, node, ISettlement.Voucher(payer, 0, lines, 0, 0)));
        ISettlement.Line[] memory more = new ISettlement.Line[](257);
        for (uint256 i; i < 257; ++i) {
            more[i] = line(model, 1e15, 1);
        }
        vm.expectRevert(abi.encodeWithSelector(ISettlement.TooManyLines.selector, firstOf(model)));
        redeem(signed(key, node, ISettlement.Voucher(payer, 256e15, more, 0, 0)));
    }

    function test_Abuse_OlderVoucherAfterANewerOne() public {
        ISettlement.Voucher memory older = voucher(key, payer, 0, model, 1e18, 1);
        redeem(voucher(key, payer, 0, model, 2e18, 2));
        expectWrongBase(0, 2e18);
        redeem(older);
    }

    function test_Abuse_PayerRedeemsAnOlderVoucherToVoidTheNewer() public {
        ISettlement.Voucher[] memory older = one(voucher(key, payer, 0, model, 1, 1));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotNodeOrRelayer.selector, node, payer));
        vm.prank(payer);
        settlement.redeem(node, older);
    }

    function test_Abuse_OtherChain() public {
        ISettlement.Voucher memory here = voucher(key, payer, 0, model, 1e18, 1);
        vm.chainId(block.chainid + 1);
        expectUnknown(here, node);
        redeem(here);
    }

    function test_Abuse_OtherNode() public {
        ISettlement.Voucher memory forNode = voucher(key, payer, 0, model, 1e18, 1);
        address other = actor("other node");
        expectUnknown(forNode, other);
        vm.prank(other);
        settlement.redeem(other, one(forNode));
    }

    function test_Abuse_OtherPayer() public {
        (address rich_,,) = channel("rich", DEPOSIT);
        ISettlement.Voucher memory swapped = voucher(key, payer, 0, model, 1e18, 1);
        swapped.payer = rich_;
        expectUnknown(swapped, node);
        redeem(swapped);
    }

    function test_Abuse_EveryFieldIsSigned() public {
        for (uint256 field; field < 6; ++field) {
            ISettlement.Voucher memory changed = voucher(key, payer, 0, model, 1e18, 1);
            if (field == 0) changed.lines[0].amount += 1;
            if (field == 1) changed.lines[0].calls += 1;
            if (field == 2) changed.lines[0].modelId += 1;
            if (field == 3) changed.lines[0].receipts = "other";
            if (field == 4) changed.base = 1;
            if (field == 5) changed.lines[0].version += 1;
            expectUnknown(changed, node);
            redeem(changed);
        }
    }

    function test_Abuse_ExceededDeposit() public {
        redeem(voucher(key, payer, 0, model, 2e18, 1));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.DepositExceeded.selector, payer, 3e18 + 1, 3e18));
        redeem(voucher(key, payer, 2e18, model, 3e18 + 1, 1));
    }

    function test_Abuse_SumBeyondTheWidthOfADeposit() public {
        ISettlement.Line[] memory lines = new ISettlement.Line[](2);
        lines[0] = lines[1] = line(model, type(uint96).max, 1);
        uint256 sum = 2 * uint256(type(uint96).max);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.DepositExceeded.selector, payer, sum, DEPOSIT));
        redeem(signed(key, node, ISettlement.Voucher(payer, 0, lines, 0, 0)));
    }

    function test_Abuse_ClosedChannel() public {
        redeem(voucher(key, payer, 0, model, 1e18, 1));
        vm.startPrank(payer);
        settlement.requestClose(node, signer);
        vm.warp(block.timestamp + 1 days);
        settlement.close(node, signer);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(ISettlement.ChannelIsClosed.selector, payer, node, signer));
        redeem(voucher(key, payer, 1e18, model, 1e18, 1));
    }

    function test_Abuse_HighS() public {
        ISettlement.Voucher memory high = voucher(key, payer, 0, model, 1e18, 1);
        uint256 s = uint256(high.vs) & (type(uint256).max >> 1);
        uint256 flipped = (uint256(high.vs) >> 255) ^ 1;
        // The other s of the same signature does not fit beside the parity: it is read as another signature.
        high.vs = bytes32((flipped << 255) | ((ORDER - s) & (type(uint256).max >> 1)));
        vm.expectRevert();
        redeem(high);
        high.vs = bytes32(type(uint256).max >> 1);
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, bytes32(type(uint256).max >> 1)));
        redeem(high);
    }

    function test_Abuse_NoSignature() public {
        ISettlement.Voucher memory bare = voucher(key, payer, 0, model, 1e18, 1);
        (bare.r, bare.vs) = (0, 0);
        vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        redeem(bare);
    }

    function test_Abuse_WrongSessionKey() public {
        (address wrong, uint256 wrongKey) = account("wrong session");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.UnknownChannel.selector, payer, node, wrong));
        redeem(voucher(wrongKey, payer, 0, model, 1e18, 1));
    }

    function test_Abuse_ThePayersMainKeyIsNotTheSessionKey() public {
        (, uint256 payerKey) = account("payer");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.UnknownChannel.selector, payer, node, payer));
        redeem(voucher(payerKey, payer, 0, model, 1e18, 1));
    }

    function test_Abuse_AVoucherForNothing() public {
        ISettlement.Voucher memory empty = ISettlement.Voucher(payer, 0, new ISettlement.Line[](0), 0, 0);
        vm.expectRevert(ISettlement.NothingToRedeem.selector);
        redeem(signed(key, node, empty));
        vm.expectRevert(ISettlement.NothingToRedeem.selector);
        redeem(voucher(key, payer, 0, model, 0, 1));
    }

    function test_Abuse_UnknownModel() public {
        vm.expectRevert(abi.encodeWithSignature("UnknownModelVersion(uint256,uint32)", 999, 1));
        redeem(voucher(key, payer, 0, 999, 1e18, 1));
    }

    function expectWrongBase(uint96 base, uint96 redeemed) private {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.WrongBase.selector, payer, base, redeemed));
    }

    /// @dev A changed voucher recovers another signer, who has no channel.
    function expectUnknown(ISettlement.Voucher memory changed, address at) private {
        bytes32 digest = Typed.voucher(address(settlement), at, changed);
        address found = ECDSA.recover(digest, changed.r, changed.vs);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.UnknownChannel.selector, changed.payer, at, found));
    }

    function assertSolvent() private view {
        ISettlement.Channel memory left = settlement.channelOf(payer, node, signer);
        uint256 owed = settlement.credit(maker) + settlement.credit(node) + settlement.credit(treasury)
            + settlement.owed() + left.deposit - left.redeemed;
        assertEq(open.balanceOf(address(settlement.vault())), owed, "custody is what is owed");
    }
}

/// @notice Redeems two batches in one transaction.
contract TwiceRedeemer {
    function redeem(
        ISettlement settlement,
        address node,
        ISettlement.Voucher[] calldata first,
        ISettlement.Voucher[] calldata second
    ) external {
        settlement.redeem(node, first);
        settlement.redeem(node, second);
    }
}
