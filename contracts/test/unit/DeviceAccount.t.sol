// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account} from "@openzeppelin/contracts/account/Account.sol";
import {ERC7821} from "@openzeppelin/contracts/account/extensions/draft-ERC7821.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {DeviceAccount} from "../../src/account/DeviceAccount.sol";
import {IDatanetRegistry} from "../../src/interfaces/IDatanetRegistry.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {Typed} from "../support/Typed.sol";

/// @notice An account that delegated to the executor (EIP-7702).
contract DeviceAccountTest is MarketDeployed {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    bytes32 private constant BATCH = bytes32(uint256(1) << 248);
    address private alice;
    uint256 private aliceKey;
    address private signer = actor("session");

    function setUp() public {
        deployMarket();
        (alice, aliceKey) = account("alice");
        vm.signAndAttachDelegation(address(DeviceAccount(deploy("DeviceAccount", ""))), aliceKey);
        give(alice, 5e18);
    }

    function test_ApproveAndOpenAreOneTransaction() public {
        vm.prank(alice);
        DeviceAccount(payable(alice)).execute(BATCH, approveAndOpen(5e18));
        assertEq(settlement.channelOf(alice, node, signer).deposit, 5e18, "deposit");
        assertEq(open.balanceOf(alice), 0, "spent");
    }

    function test_AllCallsOrNone() public {
        vm.prank(alice);
        vm.expectRevert();
        DeviceAccount(payable(alice)).execute(BATCH, approveAndOpen(6e18));
        assertEq(open.allowance(alice, address(settlement)), 0, "no allowance is left");
    }

    function test_NobodyElseExecutes() public {
        bytes memory calls = approveAndOpen(5e18);
        vm.expectRevert(abi.encodeWithSelector(Account.AccountUnauthorized.selector, address(this)));
        DeviceAccount(payable(alice)).execute(BATCH, calls);
    }

    function test_OnlyPlainBatches() public {
        assertTrue(DeviceAccount(payable(alice)).supportsExecutionMode(BATCH), "batch");
        bytes32 withData = BATCH | bytes32(uint256(0x78210001) << 176);
        assertTrue(!DeviceAccount(payable(alice)).supportsExecutionMode(withData), "no extra data");
        vm.prank(alice);
        vm.expectRevert(ERC7821.UnsupportedExecutionMode.selector);
        DeviceAccount(payable(alice)).execute(withData, "");
    }

    function test_SignsAsBeforeForContractsThatAsk() public {
        IDatanetRegistry.SignedContribution memory offer =
            IDatanetRegistry.SignedContribution(datanet, alice, "content", 12, "rows", CC0, 0, block.timestamp);
        bytes32 digest = Typed.digest("DatanetRegistry", address(datanets), Typed.contribution(offer));
        (, uint256 otherKey) = account("other");
        bytes memory wrong = Typed.signLong(otherKey, digest);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.BadSignature.selector, alice));
        datanets.contributeBySig(offer, wrong);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.BadSignature.selector, alice));
        datanets.contributeBySig(offer, "short");
        datanets.contributeBySig(offer, Typed.signLong(aliceKey, digest));
        assertEq(datanets.contributionOf(datanet, 1).who, alice, "who");
    }

    function test_TakesEtherAndAssets() public {
        vm.deal(address(this), 1 ether);
        (bool done,) = alice.call{value: 1 ether}("");
        assertTrue(done, "ether");
        vm.prank(curator);
        datanets.safeTransferFrom(curator, alice, datanet);
        assertEq(datanets.ownerOf(datanet), alice, "a token");
        assertTrue(
            DeviceAccount(payable(alice)).onERC721Received(alice, alice, 1, "")
                == IERC721Receiver.onERC721Received.selector,
            "answer"
        );
    }

    function approveAndOpen(uint96 amount) private view returns (bytes memory) {
        Call[] memory calls = new Call[](2);
        calls[0] = Call(address(open), 0, abi.encodeCall(open.approve, (address(settlement), amount)));
        calls[1] = Call(address(settlement), 0, abi.encodeCall(settlement.open, (node, signer, amount)));
        return abi.encode(calls);
    }
}
