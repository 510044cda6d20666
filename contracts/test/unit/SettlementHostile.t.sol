// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Settlement} from "../../src/settle/Settlement.sol";
import {Splitter} from "../../src/settle/Splitter.sol";
import {HostileToken} from "../mocks/HostileToken.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";

/// @notice A settlement over a hostile token: the guards must hold by themselves.
contract SettlementHostileTest is MarketDeployed {
    HostileToken private hostile;
    Settlement private victim;
    address private payer;
    address private signer;

    function setUp() public {
        deployMarket();
        hostile = new HostileToken();
        victim = Settlement(
            deploy(
                "Settlement",
                abi.encode(
                    address(manager),
                    Splitter.Parts(IERC20(address(hostile)), models, influences, ledger, treasury, WINDOW)
                )
            )
        );
        payer = actor("payer");
        signer = actor("session");
        hostile.mint(payer, 10e18);
        vm.startPrank(payer);
        hostile.approve(address(victim), type(uint256).max);
        victim.open(node, signer, 1e18);
        victim.invoke(uint32(model), 1, node, 1e18, "call");
        vm.stopPrank();
    }

    function test_NoEntryCanBeReenteredWhileMoneyMoves() public {
        ISettlement.Authorization memory none;
        bytes[] memory entries = new bytes[](15);
        entries[0] = abi.encodeCall(victim.open, (node, signer, 1));
        entries[1] = abi.encodeCall(victim.openWithPermit, (node, signer, 1, 0, 0, 0, 0));
        entries[2] = abi.encodeCall(victim.openWithAuthorization, (payer, node, signer, 1, none));
        entries[3] = abi.encodeCall(victim.openFor, (payer, node, signer, 1, 0, ""));
        entries[4] = abi.encodeCall(victim.topUp, (node, signer, 1));
        entries[5] = abi.encodeCall(victim.close, (node, signer));
        entries[6] = abi.encodeCall(victim.redeem, (node, new ISettlement.Voucher[](0)));
        entries[7] = abi.encodeCall(victim.invoke, (uint32(model), 1, node, 1, "call"));
        entries[8] = abi.encodeCall(victim.invokeWithAuthorization, (payer, uint32(model), 1, node, 1, "call", none));
        entries[9] = abi.encodeCall(victim.withdraw, (payer));
        entries[10] = abi.encodeCall(victim.withdrawFor, (maker));
        entries[11] = abi.encodeCall(victim.drawFlat, (0));
        entries[12] = abi.encodeCall(victim.seal, (node, 1));
        entries[13] = abi.encodeCall(victim.give, (uint32(model), 1, node, 1, "call"));
        entries[14] = abi.encodeCall(victim.recoverStrays, ());
        for (uint256 i; i < entries.length; ++i) {
            hostile.callBack(address(victim), entries[i]);
            vm.prank(payer);
            victim.topUp(node, signer, 1);
            assertEq(
                hostile.answer(), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector, "the guard answers"
            );
        }
    }

    function test_ATokenThatAnswersFalseMovesNothing() public {
        hostile.answerFalse();
        bytes memory failed = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(hostile));
        vm.startPrank(payer);
        vm.expectRevert(failed);
        victim.open(node, actor("second session"), 1);
        vm.expectRevert(failed);
        victim.topUp(node, signer, 1);
        vm.expectRevert(failed);
        victim.invoke(uint32(model), 1, node, 1e18, "call");
        vm.expectRevert(failed);
        victim.withdrawFor(maker);
        vm.stopPrank();
        vm.expectRevert(failed);
        vm.prank(address(ledger));
        victim.drawFlat(0);
        vm.startPrank(payer);
        victim.requestClose(node, signer);
        vm.warp(block.timestamp + 1 days);
        vm.expectRevert(failed);
        victim.close(node, signer);
        assertEq(victim.credit(maker), 679e15, "still owed");
    }

    function test_AReceiverThatRefusesKeepsNobodyElseWaiting() public {
        hostile.refuse(maker);
        vm.expectRevert(abi.encodeWithSelector(HostileToken.Refused.selector, maker));
        victim.withdrawFor(maker);
        victim.withdrawFor(node);
        victim.withdrawFor(treasury);
        vm.prank(address(ledger));
        victim.drawFlat(0);
        vm.prank(maker);
        victim.withdraw(actor("other address"));
    }
}
