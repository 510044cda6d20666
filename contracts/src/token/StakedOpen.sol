// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStakedOpen} from "../interfaces/IStakedOpen.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title sOPEN
/// @notice One for one with OPEN at stake in the NodeRegistry, so that stakers keep their votes. It cannot be moved.
/// @dev Made by the registry in its own constructor: its one maker is fixed by code, and no role can stand between a
///      staker and the exit. Votes count once they are delegated, to oneself or another, as with OPEN.
contract StakedOpen is IStakedOpen, ERC20Votes {
    address private immutable _registry = msg.sender;

    constructor() ERC20("Staked Open", "sOPEN") EIP712("StakedOpen", "1") {}

    modifier onlyRegistry() {
        if (msg.sender != _registry) revert NotTheRegistry(msg.sender);
        _;
    }

    /// @inheritdoc IStakedOpen
    function mint(address staker, uint256 amount) external onlyRegistry {
        _mint(staker, amount);
    }

    /// @inheritdoc IStakedOpen
    function burn(address staker, uint256 amount) external onlyRegistry {
        _burn(staker, amount);
    }

    /// @notice Votes are counted at seconds since 1970.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice The same in the words of ERC-6372.
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice Not kept: it would double the gas of staking, and all votes there can be are the supply of OPEN.
    function getPastTotalSupply(uint256) public pure override returns (uint256) {
        revert PastSupplyNotKept();
    }

    function _transferVotingUnits(address from, address to, uint256 amount) internal override {
        _moveDelegateVotes(delegates(from), delegates(to), amount);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from != address(0) && to != address(0)) revert NotTransferable();
        super._update(from, to, value);
    }
}
