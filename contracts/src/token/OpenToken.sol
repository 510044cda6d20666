// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {IGenesis} from "../interfaces/IGenesis.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title OPEN
/// @notice 1,000,000,000 tokens of 18 decimals, minted once. The contract has no owner, and no more can be minted.
/// @dev A transfer that fails reverts and never returns false, so the product's contracts do not check the result.
///      The treasury and the provider of liquidity do not vote: their holders cannot delegate, see `IGenesis.isSilent`.
///      Permit and ERC-3009 share one EIP-712 domain, named "Open", version "1". Votes count by timestamp.
contract OpenToken is ERC20, ERC20Permit, ERC20Votes, ERC20Burnable, ERC3009 {
    IGenesis private immutable _genesis;

    error SilentHolder(address account);

    /// @param genesis Receives the whole supply, hands it out, and knows which holders do not vote.
    constructor(address genesis) ERC20("Open", "OPEN") ERC20Permit("Open") {
        _genesis = IGenesis(genesis);
        _mint(genesis, 1e27);
    }

    /// @notice Votes are counted at seconds since 1970.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice The same in the words of ERC-6372.
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice The next nonce for a permit or a delegation by signature.
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _delegate(address account, address delegatee) internal override {
        if (_genesis.isSilent(account)) revert SilentHolder(account);
        super._delegate(account, delegatee);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
