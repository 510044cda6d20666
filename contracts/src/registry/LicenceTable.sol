// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IDatanetRegistry} from "../interfaces/IDatanetRegistry.sol";

/// @title Licences and what they allow
/// @notice Starts with the common SPDX licences; governance adds others. An entry never changes.
/// @dev Uses that licences allow are stored in nibbles, 64 to a slot, so that checking several costs one cold read.
abstract contract LicenceTable is IDatanetRegistry, AccessManaged {
    uint256 private constant LISTED = 1;
    uint256 private constant COMMERCIAL = 2;
    uint256 private constant DERIVATIVE = 4;
    uint256 private constant SHARE_ALIKE = 8;
    uint256 private constant USES = LISTED | COMMERCIAL | DERIVATIVE;

    /// @inheritdoc IDatanetRegistry
    mapping(bytes32 text => uint32) public licenceWithText;
    mapping(uint32 licence => bytes32) private _texts;
    mapping(uint256 word => uint256) private _permissions;
    /// @inheritdoc IDatanetRegistry
    uint32 public licenceCount;

    constructor() {
        _addSpdx("CC0-1.0", true, true, false);
        _addSpdx("CC-BY-4.0", true, true, false);
        _addSpdx("CC-BY-SA-4.0", true, true, true);
        _addSpdx("CC-BY-NC-4.0", false, true, false);
        _addSpdx("CC-BY-NC-SA-4.0", false, true, true);
        _addSpdx("CC-BY-ND-4.0", true, false, false);
        _addSpdx("CC-BY-NC-ND-4.0", false, false, false);
        _addSpdx("ODC-By-1.0", true, true, false);
        _addSpdx("ODbL-1.0", true, true, true);
        _addSpdx("PDDL-1.0", true, true, false);
        _addSpdx("Apache-2.0", true, true, false);
        _addSpdx("MIT", true, true, false);
        _addSpdx("BSD-3-Clause", true, true, false);
    }

    /// @inheritdoc IDatanetRegistry
    function addLicence(string calldata spdx, bytes32 text, bool commercial, bool derivative, bool shareAlike)
        external
        restricted
        returns (uint32)
    {
        return _add(spdx, text, commercial, derivative, shareAlike);
    }

    /// @inheritdoc IDatanetRegistry
    function licenceOf(uint32 licence) external view returns (Licence memory) {
        uint256 permissions = _permissionsOf(licence);
        return Licence({
            text: _texts[licence],
            commercial: permissions & COMMERCIAL != 0,
            derivative: permissions & DERIVATIVE != 0,
            shareAlike: permissions & SHARE_ALIKE != 0
        });
    }

    /// @inheritdoc IDatanetRegistry
    function checkLicence(uint32 source, uint32 wanted) public view {
        uint256 given = _permissionsOf(source);
        bool isTooMuch = _permissionsOf(wanted) & USES & ~given != 0;
        bool isOther = given & SHARE_ALIKE != 0 && wanted != source;
        if (isTooMuch || isOther) revert LicenceForbids(source, wanted);
    }

    /// @dev Reverts for a licence that is not in the table.
    function _permissionsOf(uint32 licence) internal view returns (uint256 permissions) {
        permissions = (_permissions[licence >> 6] >> ((licence & 63) << 2)) & 15;
        if (permissions == 0) revert UnknownLicence(licence);
    }

    function _addSpdx(string memory spdx, bool commercial, bool derivative, bool shareAlike) private {
        _add(spdx, keccak256(bytes(spdx)), commercial, derivative, shareAlike);
    }

    function _add(string memory spdx, bytes32 text, bool commercial, bool derivative, bool shareAlike)
        private
        returns (uint32 licence)
    {
        if (text == 0) revert RootEmpty();
        if (licenceWithText[text] != 0) revert LicenceExists(licenceWithText[text]);
        licence = ++licenceCount;
        licenceWithText[text] = licence;
        _texts[licence] = text;
        uint256 permissions =
            LISTED | (commercial ? COMMERCIAL : 0) | (derivative ? DERIVATIVE : 0) | (shareAlike ? SHARE_ALIKE : 0);
        _permissions[licence >> 6] |= permissions << ((licence & 63) << 2);
        emit LicenceAdded(licence, text, spdx, commercial, derivative, shareAlike);
    }
}
