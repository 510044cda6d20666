// Messages for the errors of OpenZeppelin's contracts. Keys are error declarations in Solidity; `{name:as}` in a text is an
// argument, formatted by `format-error.ts`.

export const OPENZEPPELIN_ERROR_TEXTS: Readonly<Record<string, string>> = {
  'ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)':
    '{sender} has {balance:open}; {needed:open} are needed.',
  'ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)':
    '{spender} may take {allowance:open}; {needed:open} are needed. Approve the amount first.',
  'ERC20InvalidApprover(address approver)': '{approver} cannot allow anyone to take tokens.',
  'ERC20InvalidReceiver(address receiver)': '{receiver} cannot receive tokens.',
  'ERC20InvalidSender(address sender)': '{sender} cannot send tokens.',
  'ERC20InvalidSpender(address spender)': '{spender} cannot be allowed to take tokens.',
  'ERC20ExceededSafeSupply(uint256 increasedSupply, uint256 cap)':
    'The supply would become {increasedSupply:open}; {cap:open} is the most.',
  'ERC2612ExpiredSignature(uint256 deadline)': 'The permit ended at {deadline:time}. Sign a new one.',
  'ERC2612InvalidSigner(address signer, address owner)':
    'The permit was signed by {signer}, not by the owner {owner}, or was used already.',
  'ERC3009InvalidAuthorizationTime(uint256 validAfter, uint256 validBefore)':
    'The payment authorisation counts only between {validAfter:time} and {validBefore:time}.',
  'ERC3009InvalidSignature()': 'The payment authorisation was not signed by the payer.',
  'ERC3009UsedAuthorization(address authorizer, bytes32 nonce)':
    'The payment authorisation {nonce} of {authorizer} was used or cancelled already.',
  'ERC5805FutureLookup(uint256 timepoint, uint48 clock)':
    'Votes at {timepoint:time} are not known yet; the chain is at {clock:time}.',
  'ERC6372InconsistentClock()': 'The clock of the votes is not the one they were counted by.',
  'CheckpointUnorderedInsertion()': 'Votes cannot be written for a time before the last record.',
  'VotesExpiredSignature(uint256 expiry)': 'The signed delegation ended at {expiry:time}. Sign a new one.',
  'InvalidAccountNonce(address account, uint256 currentNonce)':
    'The signature of {account} was used already, or is not its next: {currentNonce} is due.',
  'ERC721IncorrectOwner(address sender, uint256 tokenId, address owner)':
    'Number {tokenId} belongs to {owner}, not to {sender}.',
  'ERC721InsufficientApproval(address operator, uint256 tokenId)': '{operator} may not move number {tokenId}.',
  'ERC721InvalidApprover(address approver)': '{approver} may not give others power over this.',
  'ERC721InvalidOperator(address operator)': '{operator} cannot be given power over this.',
  'ERC721InvalidOwner(address owner)': '{owner} cannot own anything.',
  'ERC721InvalidReceiver(address receiver)': '{receiver} cannot receive this: it is a contract that does not take it.',
  'ERC721InvalidSender(address sender)': '{sender} cannot send this.',
  'ERC721NonexistentToken(uint256 tokenId)': 'Number {tokenId} does not exist.',
  'AccessControlBadConfirmation()': 'A role can only be laid down by who holds it.',
  'AccessControlUnauthorizedAccount(address account, bytes32 neededRole)': '{account} lacks the role {neededRole}.',
  'AccessManagedInvalidAuthority(address authority)': '{authority} cannot rule over this contract: it has no code.',
  'AccessManagedRequiredDelay(address caller, uint32 delay)':
    '{caller} must announce this call {delay:seconds} before it is made.',
  'AccessManagedUnauthorized(address caller)': '{caller} lacks the role for this. Governance decides who has it.',
  'AccessManagerAlreadyScheduled(bytes32 operationId)': 'The operation {operationId} is announced already.',
  'AccessManagerBadConfirmation()': 'A role can only be laid down by who holds it.',
  'AccessManagerExpired(bytes32 operationId)': 'The announced operation {operationId} was not made in time.',
  'AccessManagerInvalidInitialAdmin(address initialAdmin)': '{initialAdmin} cannot be the first admin.',
  'AccessManagerLockedFunction(bytes4 selector)': 'Who may call {selector} cannot be changed.',
  'AccessManagerLockedRole(uint64 roleId)': 'Role {roleId} cannot be changed.',
  'AccessManagerNotReady(bytes32 operationId)': 'The announced operation {operationId} still has to wait.',
  'AccessManagerNotScheduled(bytes32 operationId)': 'The operation {operationId} was not announced.',
  'AccessManagerUnauthorizedAccount(address msgsender, uint64 roleId)': '{msgsender} lacks role {roleId}.',
  'AccessManagerUnauthorizedCall(address caller, address target, bytes4 selector)':
    '{caller} may not call {selector} of {target}.',
  'AccessManagerUnauthorizedCancel(address msgsender, address caller, address target, bytes4 selector)':
    '{msgsender} may not cancel what {caller} announced: {selector} of {target}.',
  'AccessManagerUnauthorizedConsume(address target)': '{target} does not use announced operations.',
  'OwnableInvalidOwner(address owner)': '{owner} cannot own this.',
  'OwnableUnauthorizedAccount(address account)': 'This belongs to another account than {account}.',
  'GovernorAlreadyCastVote(address voter)': '{voter} has voted on this already.',
  'GovernorAlreadyQueuedProposal(uint256 proposalId)': 'Proposal {proposalId} waits in the Timelock already.',
  'GovernorDisabledDeposit()': 'The governor keeps nothing; send it to the Timelock.',
  'GovernorInsufficientProposerVotes(address proposer, uint256 votes, uint256 threshold)':
    '{proposer} carries {votes:open} of votes; a proposal needs {threshold:open}.',
  'GovernorInvalidProposalLength(uint256 targets, uint256 calldatas, uint256 values)':
    'A proposal needs as many targets ({targets}) as calls ({calldatas}) and values ({values}), and at least one.',
  'GovernorInvalidQuorumFraction(uint256 quorumNumerator, uint256 quorumDenominator)':
    'A quorum of {quorumNumerator} in {quorumDenominator} is impossible.',
  'GovernorInvalidSignature(address voter)': 'The ballot was not signed by {voter}.',
  'GovernorInvalidVoteParams()': 'This vote takes no parameters.',
  'GovernorInvalidVoteType()': 'A vote is against, for or abstain.',
  'GovernorInvalidVotingPeriod(uint256 votingPeriod)': 'A voting period of {votingPeriod:seconds} is impossible.',
  'GovernorNonexistentProposal(uint256 proposalId)': 'There is no proposal {proposalId}.',
  'GovernorOnlyExecutor(address account)': 'Only the Timelock may do this, not {account}.',
  'GovernorPreventLateQuorumVoteExtensionTooLarge(uint256 newVoteExtension, uint256 maxVoteExtension)':
    'A vote can be lengthened by {maxVoteExtension:seconds} at most, not by {newVoteExtension:seconds}.',
  'GovernorProposalQueueingFailed(uint256 proposalId)': 'Proposal {proposalId} could not be put into the Timelock.',
  'GovernorProposalQueueingNotRequired(uint256 proposalId)': 'Proposal {proposalId} need not wait in the Timelock.',
  'GovernorRestrictedProposer(address proposer)': '{proposer} may not propose this: its text names someone else.',
  'GovernorUnableToCancel(uint256 proposalId, address account)': '{account} may not cancel proposal {proposalId}.',
  'GovernorUnexpectedProposalState(uint256 proposalId, uint8 current, bytes32 expectedStates)':
    'Proposal {proposalId} is {current:proposal}; this asks for another state of it.',
  'TimelockInsufficientDelay(uint256 delay, uint256 minDelay)':
    'The Timelock waits {minDelay:seconds} at least, not {delay:seconds}.',
  'TimelockInvalidOperationLength(uint256 targets, uint256 payloads, uint256 values)':
    'An operation needs as many targets ({targets}) as calls ({payloads}) and values ({values}).',
  'TimelockUnauthorizedCaller(address caller)': 'Only the Timelock itself may do this, not {caller}.',
  'TimelockUnexecutedPredecessor(bytes32 predecessorId)': 'Operation {predecessorId} has to be executed before this.',
  'TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates)':
    'The Timelock is not ready for operation {operationId}: its wait is not over, or it is done or unknown.',
  'ReentrancyGuardReentrantCall()': 'The contract was called again from within its own call.',
  'SafeERC20FailedOperation(address token)': 'The token {token} refused the transfer.',
  'SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)': '{value} is too large: at most {bits} bits fit.',
  'ECDSAInvalidSignature()': 'The signature is not one.',
  'ECDSAInvalidSignatureLength(uint256 length)': 'The signature has {length} bytes, which is not the length of one.',
  'ECDSAInvalidSignatureS(bytes32 s)': 'The signature is not in its one accepted form (its s is {s}).',
  'AddressEmptyCode(address target)': 'There is no contract at {target}.',
  'FailedDeployment()': 'The address for payments could not be set up.',
  'FailedCall()': 'A call that the contract made failed and gave no reason.',
  'InsufficientBalance(uint256 balance, uint256 needed)': 'The contract holds {balance:eth}; {needed:eth} are needed.',
  'InvalidShortString()': 'A text is damaged.',
  'StringTooLong(string str)': 'The text "{str}" is too long.',
  'AccountUnauthorized(address sender)': 'Only the account itself may run a batch, not {sender}.',
  'ERC7579DecodingError()': 'The batch is malformed.',
  'ERC7579UnsupportedExecType(bytes1 execType)': 'Batches of the kind {execType} are not supported.',
  'UnsupportedExecutionMode()': 'Batches in this mode are not supported.',
  'OutOfRangeAccess()': 'The batch refers to something outside itself.',
};
