// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {EntryPause} from "../gov/EntryPause.sol";
import {IDatanetRegistry} from "../interfaces/IDatanetRegistry.sol";
import {LicenceTable} from "./LicenceTable.sol";

/// @title Datanets, their curators and their versions
/// @notice A Datanet and its published versions; `DatanetRegistry` handles contributions.
abstract contract DatanetBook is ERC721, LicenceTable, EntryPause {
    uint256 private constant BPS = 10_000;

    /// @dev In one slot with the pause, which `create` reads anyway.
    uint64 private _count;
    mapping(uint256 id => Datanet) internal _datanets;
    mapping(uint256 id => mapping(uint32 version => Version)) private _versions;
    /// @dev How often a Datanet was sold. Curators are kept by it, so a sale ends those that the seller named, also when the
    ///      seller buys the Datanet back.
    mapping(uint256 id => uint256) private _sales;
    mapping(uint256 id => mapping(uint256 sales => mapping(address curator => bool))) private _curators;
    mapping(uint256 id => Withdrawals) private _withdrawals;

    /// @dev One slot. `beforeDay` are those made before `day`, counted in days since 1970.
    struct Withdrawals {
        uint64 all;
        uint64 beforeDay;
        uint64 day;
    }

    constructor(address authority) ERC721("Datanet", "DNET") AccessManaged(authority) {}

    modifier onlyDatanetOwner(uint256 id) {
        if (_ownerOf(id) != msg.sender) revert NotDatanetOwner(id, msg.sender);
        _;
    }

    modifier onlyCurator(uint256 id) {
        if (!isCurator(id, msg.sender)) revert NotCurator(id, msg.sender);
        _;
    }

    /// @inheritdoc IDatanetRegistry
    function create(
        bytes32 meta,
        uint32 licence,
        uint16 curatorBps,
        bool open,
        uint32 minStakeOpen,
        bytes32[] calldata tags
    ) external whenNotPaused returns (uint256 id) {
        _permissionsOf(licence);
        if (curatorBps > BPS) revert BadShare(curatorBps);
        id = ++_count;
        _datanets[id] = Datanet({
            meta: meta,
            versions: 0,
            licence: licence,
            createdAt: uint40(block.timestamp),
            accepted: 0,
            pending: 0,
            contributions: 0,
            curatorBps: curatorBps,
            open: open,
            minStakeOpen: minStakeOpen
        });
        _mint(msg.sender, id);
        emit DatanetCreated(id, msg.sender, meta, licence, curatorBps, open, minStakeOpen);
        _announceTags(id, tags);
    }

    /// @inheritdoc IDatanetRegistry
    function setMeta(uint256 id, bytes32 meta, bytes32[] calldata tags) external onlyDatanetOwner(id) {
        _datanets[id].meta = meta;
        emit MetaSet(id, meta, keccak256(abi.encodePacked(tags)));
        _announceTags(id, tags);
    }

    /// @inheritdoc IDatanetRegistry
    function setAccess(uint256 id, bool open, uint32 minStakeOpen) external onlyDatanetOwner(id) {
        _datanets[id].open = open;
        _datanets[id].minStakeOpen = minStakeOpen;
        emit AccessSet(id, open, minStakeOpen);
    }

    /// @inheritdoc IDatanetRegistry
    function setCurator(uint256 id, address curator, bool allowed) external onlyDatanetOwner(id) {
        _curators[id][_sales[id]][curator] = allowed;
        emit CuratorSet(id, curator, allowed);
    }

    /// @inheritdoc IDatanetRegistry
    function publish(
        uint256 id,
        bytes32 manifest,
        bytes32 rowsRoot,
        bytes32 sharesRoot,
        uint48 rows,
        uint32 parent,
        uint64 withdrawals
    ) external onlyCurator(id) returns (uint32 version) {
        uint32 latest = _datanets[id].versions;
        if (parent != latest) revert NotLatest(parent, latest);
        if (manifest == 0 || rowsRoot == 0 || sharesRoot == 0) revert RootEmpty();
        if (rows == 0) revert RowsMissing();
        _checkWithdrawals(id, withdrawals);
        version = latest + 1;
        _datanets[id].versions = version;
        _versions[id][version] = Version(manifest, rowsRoot, sharesRoot, msg.sender, uint48(block.timestamp), rows);
        emit VersionPublished(id, version, manifest, rowsRoot, sharesRoot, rows, msg.sender, withdrawals);
    }

    /// @inheritdoc IDatanetRegistry
    function checkCitable(uint256 id, uint32 version, uint32 wanted) external view {
        Datanet storage datanet = _datanets[id];
        if (version == 0 || version > datanet.versions) revert UnknownVersion(id, version);
        checkLicence(datanet.licence, wanted);
    }

    /// @inheritdoc IDatanetRegistry
    function datanetCount() external view returns (uint256) {
        return _count;
    }

    /// @inheritdoc IDatanetRegistry
    function datanetOf(uint256 id) external view returns (Datanet memory) {
        return _datanets[id];
    }

    /// @inheritdoc IDatanetRegistry
    function versionOf(uint256 id, uint32 version) external view returns (Version memory found) {
        found = _versions[id][version];
        if (found.manifest == 0) revert UnknownVersion(id, version);
    }

    /// @inheritdoc IDatanetRegistry
    function isCurator(uint256 id, address account) public view returns (bool) {
        return account != address(0) && (_ownerOf(id) == account || _curators[id][_sales[id]][account]);
    }

    /// @inheritdoc IDatanetRegistry
    function withdrawalsOf(uint256 id) external view returns (uint64) {
        return _withdrawals[id].all;
    }

    function _countWithdrawal(uint256 id) internal {
        Withdrawals memory counted = _withdrawals[id];
        uint64 today = _today();
        if (today != counted.day) (counted.beforeDay, counted.day) = (counted.all, today);
        ++counted.all;
        _withdrawals[id] = counted;
    }

    function _update(address to, uint256 id, address auth) internal override returns (address from) {
        from = super._update(to, id, auth);
        if (from != address(0) && from != to) ++_sales[id];
    }

    /// @dev Those of today need not be known: a withdrawal in front of `publish` must not stop it.
    function _checkWithdrawals(uint256 id, uint64 known) private view {
        Withdrawals memory counted = _withdrawals[id];
        uint64 least = _today() == counted.day ? counted.beforeDay : counted.all;
        if (known < least || known > counted.all) revert WithdrawalsNotKnown(known, least, counted.all);
    }

    function _today() private view returns (uint64) {
        return uint64(block.timestamp / 1 days);
    }

    function _announceTags(uint256 id, bytes32[] calldata tags) private {
        for (uint256 i; i < tags.length; ++i) {
            emit TagAdded(tags[i], id);
        }
    }
}
