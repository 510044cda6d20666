// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RowCodec} from "../attribution/lib/RowCodec.sol";
import {DatanetRef} from "./DatanetRef.sol";

/// @title How the rows of a model version weigh on answers
/// @notice The owner of a model commits, once per version, a tree over the vectors of its rows, a threshold and the part of the
///         contributors' money that influence decides. Any row can be demanded for a fee; a row that is not shown voids the
///         commitment. A version is `model << 32 | version`. Fees and deposits are native money, times are seconds.
interface IInfluenceBook {
    /// @param root Root of the `Merkle` tree of influence leaves, see `RowCodec`.
    /// @param artefact sha2-256 digest of the CIDv1 of the file with all rows.
    /// @param rows Leaves of the tree, at most 2^20.
    /// @param threshold What is subtracted from each product, see `CallRule`.
    /// @param rhoBps Part of the contributors' money that influence decides, at most 8,000 basis points.
    /// @param since When it was committed.
    /// @param isVoid A row was demanded and not shown, or stands in it twice.
    /// @param deposit What the owner deposited; it stays for as long as rows can be demanded.
    struct Commitment {
        bytes32 root;
        bytes32 artefact;
        uint24 rows;
        uint40 threshold;
        uint16 rhoBps;
        uint40 since;
        bool isVoid;
        uint96 deposit;
    }

    /// @notice What a proposal records of a commitment.
    struct Values {
        bytes32 root;
        uint24 rows;
        uint40 threshold;
    }

    /// @notice Where a row comes from: the model version cites the Datanet version (place `ref` of `refs`), in whose shares the
    ///         contributor has `rows` rows under `rowsRoot`, and the row is one of them.
    struct Origin {
        uint96 parent;
        DatanetRef[] refs;
        uint256 ref;
        bytes32 rowsRoot;
        uint48 rows;
        uint256 index;
        bytes32[] path;
        uint256 place;
        bytes32[] siblings;
        uint128[] sums;
    }

    /// @notice A row with its path in the influence tree and its origin.
    struct ShownRow {
        RowCodec.Row row;
        bytes32[] path;
        Origin origin;
    }

    struct Demand {
        address demander;
        uint96 fee;
        uint40 due;
    }

    event InfluenceCommitted(
        uint64 indexed version,
        bytes32 artefact,
        bytes32 root,
        uint24 rows,
        uint40 threshold,
        uint16 rhoBps,
        uint256 deposit
    );
    event RowDemanded(uint64 indexed version, uint256 indexed index, address indexed demander, uint256 due);
    event DemandAnswered(uint64 indexed version, uint256 indexed index, address indexed by, ShownRow shown);
    event CommitmentVoid(uint64 indexed version, address indexed by);

    error NotModelOwner(uint64 version, address caller);
    error UnknownVersion(uint64 version);
    error FieldMissing();
    error TooManyRows(uint256 rows);
    error RhoTooLarge(uint16 rhoBps);
    error AlreadyCommitted(uint64 version);
    /// @notice There is no commitment, or it is void.
    error NoCommitment(uint64 version);
    error DemandOpen(uint64 version, uint256 index);
    error NoDemand(uint64 version, uint256 index);
    error DemandOver(uint256 due);
    error DemandNotOver(uint256 due);
    error NotInInfluence(uint256 index);
    error NotARow();
    error NoOrigin();
    error SamePlace(uint256 index);
    error OtherRows();

    /// @notice Commits for a version of a model that the caller owns, once; in force after five days. Takes at least twice the
    ///         answer fee as a deposit.
    function commitInfluence(
        uint64 version,
        bytes32 artefact,
        bytes32 root,
        uint24 rows,
        uint40 threshold,
        uint16 rhoBps
    ) external payable;

    /// @notice Demands that row `index` is shown within 72 hours, for at least the answer fee.
    function demandRow(uint64 version, uint256 index) external payable;

    /// @notice Shows a demanded row; anyone may, and gets the fee.
    function answerDemand(uint64 version, uint256 index, ShownRow calldata shown) external;

    /// @notice Voids a commitment of which a demanded row was not shown in time; the deposit and the fee are the demander's.
    ///         Of a commitment that is void already, the fee comes back.
    function endDemand(uint64 version, uint256 index) external;

    /// @notice Voids a commitment that holds the same row at two places; the deposit is the caller's.
    function twice(
        uint64 version,
        uint256 first,
        RowCodec.Row calldata firstRow,
        bytes32[] calldata firstPath,
        uint256 second,
        RowCodec.Row calldata secondRow,
        bytes32[] calldata secondPath
    ) external;

    /// @notice The weight of row `index` in a call with this vector, by `CallRule`, with its cluster and contributor. Reverts
    ///         unless the row is in the tree and has an origin.
    /// @param shown `abi.encode(ShownRow)`: the court only passes it on.
    function weigh(uint64 version, Values calldata values, uint256 index, bytes calldata vector, bytes calldata shown)
        external
        view
        returns (uint256 weight, uint256 cluster, address contributor);

    /// @notice Reverts unless the row is row `index` of the tree; its origin is not looked at.
    /// @param shown `abi.encode(ShownRow)`.
    function checkShown(Values calldata values, uint256 index, bytes calldata shown) external pure;

    /// @notice The part that influence decides of money that is redeemed now, basis points.
    function rhoOf(uint64 version) external view returns (uint256);

    /// @notice What a proposal made now records; reverts when there is no commitment or it is void.
    function valuesOf(uint64 version) external view returns (Values memory);

    function isVoid(uint64 version) external view returns (bool);

    function commitmentOf(uint64 version) external view returns (Commitment memory);

    function demandOf(uint64 version, uint256 index) external view returns (Demand memory);
}
