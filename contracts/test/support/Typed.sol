// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDatanetRegistry} from "../../src/interfaces/IDatanetRegistry.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Vm} from "./Vm.sol";

/// @notice A second implementation of the EIP-712 digests, from the standard and the interfaces' texts.
library Typed {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function domain(string memory name, address at) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                at
            )
        );
    }

    function digest(string memory name, address at, bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain(name, at), structHash));
    }

    function voucher(address settlement, address node, ISettlement.Voucher memory v) internal view returns (bytes32) {
        bytes memory lines;
        for (uint256 i; i < v.lines.length; ++i) {
            lines = abi.encodePacked(
                lines,
                keccak256(
                    abi.encode(
                        keccak256("Line(uint32 modelId,uint32 version,uint96 amount,uint32 calls,bytes32 receipts)"),
                        v.lines[i].modelId,
                        v.lines[i].version,
                        v.lines[i].amount,
                        v.lines[i].calls,
                        v.lines[i].receipts
                    )
                )
            );
        }
        bytes32 typeHash = keccak256(
            "Voucher(address payer,address node,uint96 base,Line[] lines)Line(uint32 modelId,uint32 version,uint96 amount,uint32 calls,bytes32 receipts)"
        );
        return
            digest("Settlement", settlement, keccak256(abi.encode(typeHash, v.payer, node, v.base, keccak256(lines))));
    }

    function contribution(IDatanetRegistry.SignedContribution memory c) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Contribution(uint256 datanet,address contributor,bytes32 content,uint24 rows,bytes32 rowsRoot,uint32 licence,uint256 nonce,uint256 deadline)"
                ),
                c.datanet,
                c.contributor,
                c.content,
                c.rows,
                c.rowsRoot,
                c.licence,
                c.nonce,
                c.deadline
            )
        );
    }

    function opening(address settlement, address payer, address node, address signer, uint96 amount, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        bytes32 typeHash = keccak256("Open(address payer,address node,address signer,uint96 amount,uint256 deadline)");
        return digest("Settlement", settlement, keccak256(abi.encode(typeHash, payer, node, signer, amount, deadline)));
    }

    function permit(address token, address owner, address spender, uint256 amount, uint256 nonce, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        bytes32 typeHash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        return digest("Open", token, keccak256(abi.encode(typeHash, owner, spender, amount, nonce, deadline)));
    }

    /// @notice ERC-3009, valid from time zero to `validBefore`.
    function receiving(address token, address from, address to, uint256 amount, uint256 validBefore, bytes32 nonce)
        internal
        view
        returns (bytes32)
    {
        bytes32 typeHash = keccak256(
            "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
        return digest("Open", token, keccak256(abi.encode(typeHash, from, to, amount, 0, validBefore, nonce)));
    }

    /// @notice ERC-3009, the form that any account may send.
    function transfer(address token, address from, address to, uint256 amount, uint256 validBefore, bytes32 nonce)
        internal
        view
        returns (bytes32)
    {
        bytes32 typeHash = keccak256(
            "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
        return digest("Open", token, keccak256(abi.encode(typeHash, from, to, amount, 0, validBefore, nonce)));
    }

    /// @notice A compact signature (EIP-2098).
    function sign(uint256 key, bytes32 hash) internal pure returns (bytes32 r, bytes32 vs) {
        uint8 v;
        bytes32 s;
        (v, r, s) = vm.sign(key, hash);
        vs = bytes32((uint256(v - 27) << 255) | uint256(s));
    }

    /// @notice The same in 65 bytes.
    function signLong(uint256 key, bytes32 hash) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        return abi.encodePacked(r, s, v);
    }
}
