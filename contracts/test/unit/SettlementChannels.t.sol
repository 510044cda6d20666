// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {ContractWallet} from "../mocks/ContractWallet.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {Typed} from "../support/Typed.sol";

contract SettlementChannelsTest is MarketDeployed {
    uint96 private constant DEPOSIT = 5e18;
    address private payer;
    uint256 private payerKey;
    address private signer;

    function setUp() public {
        deployMarket();
        payer = rich("payer", 20e18, address(settlement));
        (, payerKey) = account("payer");
        signer = actor("session");
    }

    function test_OpenTakesTheDeposit() public {
        vm.expectEmit(address(settlement));
        emit ISettlement.ChannelOpened(payer, node, signer, DEPOSIT);
        vm.prank(payer);
        settlement.open(node, signer, DEPOSIT);
        assertChannel(DEPOSIT, 0, 0);
        assertEq(open.balanceOf(address(settlement.vault())), DEPOSIT, "custody");
        assertEq(open.balanceOf(payer), 15e18, "payer");
    }

    function test_OpenRefusesNothing() public {
        vm.startPrank(payer);
        vm.expectRevert(ISettlement.ZeroAmount.selector);
        settlement.open(node, signer, 0);
        vm.expectRevert(ISettlement.ZeroAddress.selector);
        settlement.open(address(0), signer, 1);
        vm.expectRevert(ISettlement.ZeroAddress.selector);
        settlement.open(node, address(0), 1);
    }

    function test_OpenTwiceIsRefused() public {
        vm.startPrank(payer);
        settlement.open(node, signer, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.ChannelExists.selector, payer, node, signer));
        settlement.open(node, signer, DEPOSIT);
    }

    function test_OpenNeedsTheMoney() public {
        vm.prank(actor("poor"));
        vm.expectRevert();
        settlement.open(node, signer, 1);
    }

    function test_OpenWithPermit() public {
        vm.prank(payer);
        open.approve(address(settlement), 0);
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(payerKey, Typed.permit(address(open), payer, address(settlement), DEPOSIT, 0, block.timestamp));
        uint256 now_ = block.timestamp;
        uint256 before = vm.snapshotState();
        vm.prank(payer);
        settlement.openWithPermit(node, signer, DEPOSIT, now_, v, r, s);
        assertChannel(DEPOSIT, 0, 0);
        vm.revertToState(before);
        // An account that uses the permit first cannot keep the payer from opening.
        open.permit(payer, address(settlement), DEPOSIT, now_, v, r, s);
        vm.prank(payer);
        settlement.openWithPermit(node, signer, DEPOSIT, now_, v, r, s);
        assertChannel(DEPOSIT, 0, 0);
    }

    function test_OpenWithAWrongPermitIsRefused() public {
        vm.startPrank(payer);
        open.approve(address(settlement), 0);
        vm.expectRevert();
        settlement.openWithPermit(node, signer, DEPOSIT, block.timestamp, 27, bytes32(uint256(1)), bytes32(uint256(1)));
    }

    function test_OpenWithAuthorization() public {
        ISettlement.Authorization memory given = authorize(keccak256(abi.encode("open", node, signer, bytes32("salt"))));
        vm.prank(actor("relay"));
        settlement.openWithAuthorization(payer, node, signer, DEPOSIT, given);
        assertChannel(DEPOSIT, 0, 0);
        assertEq(open.balanceOf(address(settlement.vault())), DEPOSIT, "custody");
    }

    function test_AnAuthorizationCannotBeSentElsewhere() public {
        ISettlement.Authorization memory given = authorize(keccak256(abi.encode("open", node, signer, bytes32("salt"))));
        address thief = actor("thief");
        vm.expectRevert(bytes4(keccak256("ERC3009InvalidSignature()")));
        settlement.openWithAuthorization(payer, thief, signer, DEPOSIT, given);
        vm.expectRevert(bytes4(keccak256("ERC3009InvalidSignature()")));
        settlement.openWithAuthorization(payer, node, thief, DEPOSIT, given);
        vm.expectRevert(bytes4(keccak256("ERC3009InvalidSignature()")));
        settlement.invokeWithAuthorization(payer, uint32(model), 1, node, DEPOSIT, "call", given);
    }

    function test_OpenForASigner() public {
        uint256 deadline = block.timestamp;
        bytes memory signature = signOpening(payer, payerKey, deadline);
        vm.prank(actor("relay"));
        settlement.openFor(payer, node, signer, DEPOSIT, deadline, signature);
        assertChannel(DEPOSIT, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.ChannelExists.selector, payer, node, signer));
        settlement.openFor(payer, node, signer, DEPOSIT, deadline, signature);
    }

    function test_OpenForAContractWallet() public {
        ContractWallet wallet = new ContractWallet(payer);
        give(address(wallet), DEPOSIT);
        wallet.approve(IERC20(address(open)), address(settlement));
        bytes memory signature = signOpening(address(wallet), payerKey, block.timestamp);
        settlement.openFor(address(wallet), node, signer, DEPOSIT, block.timestamp, signature);
        assertEq(settlement.channelOf(address(wallet), node, signer).deposit, DEPOSIT, "deposit");
    }

    function test_OpenForNeedsThePayersOwnSignatureInTime() public {
        uint256 deadline = block.timestamp + 9;
        bytes memory signature = signOpening(payer, payerKey, deadline);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.BadPayerSignature.selector, payer));
        settlement.openFor(payer, node, signer, DEPOSIT + 1, deadline, signature);
        (, uint256 otherKey) = account("other");
        bytes memory other = signOpening(payer, otherKey, deadline);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.BadPayerSignature.selector, payer));
        settlement.openFor(payer, node, signer, DEPOSIT, deadline, other);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SignatureExpired.selector, deadline));
        settlement.openFor(payer, node, signer, DEPOSIT, deadline, signature);
    }

    function test_TopUp() public {
        vm.startPrank(payer);
        settlement.open(node, signer, DEPOSIT);
        vm.expectEmit(address(settlement));
        emit ISettlement.ChannelToppedUp(payer, node, signer, 2e18);
        settlement.topUp(node, signer, 2e18);
        assertChannel(7e18, 0, 0);
        assertEq(open.balanceOf(address(settlement.vault())), 7e18, "custody");
        vm.expectRevert(ISettlement.ZeroAmount.selector);
        settlement.topUp(node, signer, 0);
    }

    function test_TopUpNeedsAnOpenChannel() public {
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.UnknownChannel.selector, payer, node, signer));
        settlement.topUp(node, signer, 1);
        settlement.open(node, signer, DEPOSIT);
        settlement.requestClose(node, signer);
        uint64 closeAt = uint64(block.timestamp + 1 days);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.ChannelClosing.selector, closeAt));
        settlement.topUp(node, signer, 1);
    }

    function test_CloseAfterADayReturnsTheRest() public {
        vm.startPrank(payer);
        settlement.open(node, signer, DEPOSIT);
        uint64 closeAt = uint64(block.timestamp + 1 days);
        vm.expectEmit(address(settlement));
        emit ISettlement.CloseRequested(payer, node, signer, closeAt);
        settlement.requestClose(node, signer);
        assertChannel(DEPOSIT, 0, closeAt);
        vm.warp(closeAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotClosable.selector, closeAt));
        settlement.close(node, signer);
        vm.warp(closeAt);
        vm.expectEmit(address(settlement));
        emit ISettlement.ChannelClosed(payer, node, signer, DEPOSIT);
        settlement.close(node, signer);
        assertChannel(0, 0, type(uint64).max);
        assertEq(open.balanceOf(payer), 20e18, "payer");
    }

    function test_ACloseRequestIsTakenBack() public {
        vm.startPrank(payer);
        settlement.open(node, signer, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotClosing.selector, payer, node, signer));
        settlement.cancelClose(node, signer);
        settlement.requestClose(node, signer);
        vm.expectEmit(address(settlement));
        emit ISettlement.CloseCancelled(payer, node, signer);
        settlement.cancelClose(node, signer);
        assertChannel(DEPOSIT, 0, 0);
        vm.warp(block.timestamp + 2 days);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotClosable.selector, 0));
        settlement.close(node, signer);
    }

    function test_CloseNeedsARequest() public {
        vm.startPrank(payer);
        settlement.open(node, signer, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotClosable.selector, uint64(0)));
        settlement.close(node, signer);
    }

    function test_ASecondRequestDoesNotMoveTheTime() public {
        vm.startPrank(payer);
        settlement.open(node, signer, DEPOSIT);
        settlement.requestClose(node, signer);
        uint64 closeAt = uint64(block.timestamp + 1 days);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.ChannelClosing.selector, closeAt));
        settlement.requestClose(node, signer);
    }

    function test_AClosedChannelStaysClosed() public {
        vm.startPrank(payer);
        settlement.open(node, signer, DEPOSIT);
        settlement.requestClose(node, signer);
        vm.warp(block.timestamp + 1 days);
        settlement.close(node, signer);
        bytes memory closed = abi.encodeWithSelector(ISettlement.ChannelIsClosed.selector, payer, node, signer);
        vm.expectRevert(closed);
        settlement.close(node, signer);
        vm.expectRevert(closed);
        settlement.topUp(node, signer, 1);
        vm.expectRevert(closed);
        settlement.requestClose(node, signer);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.ChannelExists.selector, payer, node, signer));
        settlement.open(node, signer, 1);
    }

    function test_APauseClosesEveryWayToOpen() public {
        ISettlement.Authorization memory given = authorize(keccak256(abi.encode("open", node, signer, bytes32("salt"))));
        bytes memory signature = signOpening(payer, payerKey, block.timestamp);
        pause(address(settlement));
        vm.startPrank(payer);
        expectPaused();
        settlement.open(node, signer, DEPOSIT);
        expectPaused();
        settlement.openWithPermit(node, signer, DEPOSIT, 0, 0, 0, 0);
        expectPaused();
        settlement.openWithAuthorization(payer, node, signer, DEPOSIT, given);
        expectPaused();
        settlement.openFor(payer, node, signer, DEPOSIT, block.timestamp, signature);
    }

    function test_OnlyRolesPauseAndResume() public {
        expectUnauthorized(address(payer));
        vm.prank(payer);
        settlement.pause();
        pause(address(settlement));
        expectUnauthorized(guardian);
        vm.prank(guardian);
        settlement.unpause();
        vm.prank(council);
        settlement.unpause();
        vm.prank(payer);
        settlement.open(node, signer, DEPOSIT);
    }

    function authorize(bytes32 nonce) private view returns (ISettlement.Authorization memory) {
        uint256 validBefore = block.timestamp + 1;
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(payerKey, Typed.receiving(address(open), payer, address(settlement), DEPOSIT, validBefore, nonce));
        return ISettlement.Authorization(0, validBefore, "salt", v, r, s);
    }

    function signOpening(address who, uint256 key, uint256 deadline) private view returns (bytes memory) {
        return Typed.signLong(key, Typed.opening(address(settlement), who, node, signer, DEPOSIT, deadline));
    }

    function assertChannel(uint256 deposit, uint256 redeemed, uint256 closeAt) private view {
        ISettlement.Channel memory found = settlement.channelOf(payer, node, signer);
        assertEq(found.deposit, deposit, "deposit");
        assertEq(found.redeemed, redeemed, "redeemed");
        assertEq(found.closeAt, closeAt, "closeAt");
    }
}
