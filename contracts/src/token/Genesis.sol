// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGenesis} from "../interfaces/IGenesis.sol";
import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";
import {VotingWallet} from "./VotingWallet.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Genesis
/// @notice Community 51.71 %, investors 18.29 %, team 15 %, liquidity 5 %, ecosystem 10 % of 1,000,000,000 OPEN.
/// @dev The clock of all schedules starts when this contract is made. Investors and team wait 12 months and then vest over
///      36: a wallet that starts later, not a cliff, because a cliff releases everything that grew behind it at once.
contract Genesis is IGenesis {
    using SafeERC20 for IERC20;

    uint64 private constant MONTH = 365 days / 12;

    Parties private _parties;
    uint64 private immutable _start = uint64(block.timestamp);
    VestingWallet private immutable _community;
    VestingWallet private immutable _investors;
    VestingWallet private immutable _team;
    VestingWallet private immutable _ecosystem;

    constructor(Parties memory parties) {
        if (parties.liquidity == address(0)) revert NoParty();
        _parties = parties;
        // The wallets themselves refuse a zero beneficiary.
        _community = new VestingWallet(parties.treasury, _start, 48 * MONTH);
        _investors = new VotingWallet(parties.investors, _start + 12 * MONTH, 36 * MONTH);
        _team = new VotingWallet(parties.team, _start + 12 * MONTH, 36 * MONTH);
        _ecosystem = new VestingWallet(parties.treasury, _start, 48 * MONTH);
    }

    /// @inheritdoc IGenesis
    function distribute(IERC20 token) external {
        (uint256 held, uint256 supply) = (token.balanceOf(address(this)), token.totalSupply());
        if (held != supply || supply != 1e27) revert NotTheWholeSupply(held, supply);
        Bucket[6] memory table = buckets();
        for (uint256 i; i < table.length; ++i) {
            token.safeTransfer(table[i].holder, table[i].amount);
            emit Allocated(token, table[i].id, table[i].holder, table[i].amount);
        }
    }

    /// @inheritdoc IGenesis
    function buckets() public view returns (Bucket[6] memory table) {
        Parties memory to = _parties;
        // 5 % of the community's 517,100,000 is liquid: it pays seasons and rewards before the rest has vested.
        table[0] = _liquid("community, liquid", to.treasury, 25_855_000e18);
        table[1] = _vested("community, vesting", _community, to.treasury, 491_245_000e18);
        table[2] = _vested("investors", _investors, to.investors, 182_900_000e18);
        table[3] = _vested("team", _team, to.team, 150_000_000e18);
        table[4] = _liquid("liquidity", to.liquidity, 50_000_000e18);
        table[5] = _vested("ecosystem", _ecosystem, to.treasury, 100_000_000e18);
    }

    /// @inheritdoc IGenesis
    function vesting(uint256 bucket, IERC20 token)
        external
        view
        returns (uint256 held, uint256 releasable, uint256 released)
    {
        Bucket memory line = buckets()[bucket];
        if (line.duration == 0) return (0, 0, 0);
        VestingWallet wallet = VestingWallet(payable(line.holder));
        return (token.balanceOf(line.holder), wallet.releasable(address(token)), wallet.released(address(token)));
    }

    /// @inheritdoc IGenesis
    function isSilent(address holder) public view returns (bool) {
        return holder == address(_community) || holder == address(_ecosystem) || holder == _parties.treasury
            || holder == _parties.liquidity;
    }

    /// @inheritdoc IGenesis
    function votable(IERC20 token) external view returns (uint256 amount) {
        amount = token.totalSupply();
        Bucket[6] memory table = buckets();
        for (uint256 i; i < table.length; ++i) {
            if (isSilent(table[i].holder)) amount -= token.balanceOf(table[i].holder);
        }
    }

    function _liquid(bytes32 id, address holder, uint256 amount) private view returns (Bucket memory) {
        return Bucket(id, holder, holder, amount, _start, 0);
    }

    function _vested(bytes32 id, VestingWallet wallet, address beneficiary, uint256 amount)
        private
        view
        returns (Bucket memory)
    {
        return Bucket(id, address(wallet), beneficiary, amount, uint64(wallet.start()), uint64(wallet.duration()));
    }
}
