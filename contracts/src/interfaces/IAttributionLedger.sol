// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PotCodec} from "../attribution/lib/PotCodec.sol";
import {DatanetRef} from "./DatanetRef.sol";

/// @title The money of data contributors
/// @notice Holds what the Settlement hands over, and pays it in two ways. A sealed pot, the influence money of one (node, model
///         version), is paid by a posted list of accounts once its court says that the list stands; this contract computes
///         the pool, the list's root and its sum itself, so a court can only say yes or no. All other money is flat: it is
///         collected per lineage, spread over the cited Datanet versions, and paid by each holder's number of rows.
/// @dev Holds: pools and keeps of pots not final, listed amounts unclaimed, flat, income not taken, credit, and under a wei of
///      dust per claim of income. Amounts are wei of OPEN; a version is `model << 32 | version`. Nothing here can be paused.
interface IAttributionLedger {
    enum State {
        None,
        Sealed,
        Final,
        Flat
    }

    /// @param word The pot as the Settlement kept it, see `PotCodec`.
    /// @param court Who judges it: the court that was current when it was sealed.
    struct Pot {
        bytes32 word;
        address node;
        uint64 version;
        State state;
        address court;
        uint40 sealedAt;
    }

    /// @notice A list as this contract computed it.
    /// @param pool Influence money of the pot.
    /// @param keep What proposing and finalising is paid from.
    /// @param total What the list pays.
    /// @param size Accounts in it.
    /// @param root Its root, see `PayoutList`.
    struct Draft {
        uint96 pool;
        uint96 keep;
        uint96 total;
        uint32 size;
        bytes32 root;
    }

    /// @notice An account's word in the list of pot `id`.
    struct Claim {
        uint256 id;
        uint256 index;
        uint96 amount;
        bytes32[] path;
    }

    /// @notice A leaf of a Datanet version's shares: the account with `rows` rows under `rowsRoot`.
    struct Holder {
        address account;
        bytes32 rowsRoot;
        uint48 rows;
        uint256 place;
        bytes32[] siblings;
        uint128[] sums;
    }

    event Sealed(uint256 indexed id, address indexed node, uint64 indexed version, bytes32 pot, address court);
    event Finalized(uint256 indexed id, bytes32 root, uint256 total, uint256 rest);
    event Flattened(uint256 indexed id, uint256 amount);
    event Claimed(uint256 indexed id, address indexed account, uint256 amount);
    event FlatGiven(bytes32 indexed lineage, address indexed from, uint256 amount);
    event Spread(bytes32 indexed lineage, uint256 up, uint256 spread, uint256 left);
    event FlatClaimed(uint256 indexed datanet, uint32 indexed version, address indexed account, uint256 amount);
    event Credited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    event Wired(address settlement, address court);
    event CourtAnnounced(address court, uint256 from);

    error AlreadyWired();
    error ZeroAddress();
    error NotSettlement(address caller);
    error NotCourt(address caller);
    error NotSealed(uint256 id);
    error OtherDraft(uint256 id);
    error NotDue(uint256 due);
    error NotInList(uint256 id, address account);
    error NothingToClaim(address account);
    error NoLineage(uint64 version);
    error NotAHolder(address account);
    error NothingToSpread(bytes32 lineage);
    error NothingToWithdraw(address account);

    /// @notice Names the Settlement and the first court, once. The admin, when the contracts are deployed.
    function wire(address settlement, address court) external;

    /// @notice Announces the court of pots that are sealed 15 windows (30 days) from now or later. `Roles.PARAM`.
    function announceCourt(address court) external;

    /// @notice The court of pots that are sealed now.
    function court() external view returns (address);

    /// @notice Takes a sealed pot under the next id; the Settlement only.
    function take(address node, uint64 version, bytes32 pot) external returns (uint256 id);

    /// @notice Checks that `records` make up the pot and that `words` may be its list (see `PayoutList`), and keeps a hash of the
    ///         result. The pot's court only.
    function draft(uint256 id, PotCodec.Record[] calldata records, uint256[] calldata words)
        external
        returns (Draft memory);

    /// @notice Makes a draft final. Of keep, floor(4/5 * keep * total / pool) goes to the proposer and floor(keep / 5) to the
    ///         finaliser; what neither they nor the list get is flat. The pot's court only.
    function finalize(uint256 id, Draft calldata checked, address proposer, address finaliser) external;

    /// @notice Makes a whole pot flat, less floor(keep / 5) for the caller: its court by its rules, or 45 windows (90 days) after
    ///         it was sealed anyone.
    function flatten(uint256 id, PotCodec.Record[] calldata records, address caller) external;

    /// @notice Pays an account what final lists owe it, in one transfer; what it was paid before is passed over. Anyone may call.
    function claimMany(address account, Claim[] calldata claims) external;

    /// @notice Adds the caller's OPEN to the flat money of a version's lineage.
    function giveFlat(uint64 version, uint256 amount) external;

    /// @notice Spreads what the lineage of (parent, refs) has collected. With a parent, a tenth (everything, without references)
    ///         goes to the parent version's lineage, or to that model's payout if the parent has none. Of each reference's
    ///         part by weight, curatorBps go to the Datanet's owner, the rest is income of the Datanet version. Every
    ///         part is rounded down; the dust stays for the next time. Anyone may call.
    function spread(uint96 parent, DatanetRef[] calldata refs) external;

    /// @notice Pays a holder: floor(income * rows / all rows) less what was paid before. Anyone may call. The part of an account
    ///         that cannot receive (zero, this contract) goes to the Datanet's owner.
    function claimFlat(uint256 datanet, uint32 version, Holder calldata holder) external;

    /// @notice Pays an account its credit. Anyone may call.
    function withdraw(address account) external returns (uint256 amount);

    function potOf(uint256 id) external view returns (Pot memory);

    /// @notice Number of pots, also the newest id.
    function potCount() external view returns (uint256);

    /// @notice Root of the list of a final pot.
    function rootOf(uint256 id) external view returns (bytes32);

    function isClaimed(uint256 id, address account) external view returns (bool);

    /// @notice Flat money of a lineage that lies here; the Settlement collects more.
    function flat(bytes32 lineage) external view returns (uint256);

    /// @notice All flat money that a Datanet version ever got.
    function income(uint256 datanet, uint32 version) external view returns (uint256);

    function credit(address account) external view returns (uint256);
}
