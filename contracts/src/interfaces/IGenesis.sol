// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title The first distribution of OPEN
/// @notice Six buckets that add up to the whole supply. Nobody can change them, stop them or make more.
interface IGenesis {
    /// @notice One line of the distribution.
    /// @param id Its name as a short string.
    /// @param holder Where the tokens go: a VestingWallet, or the beneficiary itself when nothing vests.
    /// @param beneficiary Who ends up with them.
    /// @param amount In wei of OPEN.
    /// @param start When vesting begins, in seconds since 1970. Nothing is released before.
    /// @param duration Over how many seconds it vests linearly; 0 when liquid from the start.
    struct Bucket {
        bytes32 id;
        address holder;
        address beneficiary;
        uint256 amount;
        uint64 start;
        uint64 duration;
    }

    /// @notice The parties of the distribution.
    /// @param treasury The Timelock: community and ecosystem.
    /// @param investors Who receives what investors bought.
    /// @param team Who receives the team's part.
    /// @param liquidity Who provides liquidity at the start.
    struct Parties {
        address treasury;
        address investors;
        address team;
        address liquidity;
    }

    /// @notice A bucket was paid out.
    event Allocated(IERC20 indexed token, bytes32 indexed bucket, address indexed holder, uint256 amount);

    /// @notice A party is the zero address.
    error NoParty();

    /// @notice This contract does not hold the whole supply of `token`: it is another token, or already distributed.
    error NotTheWholeSupply(uint256 held, uint256 supply);

    /// @notice Hands the whole supply to the buckets. Anyone may call it; it works once per token.
    /// @dev Bound to no token, so that the token can be given this address when it is made. A foreign token made to look
    ///      right changes nothing for OPEN: the buckets are fixed and vest every token by the same schedule.
    function distribute(IERC20 token) external;

    /// @notice The six buckets, from contract state.
    function buckets() external view returns (Bucket[6] memory);

    /// @notice What a bucket still holds of `token`, what it could release now, and what it has released.
    /// @dev Of a liquid bucket nothing is left to release: it reports zeros.
    function vesting(uint256 bucket, IERC20 token)
        external
        view
        returns (uint256 held, uint256 releasable, uint256 released);

    /// @notice Whether a holder's OPEN does not vote: the treasury, its two vesting wallets, and the provider of liquidity. What they
    ///         pay out votes. Investors and team delegate what lies in their wallets, see `VotingWallet`.
    function isSilent(address holder) external view returns (bool);

    /// @notice The supply of `token` less what silent holders have: the votes there can be.
    function votable(IERC20 token) external view returns (uint256);
}
