// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OpenToken} from "../../src/token/OpenToken.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";

contract OpenTokenTest is OpenDeployed {
    function setUp() public {
        deployOpen();
    }

    function test_MadeOnceForOneRecipient() public {
        OpenToken token = OpenToken(deploy("OpenToken", abi.encode(address(7))));
        assertEq(token.totalSupply(), 1e27, "supply");
        assertEq(token.balanceOf(address(7)), 1e27, "recipient");
        assertEq(keccak256(bytes(token.name())), keccak256("Open"), "name");
        assertEq(keccak256(bytes(token.symbol())), keccak256("OPEN"), "symbol");
        assertEq(token.decimals(), 18, "decimals");
    }

    function test_VotesFollowDelegationByTimestamp() public {
        address holder = rich("holder", 5e18, address(this));
        vm.prank(holder);
        open.delegate(holder);
        uint256 then = vm.getBlockTimestamp();
        vm.warp(then + 10);
        vm.prank(holder);
        open.transfer(bank, 2e18);
        assertEq(open.getPastVotes(holder, then), 5e18, "votes then");
        assertEq(open.getVotes(holder), 3e18, "votes now");
        assertEq(open.clock(), then + 10, "clock");
        assertEq(keccak256(bytes(open.CLOCK_MODE())), keccak256("mode=timestamp"), "clock mode");
    }

    function test_BurningLowersTheSupply() public {
        vm.prank(bank);
        open.burn(3);
        assertEq(open.totalSupply(), 1e27 - 3, "supply");
    }

    function test_PermitSetsAnAllowanceOnce() public {
        (address owner, uint256 key) = account("owner");
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 content = keccak256(abi.encode(kind, owner, bank, 9, open.nonces(owner), vm.getBlockTimestamp()));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest(content));
        open.permit(owner, bank, 9, vm.getBlockTimestamp(), v, r, s);
        assertEq(open.allowance(owner, bank), 9, "allowance");
        assertEq(open.nonces(owner), 1, "nonce");
        vm.expectRevert();
        open.permit(owner, bank, 9, vm.getBlockTimestamp(), v, r, s);
    }

    function test_AuthorizationMovesTokensOnce() public {
        (address from, uint256 key) = account("from");
        give(from, 9);
        bytes32 kind = keccak256(
            "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
        uint256 until = vm.getBlockTimestamp() + 1;
        bytes32 content = keccak256(abi.encode(kind, from, treasury, 9, 0, until, bytes32("n")));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest(content));
        uint256 before = open.balanceOf(treasury);
        open.transferWithAuthorization(from, treasury, 9, 0, until, "n", v, r, s);
        assertEq(open.balanceOf(treasury), before + 9, "moved");
        assertTrue(open.authorizationState(from, "n"), "used");
        vm.expectRevert();
        open.transferWithAuthorization(from, treasury, 9, 0, until, "n", v, r, s);
    }

    function digest(bytes32 content) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Open"),
                keccak256("1"),
                block.chainid,
                address(open)
            )
        );
        assertEq(open.DOMAIN_SEPARATOR(), domain, "domain");
        return keccak256(abi.encodePacked(hex"1901", domain, content));
    }
}
